"""Exact elimination over the integers: which vectors depend on those before, and ranks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import gcd

Vector = list[int]


class Echelon:
    """Independent integer vectors, each with a pivot where all others are zero or come earlier.

    >>> rows = Echelon()
    >>> rows.add([1, 2]), rows.add([2, 4]), rows.add([0, 3]), rows.rank
    (True, False, True, 2)
    """

    def __init__(self) -> None:
        self.rows: list[tuple[int, Vector]] = []

    @property
    def rank(self) -> int:
        return len(self.rows)

    def reduced(self, vector: Sequence[int]) -> Vector:
        """The vector, times a number, less multiples of the rows: zero exactly if it depends."""
        rest = list(vector)
        for pivot, row in self.rows:
            if rest[pivot]:
                a, b = row[pivot], rest[pivot]
                rest = primitive([a * r - b * s for r, s in zip(rest, row, strict=True)])
        return rest

    def add(self, vector: Sequence[int]) -> bool:
        """Keep the vector if it does not depend on those kept; whether it was."""
        rest = primitive(self.reduced(vector))
        pivot = next((i for i, r in enumerate(rest) if r), None)
        if pivot is None:
            return False
        self.rows.append((pivot, rest))
        return True


def primitive(vector: Vector) -> Vector:
    """The vector over the greatest common divisor of its entries."""
    divisor = gcd(*vector) if vector else 0
    return [v // divisor for v in vector] if divisor > 1 else vector


def rank(rows: Iterable[Sequence[int]]) -> int:
    """The rank of an integer matrix, exactly.

    >>> rank([[1, 2, 3], [2, 4, 6], [0, 0, 1]])
    2
    """
    kept = Echelon()
    for row in rows:
        kept.add(row)
    return kept.rank
