"""Random sparse ±1 networks: sampled from the top down, read back from the bottom up.

A layer has a matrix G ∈ {−1, 0, 1}^{m×n}: hidden h ∈ {0, 1}^n gives y = [G h > 0], entry by entry.
The decoder is ĥ = [Gᵀ y > 0.2 d] for d edges a hidden unit.
Reference: Arora, Bhaskara, Ge and Ma, Provable bounds for learning some deep representations,
ICML 2014.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from backproof.theory.errors import BackproofError

Array = np.ndarray[Any, np.dtype[Any]]
SHARE = 0.2  # of the edges of a hidden unit, above which it is read as active


@dataclass(frozen=True)
class SparseLayer:
    """n hidden units with d edges each, in expectation or exactly, to m units below."""

    below: int
    hidden: int
    degree: int
    regular: bool = False

    def __post_init__(self) -> None:
        if not (0 < self.degree <= self.below and self.hidden > 0):
            raise BackproofError("SparseLayer", str(self), "0 < degree ≤ below", "check the sizes")
        if self.regular and self.degree % 2:
            raise BackproofError("SparseLayer", f"degree {self.degree}", "an even one", "add one")

    def sample(self, rng: np.random.Generator) -> Array:
        """G: each edge with probability d/m and a fair sign, or d/2 of either sign a unit."""
        if not self.regular:
            edges = rng.random((self.below, self.hidden)) < self.degree / self.below
            return (edges * rng.choice([-1, 1], size=edges.shape)).astype(np.int8)
        matrix = np.zeros((self.below, self.hidden), np.int8)
        half = self.degree // 2
        for unit in range(self.hidden):
            ends = rng.choice(self.below, size=self.degree, replace=False)
            matrix[ends[:half], unit], matrix[ends[half:], unit] = 1, -1
        return matrix


def active(hidden: int, count: int, samples: int, rng: np.random.Generator) -> Array:
    """Rows with ``count`` active of ``hidden`` units, uniformly: shape (samples, hidden)."""
    rows = np.zeros((samples, hidden), np.int8)
    chosen = rng.random((samples, hidden)).argpartition(count - 1, axis=1)[:, :count]
    np.put_along_axis(rows, chosen, 1, axis=1)
    return rows


def shown(matrix: Array, hidden: Array) -> Array:
    """y = [G h > 0] for each row of ``hidden``.

    >>> shown(np.array([[1, -1], [1, 1]]), np.array([[1, 1]])).tolist()
    [[0, 1]]
    """
    return (hidden.astype(np.float32) @ matrix.T.astype(np.float32) > 0.5).astype(np.int8)


def decoded(matrix: Array, seen: Array, degree: int) -> Array:
    """ĥ = [Gᵀ y > 0.2 d] for each row of ``seen``.

    >>> decoded(np.array([[1, -1], [1, 1]]), np.array([[1, 1]]), 2).tolist()
    [[1, 0]]
    """
    score = seen.astype(np.float32) @ matrix.astype(np.float32)
    return (score > SHARE * degree).astype(np.int8)


def noisy(seen: Array, chance: float, rng: np.random.Generator) -> Array:
    """Each bit flipped with a probability."""
    return (seen ^ (rng.random(seen.shape) < chance)).astype(np.int8)


@dataclass(frozen=True)
class DeepNet:
    """Matrices from the bottom layer to the top one, and the number of active units on top."""

    matrices: tuple[Array, ...]
    on_top: int

    def samples(self, count: int, rng: np.random.Generator) -> list[Array]:
        """The units of every layer, the visible ones first."""
        layers = [active(self.matrices[-1].shape[1], self.on_top, count, rng)]
        for matrix in reversed(self.matrices):
            layers.insert(0, shown(matrix, layers[0]))
        return layers


def random_net(layers: Sequence[SparseLayer], on_top: int, rng: np.random.Generator) -> DeepNet:
    """A network of random layers, the bottom one first; neighbours must have matching sizes."""
    for lower, upper in pairwise(layers):
        if lower.hidden != upper.below:
            raise BackproofError(
                "random_net",
                f"{lower.hidden} hidden units over {upper.below} below",
                "equal sizes",
                "match the layers",
            )
    return DeepNet(tuple(layer.sample(rng) for layer in layers), on_top)
