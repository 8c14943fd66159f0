"""What a smooth function must tell: its Taylor coefficients and a bound of a derivative.

The rule of composition is the same for all of them (`backproof.numerics.enclosures.composition`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.rounding import TINY, Array, U

Jets = tuple[list[Array], Array]


@dataclass(frozen=True, slots=True)
class Saturation:
    """|g(z) − left| ≤ error for z ≤ −reach, and |g(z) − right| ≤ error for z ≥ reach.

    Both limits are at most one in size, which is what sums of them count on.
    """

    reach: float
    left: float
    right: float
    error: float


class Smooth(ABC):
    """A function g of one real variable, analytic on an interval.

    ``symbol`` is the SymPy function that it encloses; ``saturation`` its limits, where it has
    them; ``singular`` says whether derivatives are unbounded near points where g is not.
    """

    symbol: type[sp.Function]
    saturation: Saturation | None = None
    singular = False

    @abstractmethod
    def jets(self, z: Array, degree: int) -> Jets:
        """g⁽ᵏ⁾(z)/k! for k = 0 … degree, and one bound for all of them,

            slack ≥ |computed − true| + (k + 3) u |g⁽ᵏ⁾(z)/k!|,

        the second part being what powers of the argument lose.  Infinite where g is not defined.
        """

    @abstractmethod
    def bound(self, z: Array, radius: Array, order: int) -> Array:
        """An upper bound of |g⁽ᵏ⁾(ζ)|/k! over |ζ − z| ≤ radius, for k = order ≥ 1."""

    def hull(self, low: Array, high: Array) -> tuple[Array, Array] | None:
        """Bounds of g over [low, high], where they are cheap; `None` where they are not."""
        return None


def monotone(values: tuple[Array, Array], accuracy: float) -> tuple[Array, Array]:
    """Bounds from the two ends of an increasing function that is computed to some accuracy."""
    low, high = values
    return low - accuracy * np.abs(low) - TINY, high + accuracy * np.abs(high) + TINY


def nearest(z: Array, radius: Array) -> Array:
    """The least |ζ| with |ζ − z| ≤ radius, rounded down."""
    return np.maximum(np.abs(z) * (1 - 4 * U) - radius * (1 + 4 * U), 0.0)
