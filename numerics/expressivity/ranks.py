"""Ranks of integer matrices, exactly, with a minor that is not zero as their certificate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backproof.theory.errors import BackproofError

Matrix = Sequence[Sequence[int]]
PRIME = 2**31 - 1


@dataclass(frozen=True)
class Rank:
    """``value`` is the rank; ``rows`` and ``columns`` are those of a minor, ``minor`` its value."""

    value: int
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    minor: int


def rank(matrix: Matrix) -> Rank:
    """The rank over the rationals, by elimination without fractions (Bareiss).

    Every division is exact, and the last pivot is the minor of the rows and columns of the pivots,
    up to the sign of the order in which they came.

    >>> rank([[1, 2, 3], [2, 4, 6], [1, 0, 1]])
    Rank(value=2, rows=(0, 2), columns=(0, 1), minor=-2)
    """
    if len({len(row) for row in matrix}) > 1:
        raise BackproofError("rank", "rows of several lengths", "a matrix", "mend the rows")
    m = [[int(x) for x in row] for row in matrix]
    order = list(range(len(m)))
    columns: list[int] = []
    last = 1
    for column in range(len(m[0]) if m else 0):
        k = len(columns)
        pivot = next((i for i in range(k, len(m)) if m[i][column]), None)
        if pivot is None:
            continue
        m[k], m[pivot] = m[pivot], m[k]
        order[k], order[pivot] = order[pivot], order[k]
        top, p = m[k], m[k][column]
        for row in m[k + 1 :]:
            c = row[column]
            row[:] = [(p * x - c * t) // last for x, t in zip(row, top, strict=True)]
        columns.append(column)
        last = p
    rows = tuple(sorted(order[: len(columns)]))
    return Rank(len(columns), rows, tuple(columns), last if _even(order[: len(columns)]) else -last)


def _even(order: Sequence[int]) -> bool:
    """Whether a permutation has evenly many inversions."""
    return sum(a > b for n, a in enumerate(order) for b in order[n + 1 :]) % 2 == 0


def rank_modulo(matrix: Matrix, prime: int = PRIME) -> int:
    """The rank over the integers modulo a prime: never above that over the rationals.

    >>> rank_modulo([[1, 2], [3, 4]]), rank_modulo([[1, 2], [3, 4]], 2)
    (2, 1)
    """
    m = [[int(x) % prime for x in row] for row in matrix]
    found = 0
    for column in range(len(m[0]) if m else 0):
        pivot = next((i for i in range(found, len(m)) if m[i][column]), None)
        if pivot is None:
            continue
        m[found], m[pivot] = m[pivot], m[found]
        inverse = pow(m[found][column], -1, prime)
        top = [x * inverse % prime for x in m[found]]
        for row in m[found + 1 :]:
            if c := row[column]:
                row[:] = [(x - c * t) % prime for x, t in zip(row, top, strict=True)]
        found += 1
    return found
