"""Sine and cosine, which are derivatives of each other."""

from __future__ import annotations

from math import factorial

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.functions.smooth import Jets, Smooth
from backproof.numerics.enclosures.rounding import LIBM, Array, U


class Sine(Smooth):
    """sin(z + quarters·π/2): the sine for 0 quarters, the cosine for 1."""

    symbol = sp.sin
    quarters = 0

    def jets(self, z: Array, degree: int) -> Jets:
        sine, cosine = np.sin(z), np.cos(z)
        turn = (sine, cosine, -sine, -cosine)
        values = [turn[(k + self.quarters) % 4] * (1 / factorial(k)) for k in range(degree + 1)]
        return values, np.array(LIBM + 8 * U)

    def bound(self, z: Array, radius: Array, order: int) -> Array:
        return np.full_like(z, (1 + 2 * U) / factorial(order))


class Cosine(Sine):
    """cos z."""

    symbol = sp.cos
    quarters = 1
