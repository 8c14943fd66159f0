"""Alternating labels and classifiers with few runs: ⌈(n − r)/2⌉ errors, and not one less.

The points are x_0 < … < x_{n−1} with labels i mod 2. A classifier that is constant on r runs of
them errs on at least ⌊p/2⌋ points of a run of p, so on Σ⌊p_i/2⌋ ≥ Σ(p_i − 1)/2 = (n − r)/2; the
number is an integer. One long run after r − 1 single points attains it.

Telgarsky's own count, (n − 4t)/3, keeps only runs of three points or more.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from backproof.theory.errors import BackproofError


def least_errors(points: int, runs: int) -> int:
    """⌈(n − r)/2⌉, the fewest errors of a classifier with r runs, 1 ≤ r ≤ n.

    >>> least_errors(8, 3)
    3
    """
    if not 1 <= runs <= points:
        raise BackproofError(
            "least_errors", f"{runs} runs on {points} points", "between 1 and n", "count again"
        )
    return -((runs - points) // 2)


def by_dynamic_programming(points: int, runs: int) -> int:
    """The same as a minimum: the best prefix of i points in q runs whose last label is b.

    >>> by_dynamic_programming(8, 3), by_dynamic_programming(8, 8)
    (3, 0)
    """

    @cache
    def best(i: int, q: int, b: int) -> float:
        if q < 1 or q > i:
            return float("inf")
        error = int(b != (i - 1) % 2)
        if i == 1:
            return error
        return error + min(best(i - 1, q, b), best(i - 1, q - 1, 1 - b))

    return int(min(best(points, runs, b) for b in (0, 1)))


def telgarsky(points: int, pieces: int) -> Fraction:
    """(n − 4t)/(3n), of a function of t affine pieces: the bound of the paper.

    >>> telgarsky(1024, 100)
    Fraction(13, 64)
    """
    return Fraction(points - 4 * pieces, 3 * points)


def any_pieces(points: int, pieces: int) -> Fraction:
    """½ − t/n: t affine pieces that need not meet are cut into 2t runs by a level."""
    return Fraction(least_errors(points, min(2 * pieces, points)), points)


def continuous(points: int, pieces: int) -> Fraction:
    """½ − (t + 1)/(2n), rounded up to whole errors: each closed piece changes side once at most."""
    return Fraction(least_errors(points, min(pieces + 1, points)), points)
