"""Distributions over all states of small machines, moved by transition matrices.

A sampler is exact where its transition matrix, built here from the conditionals that it uses,
leaves the distribution that the energy states invariant, and where the weighted measure that a
schedule of annealing carries sums to the partition function.
"""

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import numpy as np

Rows = dict[str, np.ndarray]


def grid(levels: Mapping[str, tuple[int, tuple[float, ...]]]) -> Rows:
    """All joint states of groups, given each one's size and the states of its units."""
    tables = [states for size, states in levels.values() for _ in range(size)]
    every = np.array(list(product(*tables)))
    found, at = {}, 0
    for name, (size, _) in levels.items():
        found[name] = every[:, at : at + size]
        at += size
    return found


def chance(mean: np.ndarray, state: np.ndarray, low: float, high: float) -> np.ndarray:
    """Π P(state) of two-valued units with these means: rows of `mean` by rows of `state`."""
    up = (mean - low) / (high - low)
    on = (state == high).astype(float)
    each = up[:, None, :] * on[None] + (1 - up[:, None, :]) * (1 - on[None])
    return np.prod(each, axis=-1)


def transition(
    mean: Callable[[str, Rows], np.ndarray],
    rows: Rows,
    group: str,
    low: float,
    high: float,
) -> np.ndarray:
    """The matrix that draws one group again and leaves the others, over all joint states."""
    count = len(rows[group])
    draw = chance(mean(group, rows), rows[group], low, high)
    same = np.ones((count, count), bool)
    for name, states in rows.items():
        if name != group:
            same &= (states[:, None, :] == states[None]).all(-1)
    matrix: np.ndarray = draw * same
    return matrix


class Measure:
    """The weighted measure over the kept states of an annealing path, in the place of samples."""

    def __init__(
        self, start: np.ndarray, rows: Rows, log_f: Any, kernel: Callable[[float], np.ndarray]
    ) -> None:
        self.mass, self.rows, self.log_f, self.kernel = start, rows, log_f, kernel

    def reweigh(self, low: float, high: float) -> None:
        self.mass = self.mass * np.exp(self.log_f(self.rows, high) - self.log_f(self.rows, low))

    def move(self, beta: float) -> None:
        self.mass = self.mass @ self.kernel(beta)
