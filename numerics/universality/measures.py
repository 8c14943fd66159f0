"""Finite signed measures: (w, b) with ∫ σ(w·x + b) dμ ≠ 0, or a certificate that μ = 0.

The proof of universality shows that such (w, b) exist; here they are constructed, along the lines
of the proof, for measures with finitely many atoms (`line_measures` and `mixtures` add densities).

1. Projection: a direction a in which the atoms keep distinct places a·x_i. Finitely many
   hyperplanes are to be avoided, and among the powers (1, t, t², …) some integer t avoids them.
2. One dimension: the atoms in order, and the first one of non-zero weight from the right, say at
   s with weight m. All others lie at s − gap or to the left.
3. Steepening: σ(λ(a·x − s) + φ) tends to σ(φ) at s and to 0 to its left, so that the integral
   tends to m σ(φ), which is not zero. A λ for which the rest is smaller than half of that is
   found from the gap, and the value is enclosed in interval arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath

from backproof.theory.claims import Claim
from backproof.theory.errors import BackproofError

Point = tuple[Fraction, ...]


@dataclass(frozen=True)
class SignedMeasure:
    """μ = Σ m_i δ_{x_i}: rational points and weights; equal points are joined, zeros left out.

    >>> SignedMeasure.of([((0, 0), 1), ((1, 2), -1), ((0, 0), -1)]).atoms
    (((Fraction(1, 1), Fraction(2, 1)), Fraction(-1, 1)),)
    """

    atoms: tuple[tuple[Point, Fraction], ...]

    @classmethod
    def of(cls, atoms: Sequence[tuple[Any, Any]]) -> SignedMeasure:
        """From pairs of a point (a number or a sequence) and a weight."""
        joined: dict[Point, Fraction] = {}
        for place, weight in atoms:
            listed = place if isinstance(place, Sequence) else (place,)
            point = tuple(Fraction(x) for x in listed)
            joined[point] = joined.get(point, Fraction(0)) + Fraction(weight)
        if len({len(point) for point in joined}) > 1:
            raise BackproofError(
                "SignedMeasure", "points of several dimensions", "one", "mend them"
            )
        return cls(tuple((p, m) for p, m in sorted(joined.items()) if m))

    def projected(self, a: Point) -> SignedMeasure:
        """μ_a(B) = μ{x : a·x ∈ B}."""
        return SignedMeasure.of([(dot(a, p), m) for p, m in self.atoms])

    def fourier(self, xi: Sequence[Any]) -> mpmath.mpc:
        """∫ e^{−iξ·x} dμ at mpmath's precision."""
        return mpmath.fsum(
            _mpf(m)
            * mpmath.expj(
                -mpmath.fdot((mpmath.mpf(k), _mpf(x)) for k, x in zip(xi, p, strict=True))
            )
            for p, m in self.atoms
        )


@dataclass(frozen=True)
class Separated(Claim):
    """``low`` ≤ ∫ σ(w·x + b) dμ ≤ ``high`` with zero outside; or μ = 0 (``weights`` is `None`).

    ``limit`` is what the integral tends to as the unit gets steeper; the unit is steep enough for
    at least half of it.
    """

    weights: Point | None = None
    bias: Fraction = Fraction(0)
    low: float = 0.0
    high: float = 0.0
    limit: Fraction = Fraction(0)


def dot(a: Point, x: Point) -> Fraction:
    """a·x."""
    return sum((s * t for s, t in zip(a, x, strict=True)), Fraction(0))


def _mpf(x: Fraction) -> mpmath.mpf:
    return mpmath.mpf(x.numerator) / x.denominator


def separating_direction(points: Sequence[Point]) -> Point:
    """A direction in which different points have different places.

    (1, t, t², …)·(x − y) is a polynomial in t that is not zero, of degree below d; so of the
    integers 0, 1, 2, … at most (d − 1) n(n−1)/2 fail.
    """
    dimension = len(points[0])
    t = 0
    while True:
        a = tuple(Fraction(t**k) for k in range(dimension))
        if len({dot(a, p) for p in points}) == len(set(points)):
            return a
        t += 1


def separate(measure: SignedMeasure) -> Separated:
    """Construct (w, b) for the logistic function, or certify that the measure is zero.

    >>> found = separate(SignedMeasure.of([(0, 1), (1, -2), (3, 1)]))
    >>> found.low > 0, found.weights is not None
    (True, True)
    >>> separate(SignedMeasure.of([(0, 1), (0, -1)])).statement
    'μ = 0'
    """
    if not measure.atoms:
        return Separated("μ = 0", frozenset({"exact"}))
    a = separating_direction([p for p, _ in measure.atoms])
    line = measure.projected(a).atoms
    (last,), mass = line[-1]
    others = line[:-1]
    total = sum((abs(m) for _, m in others), Fraction(0))
    steep = Fraction(1)
    if others:
        gap = last - others[-1][0][0]
        # Σ|m_i| σ(−λ gap) ≤ Σ|m_i| e^{−λ gap} ≤ |m| σ(0)/2, so λ gap ≥ log(4 Σ|m_i|/|m|).
        needed = mpmath.log(4 * _mpf(total) / abs(_mpf(mass)))
        steep = Fraction(max(1, int(mpmath.ceil((abs(needed) + 1) / _mpf(gap)))))
    weights = tuple(steep * s for s in a)
    bias = -steep * last
    low, high = integral(measure, weights, bias)
    assert low > 0 or high < 0
    grounds = frozenset({"derived", "enclosed"})
    limit = mass / 2  # m σ(0)
    return Separated("∫ σ(w·x + b) dμ ≠ 0", grounds, (), weights, bias, low, high, limit)


def integral(measure: SignedMeasure, weights: Point, bias: Fraction) -> tuple[float, float]:
    """Bounds of ∫ σ(w·x + b) dμ in mpmath's interval arithmetic, at 100 bits."""
    iv = mpmath.iv
    before, iv.prec = iv.prec, 100
    try:
        total = iv.mpf(0)
        for point, mass in measure.atoms:
            z = dot(weights, point) + bias
            argument = iv.mpf(-z.numerator) / z.denominator
            total += iv.mpf(mass.numerator) / mass.denominator / (1 + iv.exp(argument))
        ends = float(total.a), float(total.b)
    finally:
        iv.prec = before
    return ends[0] - abs(ends[0]) * 2.0**-50, ends[1] + abs(ends[1]) * 2.0**-50
