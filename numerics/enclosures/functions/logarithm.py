"""The natural logarithm, on the positive numbers."""

from __future__ import annotations

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.functions.smooth import Jets, Smooth, monotone
from backproof.numerics.enclosures.rounding import LIBM, Array, U


class Logarithm(Smooth):
    """log z, with derivatives (−1)^{k−1} (k−1)! z^{−k}."""

    symbol = sp.log
    singular = True

    def jets(self, z: Array, degree: int) -> Jets:
        inside = np.where(z > 0, z, np.nan)
        values = [np.log(inside)]
        inverse = 1 / inside
        power = np.ones_like(inside)
        for k in range(1, degree + 1):
            power = power * inverse
            values.append(power * ((-1) ** (k - 1) / k))
        slack = np.maximum(np.abs(values[0]), np.maximum(inverse, inverse ** max(degree, 1)))
        return values, slack * (LIBM + (4 * degree + 8) * U)

    def bound(self, z: Array, radius: Array, order: int) -> Array:
        lowest = z * (1 - 4 * U) - radius * (1 + 4 * U)
        return np.where(lowest > 0, lowest ** (-order) / order * (1 + LIBM), np.inf)

    def hull(self, low: Array, high: Array) -> tuple[Array, Array]:
        ends = np.log(np.maximum(low, 0)), np.log(np.where(high > 0, high, np.nan))
        return monotone(ends, 2 * LIBM)
