"""The exponential function."""

from __future__ import annotations

from math import factorial

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.functions.smooth import Jets, Smooth, monotone
from backproof.numerics.enclosures.rounding import LIBM, Array, U


class Exponential(Smooth):
    """e^z, its own derivative."""

    symbol = sp.exp

    def jets(self, z: Array, degree: int) -> Jets:
        value = np.exp(z)
        values = [value, *(value * (1 / factorial(k)) for k in range(1, degree + 1))]
        return values, value * (LIBM + 8 * U)

    def bound(self, z: Array, radius: Array, order: int) -> Array:
        highest = z + radius * (1 + 4 * U) + 4 * U * np.abs(z)
        return np.exp(highest) * ((1 + 2 * LIBM) / factorial(order))

    def hull(self, low: Array, high: Array) -> tuple[Array, Array]:
        return monotone((np.exp(low), np.exp(high)), 2 * LIBM)
