"""Signed measures on the line with densities: polynomials on intervals, and atoms.

    μ = Σ m_i δ_{x_i} + Σ p_j(x) 1[a_j < x < b_j] dx,     all numbers rational

F(t) = μ(t, ∞) is a polynomial between neighbouring ends and atoms, of degree at most one more than
the densities'. So if μ ≠ 0 some F(s) ≠ 0 is found among finitely many s, exactly; and as
|σ(u) − 1[u > 0]| ≤ e^{−|u|},

    |∫ σ(λ(x − s)) dμ − F(s)| ≤ Σ |m_i| e^{−λ|x_i − s|} + 2 sup|p|/λ,

which is at most |F(s)|/2 once λ is large.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath

from backproof.numerics.universality.measures import Separated
from backproof.theory.errors import BackproofError

Coefficients = tuple[Fraction, ...]
STRIPS = 512  # of each piece, for an integral that is enclosed


@dataclass(frozen=True)
class Piece:
    """The density Σ c_k x^k on (low, high)."""

    low: Fraction
    high: Fraction
    coefficients: Coefficients

    @classmethod
    def of(cls, low: Any, high: Any, coefficients: Sequence[Any]) -> Piece:
        """From numbers that are rational."""
        piece = cls(Fraction(low), Fraction(high), tuple(map(Fraction, coefficients)))
        if not piece.low < piece.high:
            raise BackproofError("a density", f"({low}, {high})", "low < high", "swap the ends")
        return piece

    def mass(self, above: Fraction) -> Fraction:
        """∫ of the density over what lies above a place."""
        low = max(self.low, above)
        if low >= self.high:
            return Fraction(0)
        terms = enumerate(self.coefficients, 1)
        return sum((c * (self.high**k - low**k) / k for k, c in terms), Fraction(0))

    def size(self, derivative: int = 0) -> Fraction:
        """A bound of the density or of a derivative of it."""
        reach = max(abs(self.low), abs(self.high))
        found = Fraction(0)
        for k, c in enumerate(self.coefficients):
            if k >= derivative:
                falling = Fraction(1)
                for i in range(derivative):
                    falling *= k - i
                found += abs(c) * falling * reach ** (k - derivative)
        return found


@dataclass(frozen=True)
class LineMeasure:
    """Atoms apart from each other and densities on disjoint intervals, none of them zero.

    >>> half = Piece.of(0, 1, [1])
    >>> LineMeasure.of([(0, 1)], [half, Piece.of(0, 1, [-1])])
    LineMeasure(atoms=((Fraction(0, 1), Fraction(1, 1)),), pieces=())
    """

    atoms: tuple[tuple[Fraction, Fraction], ...]
    pieces: tuple[Piece, ...]

    @classmethod
    def of(cls, atoms: Sequence[tuple[Any, Any]], pieces: Sequence[Piece]) -> LineMeasure:
        """Equal places are joined and overlapping densities added; what cancels is left out."""
        masses: dict[Fraction, Fraction] = {}
        for place, mass in atoms:
            masses[Fraction(place)] = masses.get(Fraction(place), Fraction(0)) + Fraction(mass)
        cuts = sorted({end for piece in pieces for end in (piece.low, piece.high)})
        longest = max((len(piece.coefficients) for piece in pieces), default=0)
        found = []
        for low, high in itertools.pairwise(cuts):
            over = [p.coefficients for p in pieces if p.low <= low and high <= p.high]
            total = tuple(
                sum((c[k] for c in over if k < len(c)), Fraction(0)) for k in range(longest)
            )
            if any(total):
                found.append(Piece(low, high, total))
        return cls(tuple((x, m) for x, m in sorted(masses.items()) if m), tuple(found))

    @property
    def is_zero(self) -> bool:
        """Whether nothing is left, exactly."""
        return not self.atoms and not self.pieces

    def above(self, place: Fraction) -> Fraction:
        """F(t) = μ(t, ∞)."""
        atoms = sum((m for x, m in self.atoms if x > place), Fraction(0))
        return atoms + sum((piece.mass(place) for piece in self.pieces), Fraction(0))

    @property
    def cuts(self) -> tuple[Fraction, ...]:
        """Places between which F is a polynomial."""
        ends = {end for piece in self.pieces for end in (piece.low, piece.high)}
        return tuple(sorted(ends | {x for x, _ in self.atoms}))

    def integral(self, weight: Any, bias: Any) -> tuple[float, float]:
        """Bounds of ∫ σ(w x + b) dμ: atoms in interval arithmetic, densities by midpoints.

        On a strip of width d, ∫ g = d g(m) + d³/24 g″ somewhere, with g = p σ(w x + b) and
        |g″| ≤ |p″| + |w| |p′|/2 + w² √3/18 |p|.
        """
        w, b = Fraction(weight), Fraction(bias)
        iv = mpmath.iv
        before, iv.prec = iv.prec, 100
        try:
            total = iv.mpf(0)
            for place, mass in self.atoms:
                total += _interval(mass) * _unit(w * place + b)
            for piece in self.pieces:
                width = (piece.high - piece.low) / STRIPS
                bend = piece.size(2) + abs(w) * piece.size(1) / 2 + w * w * piece.size() / 10
                slack = _interval(width**3 * bend * STRIPS / 24)
                strips = iv.mpf(0)
                for n in range(STRIPS):
                    x = piece.low + width * (2 * n + 1) / 2
                    p = sum((c * x**k for k, c in enumerate(piece.coefficients)), Fraction(0))
                    strips += _interval(p) * _unit(w * x + b)
                total += strips * _interval(width) + iv.mpf([-1, 1]) * slack
            return _outward(total)
        finally:
            iv.prec = before


def separate_line(measure: LineMeasure) -> Separated:
    """Construct (w, b) for the logistic function, or certify that the measure is zero.

    >>> found = separate_line(LineMeasure.of([("1/2", -1)], [Piece.of(0, 1, [1])]))
    >>> found.low > 0 or found.high < 0
    True
    """
    if measure.is_zero:
        return Separated("μ = 0", frozenset({"exact"}))
    place, mass = seen_from(measure)
    steep, iv = Fraction(1), mpmath.iv
    while _rest(measure, place, steep) > abs(mass) / 2:
        steep *= 2
    before, iv.prec = iv.prec, 100
    try:
        rest = _interval(_rest(measure, place, steep))
        low, high = _outward(_interval(mass) + iv.mpf([-1, 1]) * rest)
    finally:
        iv.prec = before
    assert low > 0 or high < 0
    grounds = frozenset({"derived", "enclosed"})
    bias = -steep * place
    return Separated("∫ σ(w·x + b) dμ ≠ 0", grounds, (), (steep,), bias, low, high, mass)


def seen_from(measure: LineMeasure) -> tuple[Fraction, Fraction]:
    """A place s without an atom and F(s) ≠ 0, the largest of those that are tried.

    Between two cuts F has at most one zero more than its degree unless it is zero; left of all
    cuts it is the total mass. A measure for which all these vanish is zero.
    """
    cuts = measure.cuts
    degree = max((len(piece.coefficients) for piece in measure.pieces), default=0)
    places = [cuts[0] - 1]
    for low, high in itertools.pairwise(cuts):
        places += [low + (high - low) * Fraction(n, degree + 2) for n in range(1, degree + 2)]
    best = max(places, key=lambda s: abs(measure.above(s)))
    mass = measure.above(best)
    assert mass != 0
    return best, mass


def _rest(measure: LineMeasure, place: Fraction, steep: Fraction) -> Fraction:
    """A bound of |∫ σ(λ(x − s)) dμ − F(s)|, rational: e^{−u} ≤ 2^{−⌊u⌋}."""
    halvings = (int(steep * abs(x - place)) for x, _ in measure.atoms)
    atoms = sum(
        (abs(m) / 2**n for (_, m), n in zip(measure.atoms, halvings, strict=True)), Fraction(0)
    )
    density = max((piece.size() for piece in measure.pieces), default=Fraction(0))
    return atoms + 2 * density / steep


def _interval(x: Fraction) -> Any:
    return mpmath.iv.mpf(x.numerator) / x.denominator


def _unit(z: Fraction) -> Any:
    """σ(z), enclosed."""
    return 1 / (1 + mpmath.iv.exp(_interval(-z)))


def _outward(value: Any) -> tuple[float, float]:
    """The ends as float64, rounded outwards."""
    low, high = float(value.a), float(value.b)
    return low - abs(low) * 2.0**-50, high + abs(high) * 2.0**-50
