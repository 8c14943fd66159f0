"""The true derivative of a loss, twice, by programs that share no code with what is compared.

The NumPy source itself is executed on numbers of fifty digits (mpmath) and differenced, and, where
JAX is installed, differentiated by JAX.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import mpmath
import numpy as np
from losses import Loss

DIGITS = 50
STEP = mpmath.mpf(10) ** -15  # a central difference is then good to thirty digits


def differences(loss: Loss, which: int) -> np.ndarray:
    """Central differences (f(x + h) - f(x - h)) / 2h of the source, entry by entry."""
    with mpmath.workdps(DIGITS):
        f = loss.function({"np": _NUMPY, "special": _SPECIAL})
        at = {name: _exactly(number) for name, number in loss.numbers(which).items()}
        slope = np.zeros(np.shape(at[loss.wrt]))
        for place in np.ndindex(*slope.shape):
            values = []
            for step in (STEP, -STEP):
                there = at[loss.wrt].copy()
                there[place] += step
                values.append(f(**{**at, loss.wrt: there}))
            slope[place] = (values[0] - values[1]) / (2 * STEP)
        return slope


def by_jax(loss: Loss, which: int) -> np.ndarray | None:
    """The derivative by JAX in float64, or None where JAX is not installed."""
    try:
        import jax
    except ImportError:
        return None
    jax.config.update("jax_enable_x64", True)
    words = {name: getattr(jax.nn, name) for name in ("logsumexp", "log_softmax", "softmax")}
    f = loss.function({"np": jax.numpy, "special": SimpleNamespace(**words)})
    place = list(loss.shapes).index(loss.wrt)
    return np.asarray(jax.grad(f, argnums=place)(*loss.numbers(which).values()))


def _exactly(number: np.ndarray) -> Any:
    exact = [mpmath.mpf(float(entry)) for entry in number.flat]
    return np.array(exact, dtype=object).reshape(number.shape) if number.ndim else exact[0]


def _entry_by_entry(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def applied(array: Any) -> Any:
        if isinstance(array, np.ndarray):
            return np.vectorize(function, otypes=[object])(array)
        return function(array)

    return applied


def _softmax(array: Any, axis: int) -> Any:
    raised = _NUMPY.exp(array)
    return raised / np.sum(raised, axis=axis, keepdims=True)


def _inverse(array: Any) -> Any:
    return np.array((mpmath.matrix(array.tolist()) ** -1).tolist(), dtype=object)


def _slogdet(array: Any) -> tuple[Any, Any]:
    determinant = mpmath.det(mpmath.matrix(array.tolist()))
    return mpmath.sign(determinant), mpmath.log(abs(determinant))


_NUMPY = SimpleNamespace(
    sum=np.sum,
    mean=np.mean,
    trace=np.trace,
    exp=_entry_by_entry(mpmath.exp),
    log=_entry_by_entry(mpmath.log),
    sqrt=_entry_by_entry(mpmath.sqrt),
    linalg=SimpleNamespace(inv=_inverse, slogdet=_slogdet),
)
_SPECIAL = SimpleNamespace(
    softmax=_softmax,
    log_softmax=lambda array, axis: _NUMPY.log(_softmax(array, axis)),
    logsumexp=lambda array: mpmath.log(np.sum(_NUMPY.exp(array))),
)
