"""The path from independent units to a literal machine on any graph, for annealing and tempering.

At β the couplings are multiplied by β and the biases stay.  The units of the largest block of the
colouring are summed out; the others are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from backproof.numerics.sampling.conditionals import State
from backproof.numerics.sampling.graph import Graph
from backproof.theory.energy.literal import Literal
from backproof.theory.errors import BackproofError

ROWS = 32  # rows that are drawn at once: arrays of a block of runs


@dataclass
class GraphPath:
    """The machines between independent units (β = 0) and a literal machine (β = 1).

    A state is ``{"features": rows}`` with a row of features for each run, as
    `GraphChains.features` transposed.  With f_β the sum of exp(−E_β) over the largest block,

        E_{p_β}[f_β′(x)/f_β(x)] = Z_β′/Z_β

    and a sweep at β, the largest block first, leaves p_β ∝ f_β of the other units invariant.

    >>> from backproof.numerics.sampling.annealing import forward
    >>> from backproof.theory.energy.loading import load
    >>> units = [{"name": f"s{i}", "type": "spin", "bias": 0.0} for i in range(4)]
    >>> machine = load({"units": units, "couplings": [["s0", "s1", 0.5], ["s1", "s2", 0.5]]})
    >>> round(forward(GraphPath(machine), 100, runs=64, seed=1).log_Z, 2)
    3.01
    >>> round(float(4 * np.log(2) + 2 * np.log(np.cosh(0.5))), 2)  # a tree of spins
    3.01
    """

    machine: Literal
    dtype: str = "float64"
    kept: tuple[str, ...] = ("features",)

    @cached_property
    def graph(self) -> Graph:
        """The machine's blocks."""
        return Graph(self.machine, ROWS, self.dtype)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """The blocks in the order of a sweep: the largest, which is summed out, first."""
        sizes = [sum(len(kind.rows) for kind in block) for block in self.graph.blocks]
        if not sizes:
            raise BackproofError("GraphPath", "no units", "one or more", "pass a machine of units")
        first = sizes.index(max(sizes))
        return (first, *(n for n in range(len(sizes)) if n != first))

    def log_f(self, states: Mapping[str, np.ndarray], beta: float) -> np.ndarray:
        """log Σ exp(−E_β) over the largest block, for each row."""
        return self.graph.log_weight(self._features(states), beta, self.order[0])

    def moved(self, states: State, beta: float, random: np.random.Generator) -> State:
        """A sweep at β."""
        features = self._features(states)
        self.graph.sweep(features, random, beta, self.order)
        return {"features": features.T}

    def start(self, rows: int, random: np.random.Generator) -> State:
        """Exact draws at β = 0."""
        return {"features": self.graph.start(random, rows).T}

    @property
    def log_Z0(self) -> float:
        """log Z of the independent units."""
        return self.graph.log_normaliser()

    def _features(self, states: Mapping[str, Any]) -> np.ndarray:
        rows = np.asarray(states["features"], self.graph.dtype)
        wanted = len(self.machine.features)
        if rows.ndim != 2 or rows.shape[1] != wanted:
            raise BackproofError(
                "features", f"shape {rows.shape}", f"(rows, {wanted})", "pass rows of features"
            )
        return np.array(rows.T, order="C")

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process builds its own blocks."""
        return GraphPath, (self.machine, self.dtype)
