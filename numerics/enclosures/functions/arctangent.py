"""The inverse tangent."""

from __future__ import annotations

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.functions.smooth import Jets, Smooth, nearest
from backproof.numerics.enclosures.rounding import LIBM, Array, U


class Arctangent(Smooth):
    """atan z = Im log(1 + iz), so the k-th coefficient is Im[−(−i/(1 + iz))ᵏ/k].

    Its size is at most (1 + z²)^{−k/2}/k.
    """

    symbol = sp.atan

    def jets(self, z: Array, degree: int) -> Jets:
        values = [np.arctan(z)]
        turn = -1j / (1 + 1j * z)
        power = np.ones_like(turn)
        for k in range(1, degree + 1):
            power = power * turn
            values.append(-power.imag / k)
        return values, np.array(2 * LIBM + (12 * degree + 16) * U)

    def bound(self, z: Array, radius: Array, order: int) -> Array:
        near = nearest(z, radius)
        return (1 + near * near) ** (-order / 2) * ((1 + 2 * LIBM) / order)
