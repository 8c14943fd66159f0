"""The error function, erf z = (2/√π) ∫₀^z e^{−t²} dt."""

from __future__ import annotations

from math import factorial, pi, sqrt

import numpy as np
import sympy as sp
from scipy import special

from backproof.numerics.enclosures.functions.smooth import (
    Jets,
    Saturation,
    Smooth,
    nearest,
)
from backproof.numerics.enclosures.rounding import LIBM, Array, U


class ErrorFunction(Smooth):
    """erf⁽ᵏ⁾(z) = (2/√π) (−1)^{k−1} H_{k−1}(z) e^{−z²} with Hermite's polynomials.

    |H_n(z)| e^{−z²/2} ≤ 1.0865 √(2ⁿ n!) (Cramér; Abramowitz and Stegun 22.14.17).
    """

    symbol = sp.erf
    saturation = Saturation(6.5, -1.0, 1.0, 1e-18)  # erfc(6.5) < 3.9e−20

    def jets(self, z: Array, degree: int) -> Jets:
        values = [special.erf(z)]
        weight = np.exp(-z * z) * (2 / sqrt(pi))
        before, hermite, sizes = np.zeros_like(z), np.ones_like(z), [np.ones_like(z)] * 2
        slack = 2 * LIBM + np.zeros_like(z)
        for k in range(1, degree + 1):
            values.append(weight * hermite * ((-1) ** (k - 1) / factorial(k)))
            slack = slack + weight * sizes[-1] * ((LIBM + (6 * k + 12) * U) / factorial(k))
            before, hermite = hermite, 2 * z * hermite - 2 * (k - 1) * before
            sizes.append(2 * np.abs(z) * sizes[-1] + 2 * (k - 1) * sizes[-2])  # Σ|terms of H_k|
        return values, slack

    def bound(self, z: Array, radius: Array, order: int) -> Array:
        n, near = order - 1, nearest(z, radius)
        scale = 2 / sqrt(pi) * 1.0866 * sqrt(2.0**n * factorial(n)) / factorial(order)
        return np.exp(-near * near / 2) * (scale * (1 + 4 * LIBM))
