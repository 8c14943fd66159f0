"""The variance of gradients over all parities, by visiting every parity and every corner.

Reference: `backproof.theory.complexity.orthonormal`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backproof.theory.complexity.orthonormal import corners
from backproof.theory.errors import BackproofError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class GradientVariance:
    """Var over all parities by enumeration, its bound, and the sharper closed form."""

    enumerated: float
    bound: float
    sharp: float


def walsh(values: Array) -> Array:
    """E[χ_S g] for every S, for values g of shape (2^d, k) on the corners in `corners`' order.

    The butterfly of Walsh and Hadamard: one addition and one subtraction for each axis.
    """
    d = int(np.log2(len(values)))
    whole = values.reshape((2,) * d + (-1,))
    for axis in range(d):
        plus, minus = np.take(whole, 0, axis), np.take(whole, 1, axis)
        whole = np.stack([plus + minus, plus - minus], axis) / 2
    return whole.reshape(values.shape)


def gradient_variance(jacobian: Array) -> GradientVariance:
    """From ∂p/∂w at every corner of {±1}^d, shape (2^d, k), in the order of `corners`.

    Var_h ∇ E ½(p − h)² = mean ‖ĝ‖² − ‖mean ĝ‖² ≤ E‖∂p/∂w‖²/2^d
    """
    size = len(jacobian)
    if jacobian.ndim != 2 or size & (size - 1) or not size:
        raise BackproofError(
            "jacobian", f"shape {jacobian.shape}", "(2^d, k)", "give a row for each corner"
        )
    hats = walsh(jacobian)
    variance = float(np.mean(np.sum((hats - hats.mean(0)) ** 2, axis=1)))
    bound = float(np.mean(np.sum(jacobian**2, axis=1))) / size
    return GradientVariance(variance, bound, bound - float(np.sum(jacobian[0] ** 2)) / size**2)


def tanh_unit(w: Array) -> GradientVariance:
    """For the predictor p = tanh(w·x), whose gradient is (1 − p²) x.

    >>> found = tanh_unit(np.random.default_rng(3).normal(size=3))
    >>> round(found.enumerated, 12), round(found.bound, 12)
    (0.066218695252, 0.112227472361)
    """
    x = np.array(corners(len(w)), float)
    return gradient_variance((1 - np.tanh(x @ w) ** 2)[:, None] * x)
