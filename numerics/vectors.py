"""Functions of every entry as chains of calls that NumPy runs over vectors of the processor.

    softplus   log(1 + e^z) = max(z, 0) + log(1 + exp(−|z|))
    sigmoid    1/(1 + e^(−z)) = exp(min(z, 0)) / (1 + exp(−|z|))

Without overflow, and of the same relative accuracy in both tails: the exponential is at most one,
and what is added to one is never negative.  Each is made for zeros of the shape of its arguments
and called with z, the target, which may be z itself, and a scratch array.  The `brief` ones call
libm for every entry, which costs less where entries are few.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import special

Array = np.ndarray[Any, Any]
Function = Callable[[Array, Array, Array], None]


def softplus(zeros: Array) -> Function:
    """log(1 + e^z), for arrays of the shape of ``zeros``.

    >>> z, s = np.array([-1000.0, 0.0, 1000.0]), np.empty(3)
    >>> softplus(np.zeros(3))(z, z, s)
    >>> z.tolist()
    [0.0, 0.6931471805599453, 1000.0]
    """

    def run(z: Array, target: Array, scratch: Array) -> None:
        np.maximum(z, zeros, out=scratch)
        np.abs(z, target)
        np.negative(target, target)
        np.exp(target, target)
        np.log1p(target, target)
        np.add(target, scratch, target)

    return run


def sigmoid(zeros: Array) -> Function:
    """1/(1 + e^(−z)), for arrays of the shape of ``zeros``.

    >>> z, s = np.array([-1000.0, 0.0, 1000.0]), np.empty(3)
    >>> sigmoid(np.zeros(3))(z, z, s)
    >>> z.tolist()
    [0.0, 0.5, 1.0]
    """
    one = np.ones((), zeros.dtype)

    def run(z: Array, target: Array, scratch: Array) -> None:
        np.abs(z, scratch)
        np.negative(scratch, scratch)
        np.exp(scratch, scratch)
        np.add(scratch, one, scratch)
        np.minimum(z, zeros, out=target)
        np.exp(target, target)
        np.divide(target, scratch, target)

    return run


def brief_softplus(z: Array, target: Array, scratch: Array) -> None:
    """log(1 + e^z), an entry at a time."""
    np.logaddexp(0, z, target)


def brief_sigmoid(z: Array, target: Array, scratch: Array) -> None:
    """1/(1 + e^(−z)), an entry at a time."""
    special.expit(z, target)
