"""Deep belief networks: two layers on top undirected, the rest directed downward.

    P(h^(d−1), h^(d)) ∝ exp(b·h^(d−1) + b·h^(d) + h^(d−1) W h^(d))            (1)
    P(h^(k) | h^(k+1)) = Π_i σ(b^(k)_i + Σ_j W^(k)[i,j] h^(k+1)_j)             (2)

Reference: G. Hinton, S. Osindero, Y.-W. Teh, Neural Computation 18 (2006).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from backproof.theory.errors import BackproofError

Matrix = tuple[tuple[float, ...], ...]
Vector = tuple[float, ...]


@dataclass(frozen=True)
class BeliefNetwork:
    """Binary layers from the visible one (0) upward; W[k][i][j] joins layer k with layer k+1.

    ``recognition`` are the weights R[k][j][i] and biases r[k][j] of a factorial approximation
    q(h^(k+1)_j = 1 | h^(k)) = σ(r_j + Σ_i R[j][i] h^(k)_i), where there is one.
    """

    W: tuple[Matrix, ...]
    b: tuple[Vector, ...]
    recognition: tuple[tuple[Matrix, ...], tuple[Vector, ...]] | None = None
    title: str = ""

    @property
    def layers(self) -> tuple[int, ...]:
        """The width of each layer."""
        return tuple(map(len, self.b))

    @classmethod
    def from_lists(
        cls, layers: Any, W: Any, b: Any, given: Mapping[str, Any] | None = None
    ) -> BeliefNetwork:
        """From nested lists, checked against the widths ``layers``."""
        given = given or {}
        if not isinstance(layers, Sequence) or len(layers) < 2:
            raise BackproofError("layers", repr(layers), "two widths or more", "give them")
        below = list(pairwise(layers))
        weights = tuple(_matrix(f"W[{k}]", W, k, shape) for k, shape in enumerate(below))
        biases = tuple(_vector(f"b[{k}]", b, k, n) for k, n in enumerate(layers))
        recognition = None
        if "recognition_R" in given:
            R, r = given["recognition_R"], given["recognition_r"]
            recognition = (
                tuple(_matrix(f"R[{k}]", R, k, (m, n)) for k, (n, m) in enumerate(below)),
                tuple(_vector(f"r[{k}]", r, k, m) for k, (_, m) in enumerate(below)),
            )
        return cls(weights, biases, recognition, str(given.get("name", "")))


def _vector(where: str, rows: Any, at: int, size: int) -> Vector:
    try:
        found = tuple(map(float, rows[at]))
    except (TypeError, ValueError, IndexError, KeyError):
        found = ()
    if len(found) != size:
        raise BackproofError(where, f"{len(found)} numbers", str(size), "check the widths")
    return found


def _matrix(where: str, stack: Any, at: int, shape: tuple[int, int]) -> Matrix:
    try:
        rows = stack[at]
        count = len(rows)
    except (TypeError, IndexError, KeyError):
        rows, count = (), 0
    if count != shape[0]:
        raise BackproofError(where, f"{count} rows", str(shape[0]), "check the widths")
    return tuple(_vector(f"{where}[{i}]", rows, i, shape[1]) for i in range(count))
