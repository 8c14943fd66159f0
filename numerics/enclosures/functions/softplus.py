"""Softplus: log(1 + e^z), whose derivative is the logistic function."""

from __future__ import annotations

import numpy as np

from backproof.numerics.enclosures.functions.sigmoid import Sigmoid
from backproof.numerics.enclosures.functions.smooth import Jets, Smooth
from backproof.numerics.enclosures.rounding import LIBM, Array, U
from backproof.theory import scalars

SIGMA = Sigmoid()


class Softplus(Smooth):
    """log(1 + e^z) = max(z, 0) + log1p(e^{−|z|})."""

    symbol = scalars.softplus

    def jets(self, z: Array, degree: int) -> Jets:
        value = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
        slopes, slack = SIGMA.jets(z, max(degree - 1, 0))
        values = [value, *(slope / (k + 1) for k, slope in enumerate(slopes[:degree]))]
        return values, slack + (2 * LIBM + 8 * U) * value + 8 * U

    def bound(self, z: Array, radius: Array, order: int) -> Array:
        if order == 1:  # σ is increasing
            highest = z + radius * (1 + 4 * U) + 4 * U * np.abs(z)
            return SIGMA.jets(highest, 0)[0][0] * (1 + 4 * LIBM)
        return SIGMA.bound(z, radius, order - 1) / order * (1 + 2 * U)
