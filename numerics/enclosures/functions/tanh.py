"""The hyperbolic tangent: tanh z = 2 σ(2z) − 1."""

from __future__ import annotations

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.functions.sigmoid import Sigmoid
from backproof.numerics.enclosures.functions.smooth import Jets, Saturation, Smooth
from backproof.numerics.enclosures.rounding import LIBM, Array, U

SIGMA = Sigmoid()


class Tanh(Smooth):
    """tanh z, its derivatives those of 2 σ(2z)."""

    symbol = sp.tanh
    saturation = Saturation(20.0, -1.0, 1.0, 1e-17)  # 2 e⁻⁴⁰ < 8.6e−18

    def jets(self, z: Array, degree: int) -> Jets:
        values, slack = SIGMA.jets(2 * z, degree)
        scaled = [value * 2.0 ** (k + 1) for k, value in enumerate(values)]
        scaled[0] = np.tanh(z)
        return scaled, slack * 2.0 ** (degree + 1) + LIBM + 4 * U

    def bound(self, z: Array, radius: Array, order: int) -> Array:
        return SIGMA.bound(2 * z, 2 * radius, order) * 2.0 ** (order + 1)
