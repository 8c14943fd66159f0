"""A derivative of a smooth function, from the same jets."""

from __future__ import annotations

from math import perm

from backproof.numerics.enclosures.functions.smooth import Jets, Smooth
from backproof.numerics.enclosures.rounding import Array, U


class Derivative(Smooth):
    """g⁽ⁿ⁾, whose k-th coefficient is (k + n)!/k! times the (k + n)-th of g."""

    def __init__(self, function: Smooth, times: int) -> None:
        self.function, self.times = function, times
        self.symbol = function.symbol

    def jets(self, z: Array, degree: int) -> Jets:
        n = self.times
        values, slack = self.function.jets(z, degree + n)
        scaled = [value * float(perm(k + n, n)) for k, value in enumerate(values[n:])]
        return scaled, slack * (float(perm(degree + n, n)) * (1 + 8 * U))

    def bound(self, z: Array, radius: Array, order: int) -> Array:
        n = self.times
        return self.function.bound(z, radius, order + n) * (float(perm(order + n, n)) * (1 + 8 * U))
