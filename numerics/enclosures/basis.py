"""Monomials t^α of total degree at most D in d variables, each in [−1, 1], and their products."""

from __future__ import annotations

import itertools
from functools import cache, cached_property
from math import comb, factorial, prod

import numpy as np


class Basis:
    """The monomials of degree ≤ ``degree`` in ``dimension`` variables, by degree.

    >>> Basis(2, 2).exponents
    ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2))
    """

    def __init__(self, dimension: int, degree: int) -> None:
        self.dimension, self.degree = dimension, degree
        self.exponents = tuple(
            exponent for total in range(degree + 1) for exponent in graded(dimension, total)
        )
        self.position = {exponent: n for n, exponent in enumerate(self.exponents)}
        self.degrees = tuple(map(sum, self.exponents))

    def count(self, degree: int) -> int:
        """How many monomials have at most that degree."""
        return comb(self.dimension + degree, degree) if degree >= 0 else 0

    @cache  # noqa: B019 - bases are few and live as long as the module
    def place(self, left: int, right: int) -> int | None:
        """Where the product of two monomials stands; `None` where its degree is too high."""
        pairs = zip(self.exponents[left], self.exponents[right], strict=True)
        return self.position.get(tuple(i + j for i, j in pairs))

    @cached_property
    def linear(self) -> range:
        """The positions of the monomials t_1, …, t_d."""
        return range(1, 1 + self.dimension) if self.degree else range(0)

    @cached_property
    def squares(self) -> tuple[int, ...]:
        """The positions of t_1², …, t_d²; none where the degree is one."""
        if self.degree < 2:
            return ()
        doubled = (tuple(2 * (i == j) for j in range(self.dimension)) for i in self.linear_axes)
        return tuple(self.position[e] for e in doubled)

    @cached_property
    def mixed(self) -> tuple[int, ...]:
        """The positions of everything else but the constant."""
        return tuple(
            n
            for n in range(1, len(self.exponents))
            if n not in self.linear and n not in self.squares
        )

    @property
    def linear_axes(self) -> range:
        """The axes."""
        return range(self.dimension)

    @cache  # noqa: B019 - bases are few and live as long as the module
    def multinomials(self, degree: int) -> np.ndarray:
        """|α|!/α! of each monomial of at most that degree: (Σ p_i t_i)^k = Σ |α|!/α! p^α t^α."""
        kept = self.exponents[: self.count(degree)]
        return np.array([factorial(sum(e)) / prod(map(factorial, e)) for e in kept])

    @cache  # noqa: B019
    def integrals(self, degree: int) -> np.ndarray:
        """∫ t^α over [−1, 1]^d, divided by 2^d: Π 1/(α_i + 1) for even α, zero otherwise."""
        kept = self.exponents[: self.count(degree)]
        return np.array(
            [0.0 if any(k % 2 for k in e) else 1 / prod(k + 1 for k in e) for e in kept]
        )

    @cache  # noqa: B019
    def products(self, left: int, right: int) -> tuple[np.ndarray, np.ndarray]:
        """For factors of these degrees: where each product of monomials goes.

        The first matrix has a row for each monomial that is kept; the second is the indicator
        of the products whose degree is too high.
        """
        a, b = self.exponents[: self.count(left)], self.exponents[: self.count(right)]
        kept = np.zeros((self.count(min(left + right, self.degree)), len(a) * len(b)))
        dropped = np.zeros(len(a) * len(b))
        for n, (first, second) in enumerate(itertools.product(a, b)):
            total = tuple(i + j for i, j in zip(first, second, strict=True))
            if sum(total) <= self.degree:
                kept[self.position[total], n] = 1
            else:
                dropped[n] = 1
        return kept, dropped


def graded(dimension: int, total: int) -> list[tuple[int, ...]]:
    """The exponents of one total degree."""
    if dimension == 1:
        return [(total,)]
    return [
        (first, *rest)
        for first in range(total, -1, -1)
        for rest in graded(dimension - 1, total - first)
    ]


@cache
def basis(dimension: int, degree: int) -> Basis:
    """The one basis of these sizes."""
    return Basis(dimension, degree)
