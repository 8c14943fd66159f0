"""Real powers z^p of positive numbers; negative whole powers of negative numbers too."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.functions.smooth import Jets, Smooth, monotone, nearest
from backproof.numerics.enclosures.rounding import LIBM, Array, U


class Power(Smooth):
    """z^p for a rational p that is no natural number, with derivatives p(p−1)⋯(p−k+1) z^{p−k}.

    At zero a positive power has only its hull; a negative one is unbounded.
    """

    symbol = sp.Pow
    singular = True

    def __init__(self, exponent: sp.Rational) -> None:
        self.exponent = exponent

    @cached_property
    def _whole(self) -> bool:
        return bool(self.exponent.is_Integer)

    def _binomial(self, k: int) -> float:
        return float(sp.binomial(self.exponent, k))

    def _power(self, base: Array, k: int) -> Array:
        """base^(p − k) for positive base."""
        return np.power(base, float(self.exponent - k))

    def jets(self, z: Array, degree: int) -> Jets:
        base = np.abs(z) if self._whole else z
        base = np.where(base > 0, base, np.nan)
        values = [self._power(base, k) * self._binomial(k) for k in range(degree + 1)]
        if self._whole:
            values = [
                np.where(z < 0, value * (-1.0) ** int(self.exponent - k), value)
                for k, value in enumerate(values)
            ]
        # An exponent that is not a binary number is itself rounded: a factor 1 + p u log z.
        relative = (
            LIBM
            + (2 * degree + 12) * U
            + 4 * U * np.abs(np.log(base)) * (abs(float(self.exponent)) + degree)
        )
        slack = np.maximum.reduce([np.abs(value) for value in values])
        return values, slack * 2 * relative

    def bound(self, z: Array, radius: Array, order: int) -> Array:
        low = nearest(z, radius) if self._whole else z * (1 - 4 * U) - radius * (1 + 4 * U)
        low = np.where(low > 0, low, np.nan)
        far = np.abs(z) * (1 + 4 * U) + radius * (1 + 4 * U)
        end = low if self.exponent < order else far
        size = self._power(end, order) * abs(self._binomial(order)) * (1 + 64 * LIBM)
        return np.where(np.isnan(low), np.inf, size)

    def hull(self, low: Array, high: Array) -> tuple[Array, Array] | None:
        if self._whole:
            return None
        high = np.where(high >= 0, high, np.nan)
        ends = (
            np.power(np.maximum(low, 0), float(self.exponent)),
            np.power(high, float(self.exponent)),
        )
        accuracy = 64 * LIBM
        return monotone(ends if self.exponent > 0 else ends[::-1], accuracy)
