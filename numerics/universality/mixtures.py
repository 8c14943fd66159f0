"""Signed measures in d dimensions with constant densities on boxes, and atoms.

The image of a box under x ↦ a·x, all a_i ≠ 0, has the density of a B-spline,

    1/(Π|a_i|) Σ_v ± (t − a·v)_+^{d−1}/(d − 1)!        over the corners v of the box,

so that the projection μ_a is a measure on the line with polynomial pieces, and all is rational.
Its least moment that is not zero is a polynomial in a; so μ_a ≠ 0 for all directions but those of
a closed set without interior, and the enumeration of integer directions, which are dense, ends.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import comb, factorial
from typing import Any

from backproof.numerics.universality.line_measures import LineMeasure, Piece, separate_line
from backproof.numerics.universality.measures import Point, Separated, SignedMeasure, dot
from backproof.theory.errors import BackproofError

Box = tuple[tuple[Fraction, Fraction], ...]


@dataclass(frozen=True)
class Mixture:
    """Σ m_i δ_{x_i} + Σ c_j 1[x ∈ B_j] dx, the boxes disjoint and no part zero."""

    atoms: SignedMeasure
    boxes: tuple[tuple[Box, Fraction], ...]

    @classmethod
    def of(
        cls, atoms: Sequence[tuple[Any, Any]], boxes: Sequence[tuple[Sequence[Any], Any]]
    ) -> Mixture:
        """From pairs of a point and a mass, and of a box ((a_1, b_1), …) and a density.

        >>> square = [(0, 1), (0, 1)]
        >>> Mixture.of([], [(square, 1), (square, -1)]).is_zero
        True
        """
        given = [
            (tuple((Fraction(low), Fraction(high)) for low, high in box), Fraction(density))
            for box, density in boxes
        ]
        joined = SignedMeasure.of(atoms)
        dimensions = {len(box) for box, _ in given} | {len(p) for p, _ in joined.atoms}
        if len(dimensions) > 1 or any(low >= high for box, _ in given for low, high in box):
            found = "boxes that are empty or of several dimensions"
            raise BackproofError("Mixture", found, "a_i < b_i, one dimension", "mend them")
        return cls(joined, tuple(_disjoint(given)))

    @property
    def is_zero(self) -> bool:
        """Whether nothing is left, exactly."""
        return not self.atoms.atoms and not self.boxes

    @property
    def dimension(self) -> int:
        """The number of coordinates; one for the zero measure."""
        places = [len(p) for p, _ in self.atoms.atoms] + [len(box) for box, _ in self.boxes]
        return places[0] if places else 1

    def projected(self, a: Point) -> LineMeasure:
        """μ_a(B) = μ{x : a·x ∈ B}, for a with no entry zero."""
        atoms = [(dot(a, p), m) for p, m in self.atoms.atoms]
        pieces = [piece for box, density in self.boxes for piece in spline(box, a, density)]
        return LineMeasure.of(atoms, pieces)


def _disjoint(boxes: list[tuple[Box, Fraction]]) -> Iterator[tuple[Box, Fraction]]:
    """The cells of the grid of all ends, with the sum of the densities over each."""
    if not boxes:
        return
    axes = range(len(boxes[0][0]))
    cuts = [sorted({end for box, _ in boxes for end in box[i]}) for i in axes]
    for cell in itertools.product(*(itertools.pairwise(ends) for ends in cuts)):
        total = sum(
            (
                density
                for box, density in boxes
                if all(box[i][0] <= cell[i][0] and cell[i][1] <= box[i][1] for i in axes)
            ),
            Fraction(0),
        )
        if total:
            yield tuple(cell), total


def spline(box: Box, a: Point, density: Fraction) -> list[Piece]:
    """The density of a·x over a box, as pieces of its polynomials.

    >>> [piece.coefficients for piece in spline(((0, 1), (0, 1)), (1, 1), Fraction(1))]
    [(Fraction(0, 1), Fraction(1, 1)), (Fraction(2, 1), Fraction(-1, 1))]
    """
    if not all(a):
        raise BackproofError("direction", str(a), "no entry zero", "turn it a little")
    d = len(box)
    ends = [
        sorted((Fraction(s) * low, Fraction(s) * high))
        for s, (low, high) in zip(a, box, strict=True)
    ]
    scale = Fraction(density) / factorial(d - 1)
    for s in a:
        scale /= abs(Fraction(s))
    corners = [
        (sum((ends[i][k] for i, k in enumerate(choice)), Fraction(0)), (-1) ** sum(choice))
        for choice in itertools.product((0, 1), repeat=d)
    ]
    cuts = sorted({place for place, _ in corners})
    pieces = []
    for low, high in itertools.pairwise(cuts):
        total = [Fraction(0)] * d
        for place, sign in corners:
            if place <= low:  # (t − place)^{d−1} by the binomial theorem
                for k in range(d):
                    total[k] += sign * scale * comb(d - 1, k) * (-place) ** (d - 1 - k)
        pieces.append(Piece(low, high, tuple(total)))
    return pieces


def directions(dimension: int) -> Iterator[Point]:
    """Integer directions without a zero, first the small ones; every ray comes up."""
    for largest in itertools.count(1):
        sizes = range(1, largest + 1)
        for size in itertools.product(sizes, repeat=dimension):
            if max(size) == largest:
                for signs in itertools.product((1, -1), repeat=dimension - 1):
                    yield tuple(Fraction(s * n) for s, n in zip((1, *signs), size, strict=True))


def separate_mixture(measure: Mixture) -> Separated:
    """Construct (w, b) with ∫ σ(w·x + b) dμ ≠ 0, or certify that the measure is zero.

    >>> board = Mixture.of([], [([(0, 1), (0, 1)], 1), ([(1, 2), (0, 1)], -1)])
    >>> separate_mixture(board).weights is not None
    True
    """
    if measure.is_zero:
        return Separated("μ = 0", frozenset({"exact"}))
    for a in directions(measure.dimension):
        line = measure.projected(a)
        if not line.is_zero:
            found = separate_line(line)
            assert found.weights is not None
            return replace(found, weights=tuple(found.weights[0] * s for s in a))
    raise AssertionError("the enumeration of directions does not end")
