"""The judge: a function held against derived equations, at points chosen from the equations.

>>> from backproof.theory.calculus.derivation import derive
>>> from backproof.theory.trace.tracing import trace
>>> g = derive(trace("np.sum(np.tanh(W @ x))", W="m n", x="n"), wrt="W")
>>> import numpy as np
>>> def backward(W, x):
...     h = np.tanh(W @ x)
...     return np.outer(1 - h**2, x)
>>> verify(backward, against=g, seed=0).verdict
'verified'
"""

from backproof.numerics.judge.dispatch import verify
from backproof.numerics.judge.finding import Finding
from backproof.numerics.judge.verification import Verification

__all__ = ["Finding", "Verification", "verify"]
