"""Optimisers that run: every rule of `backproof.theory.optimisers` by its name, and L-BFGS.

>>> from backproof.numerics import optimisers
>>> adam = optimisers.adam(lr=0.1)
>>> for equation in adam.equations: print(equation)
m_new[i] = beta1 m[i] + (1 - beta1) g[i]
v_new[i] = beta2 v[i] + (1 - beta2) g[i]**2
m_hat[i] = m_new[i] / (1 - beta1**t)
v_hat[i] = v_new[i] / (1 - beta2**t)
theta_new[i] = theta[i] - 0.1 m_hat[i] / (sqrt(v_hat[i]) + eps)
"""

from collections.abc import Callable

from backproof.numerics.optimisers.batches import batches
from backproof.numerics.optimisers.history import History
from backproof.numerics.optimisers.lbfgs import LBFGS, lbfgs
from backproof.numerics.optimisers.optimiser import Optimiser, State, maker
from backproof.theory.optimisers import OPTIMISERS

_MAKERS = {rule.name: maker(rule) for rule in OPTIMISERS}


def __getattr__(name: str) -> Callable[..., Optimiser]:
    """The maker of an optimiser: ``optimisers.adam``."""
    if name in _MAKERS:
        return _MAKERS[name]
    raise AttributeError(f"no optimiser {name}; there are {', '.join(_MAKERS)} and lbfgs")


def __dir__() -> list[str]:
    return sorted([*globals(), *_MAKERS])


__all__ = ["LBFGS", "History", "Optimiser", "State", "batches", "lbfgs"]
