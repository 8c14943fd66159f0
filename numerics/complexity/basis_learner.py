"""The Basis Learner: layer by layer, until the training error is zero, in exact arithmetic.

The units of layer t are products of a unit of layer t − 1 and a linear unit, kept where their
values on the m training points do not depend on those kept before.  As soon as m are kept, some
linear combination of them fits any labels exactly.
Reference: R. Livni, S. Shalev-Shwartz, O. Shamir, arXiv:1304.7045 (2013).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

import numpy as np
import sympy as sp
from sympy.polys.matrices import DomainMatrix

from backproof.numerics.complexity.elimination import Echelon, rank
from backproof.theory.complexity.monomials import exponents
from backproof.theory.errors import BackproofError

Point = tuple[int, ...]


def monomial_rank(points: Sequence[Point], degree: int) -> int:
    """The rank of all monomials of degree ≤ t on integer points, exactly.

    >>> monomial_rank(generic_points(12, 2), 3)
    10
    """
    powers = exponents(len(points[0]), degree)
    return rank([[prod(x**e for x, e in zip(p, es, strict=True)) for p in points] for es in powers])


def generic_points(m: int, d: int, seed: int = 0, spread: int = 10**4) -> list[Point]:
    """m distinct points with random integer coordinates up to ``spread`` in size.

    That they are in general position is not assumed: the ranks of what follows are computed, and
    one choice of points of full rank proves it of almost all (a minor is a polynomial not zero).
    """
    rng = np.random.default_rng(seed)
    found: dict[Point, None] = {}
    while len(found) < m:
        found[tuple(int(v) for v in rng.integers(-spread, spread + 1, d))] = None
    return list(found)


@dataclass(frozen=True)
class Learned:
    """A polynomial network: unit u is the product of the units ``parents[u]`` (none: the constant).

    Units 1, …, d are the inputs; the output is Σ coefficients · units.  ``ranks`` holds the number
    of units up to each layer, the first being the constant's.
    """

    dimension: int
    parents: tuple[tuple[int, ...], ...]
    ranks: tuple[int, ...]
    coefficients: tuple[Fraction, ...]

    @property
    def depth(self) -> int:
        """The number of layers above the constant: the degree of the network."""
        return len(self.ranks) - 1

    @property
    def width(self) -> int:
        """The largest number of units in a layer."""
        return max(b - a for a, b in zip((0, *self.ranks), self.ranks, strict=False))

    def units(self, point: Sequence[int]) -> list[int]:
        """The values of all units at a point."""
        values: list[int] = []
        for parents in self.parents:
            if not parents:
                values.append(1)
            elif len(parents) == 1:
                values.append(int(point[parents[0]]))
            else:
                values.append(values[parents[0]] * int(point[parents[1]]))
        return values

    def __call__(self, point: Sequence[int]) -> Fraction:
        """The network at a point, exactly."""
        return sum(
            (c * v for c, v in zip(self.coefficients, self.units(point), strict=True)), Fraction(0)
        )


def learn(points: Sequence[Point], labels: Sequence[int | Fraction]) -> Learned:
    """Run the Basis Learner on m distinct integer points.

    >>> points = [(0, 0), (1, 0), (0, 1), (1, 1)]
    >>> xor = learn(points, [0, 1, 1, 0])
    >>> [int(xor(p)) for p in points], xor.depth, xor.ranks
    ([0, 1, 1, 0], 2, (1, 3, 4))

    Raises `BackproofError` for points that coincide, or labels of another number.
    """
    if len(set(points)) < len(points) or not points:
        raise BackproofError(
            "points", f"{len(points)} points, {len(set(points))} distinct", "distinct ones", "join"
        )
    if len(labels) != len(points):
        raise BackproofError(
            "labels", f"{len(labels)} labels", f"one for each of {len(points)} points", "add them"
        )
    m, d = len(points), len(points[0])
    kept = Echelon()
    parents: list[tuple[int, ...]] = [()]
    columns: list[list[int]] = [[1] * m]
    kept.add(columns[0])
    ranks, layer = [1], [0]
    while kept.rank < m:
        above: list[int] = []
        for below in layer:
            for i in range(d):
                column = [c * p[i] for c, p in zip(columns[below], points, strict=True)]
                if kept.rank < m and kept.add(column):
                    above.append(len(columns))
                    parents.append((below, i) if below else (i,))
                    columns.append(column)
        ranks.append(kept.rank)
        layer = above
    return Learned(d, tuple(parents), tuple(ranks), tuple(_solve(columns, labels)))


def _solve(columns: list[list[int]], labels: Sequence[int | Fraction]) -> list[Fraction]:
    """The coefficients c with Σ c_u column_u = labels, over the rationals."""
    m = len(labels)
    left = DomainMatrix([[columns[u][n] for u in range(m)] for n in range(m)], (m, m), sp.ZZ)
    right = DomainMatrix([[sp.QQ(Fraction(v).numerator, Fraction(v).denominator)] for v in labels],
                         (m, 1), sp.QQ)  # fmt: skip
    solved = left.convert_to(sp.QQ).lu_solve(right).to_list_flat()
    return [Fraction(int(c.numerator), int(c.denominator)) for c in solved]
