"""Signed measures that are hard to see, and what a unit finds in each."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from backproof.numerics.evidence import Row
from backproof.numerics.universality.line_measures import LineMeasure, Piece, separate_line
from backproof.numerics.universality.measures import (
    Separated,
    SignedMeasure,
    integral,
    separate,
)
from backproof.numerics.universality.mixtures import Mixture, separate_mixture

UNIT = (0, 1)


@dataclass(frozen=True)
class Example:
    """A measure and, in words, what it annihilates."""

    name: str
    measure: SignedMeasure | LineMeasure | Mixture

    def separated(self) -> Separated:
        """The unit that sees it."""
        if isinstance(self.measure, LineMeasure):
            return separate_line(self.measure)
        if isinstance(self.measure, Mixture):
            return separate_mixture(self.measure)
        return separate(self.measure)

    def enclosed(self, found: Separated) -> tuple[float, float]:
        """The integral for the unit that was found, not by the bound that led to it."""
        assert found.weights is not None
        if isinstance(self.measure, LineMeasure):
            return self.measure.integral(found.weights[0], found.bias)
        if isinstance(self.measure, Mixture):
            return self.measure.projected(found.weights).integral(1, found.bias)
        return integral(self.measure, found.weights, found.bias)

    def row(self) -> Row:
        """Half of the limit is a lower bound of |∫ σ(w·x + b) dμ|."""
        found = self.separated()
        if found.weights is None:
            return Row(f"{self.name}", "μ = 0", "=", found.statement)
        weights = ", ".join(map(str, found.weights))
        what = f"{self.name}: |∫ σ(w·x + b) dμ| with w = ({weights}), b = {found.bias}"
        low, high = self.enclosed(found)
        least = max(low, -high)
        return Row(what, abs(found.limit) / 2, "≤", least, level="certified")


def corner(n: int, dimension: int) -> tuple[tuple[int, ...], int]:
    """A corner of the cube and the sign of its parity."""
    bits = tuple(n >> i & 1 for i in range(dimension))
    return bits, (-1) ** sum(bits)


EXAMPLES = (
    Example("δ₋₁ − 2δ₀ + δ₁", SignedMeasure.of([(-1, 1), (0, -2), (1, 1)])),
    Example(
        "parities of the corners of the cube, d = 3",
        SignedMeasure.of([corner(n, 3) for n in range(8)]),
    ),
    Example(
        "(3x² − 1) dx on [−1, 1], orthogonal to affine functions",
        LineMeasure.of([], [Piece.of(-1, 1, [-1, 0, 3])]),
    ),
    Example("dx on [0, 1] less δ at 1/2", LineMeasure.of([("1/2", -1)], [Piece.of(0, 1, [1])])),
    Example(
        "a chessboard of 2 × 2 squares",
        Mixture.of(
            [],
            [([(i, i + 1), (j, j + 1)], (-1) ** (i + j)) for i in range(2) for j in range(2)],
        ),
    ),
    Example(
        "dx on the cube, d = 3, less δ at its middle",
        Mixture.of([(("1/2",) * 3, -1)], [([UNIT] * 3, 1)]),
    ),
    Example(
        "dx on [0, 1] less its two halves",
        LineMeasure.of(
            [], [Piece.of(0, 1, [1]), Piece.of(0, "1/2", [-1]), Piece.of("1/2", 1, [-1])]
        ),
    ),
)


def curve_of(measure: LineMeasure | SignedMeasure, weight: int, places: int = 81) -> list[float]:
    """∫ σ(w x + b) dμ for −w b ∈ [−2, 2], for a figure: the middle of what encloses it."""
    line = measure if isinstance(measure, LineMeasure) else measure.projected((Fraction(1),))
    if isinstance(line, SignedMeasure):
        line = LineMeasure.of([(p[0], m) for p, m in line.atoms], [])
    found = []
    for n in range(places):
        place = Fraction(4 * n, places - 1) - 2
        low, high = line.integral(weight, -weight * place)
        found.append((low + high) / 2)
    return found
