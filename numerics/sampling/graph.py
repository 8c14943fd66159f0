"""Gibbs sampling of literal machines on any graph, block by block of its colouring.

Units of one colour share no coupling and are drawn at once, for all chains.  Fields are gathered
from each unit's neighbours; the units of a block are grouped by kind and by number of neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.numerics.exact.arrays import feature_values
from backproof.numerics.sampling.conditionals import Random, one_hot
from backproof.numerics.unit_code import feature_scale, noise, sampler
from backproof.theory.energy.literal import Literal, Site
from backproof.theory.energy.rewriting import NORMAL
from backproof.theory.energy.units import Unit
from backproof.theory.errors import BackproofError


@dataclass(frozen=True)
class Kind:
    """Units of one block that are drawn alike.

    ``rows`` are their features (a row for each component of a categorical unit), ``near`` and
    ``weights`` have an entry for each row and neighbour.
    """

    unit: Unit
    states: int
    rows: np.ndarray
    near: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    parameters: tuple[np.ndarray, ...]
    scale: np.ndarray


class GraphChains:
    """Chains of a literal machine: features by chain, the chains on the last axis.

    Pairwise couplings only.  ``random`` and the features are the whole state of the sampler.
    """

    def __init__(
        self,
        machine: Literal,
        chains: int,
        random: np.random.Generator,
        dtype: str | type = "float64",
    ) -> None:
        self.machine, self.random, self.dtype = machine, random, np.dtype(dtype)
        for ends, _ in machine.couplings:
            if len(ends) != 2:
                raise BackproofError(
                    "sampling", f"a coupling of {len(ends)} units", "pairs", "use bp.exact.solve"
                )
        self.blocks = [_kinds(machine, block, self.dtype) for block in machine.colouring()]
        self.features = np.zeros((len(machine.features), chains), self.dtype)
        for block in self.blocks:
            for kind in block:
                self._draw(kind, np.zeros_like(kind.bias)[:, None] + kind.bias[:, None])

    def sweep(self, count: int = 1) -> np.ndarray:
        """Draw every block ``count`` times; returns the features, (feature, chain)."""
        for _ in range(count):
            for block in self.blocks:
                for kind in block:
                    self._draw(kind, self.field(kind))
        return self.features

    def field(self, kind: Kind) -> np.ndarray:
        """The fields of the rows of a kind, for every chain."""
        z = np.empty((len(kind.rows), self.features.shape[1]), self.dtype)
        z[...] = kind.bias[:, None]
        for n in range(kind.near.shape[1]):
            z += kind.weights[:, n, None] * self.features[kind.near[:, n]]
        return z

    def _draw(self, kind: Kind, z: np.ndarray) -> None:
        chains = self.features.shape[1]
        z = np.broadcast_to(z, (len(kind.rows), chains))
        if kind.unit.labels:
            by_unit = z.reshape(-1, kind.states, chains).transpose(0, 2, 1)
            drawn = one_hot(self.random.random(by_unit.shape[:2], self.dtype), by_unit)
            self.features[kind.rows] = drawn.transpose(0, 2, 1).reshape(-1, chains)
            return
        random: Random = self.random
        if noise(kind.unit) == NORMAL:
            number = random.standard_normal(z.shape, self.dtype)
        else:
            number = 1 - random.random(z.shape, self.dtype)
        state = sampler(kind.unit)(number, z, *(p[:, None] for p in kind.parameters))
        self.features[kind.rows] = state * kind.scale[:, None]

    def hold(self, states: Mapping[str, Any]) -> None:
        """Set units to given states in all chains, or to one state a chain."""
        place = {end: n for n, end in enumerate(self.machine.features)}
        for name, value in states.items():
            site = self.machine[name]
            rows = feature_values(site, np.atleast_1d(value).tolist())
            self.features[[place[end] for end in site.features]] = rows.T


def _kinds(machine: Literal, block: tuple[str, ...], dtype: np.dtype[Any]) -> list[Kind]:
    place = {end: n for n, end in enumerate(machine.features)}
    near: dict[int, dict[int, float]] = {n: {} for n in range(len(place))}
    members = set(block)
    for (first, second), weight in machine.couplings:
        for a, b in ((first, second), (second, first)):
            if a[0] in members and weight:
                row = near[place[a]]
                row[place[b]] = row.get(place[b], 0.0) + weight
    groups: dict[tuple[Any, ...], list[Site]] = {}
    for name in block:
        site = machine[name]
        most = max(len(near[place[end]]) for end in site.features)
        groups.setdefault((site.unit, site.states, most), []).append(site)
    found = []
    for (unit, states, most), sites in groups.items():
        rows = np.array([place[end] for site in sites for end in site.features])
        index, weights = np.zeros((len(rows), most), int), np.zeros((len(rows), most), dtype)
        for n, row in enumerate(rows):
            for k, (other, weight) in enumerate(near[int(row)].items()):
                index[n, k], weights[n, k] = other, weight
        bias = np.array([b for s in sites for b in (s.bias or (0.0,) * len(s.features))], dtype)
        own = np.array([s.parameters for s in sites], dtype).T
        scale = [] if unit.labels else [feature_scale(unit)(0.0, *s.parameters) for s in sites]
        found.append(
            Kind(
                unit,
                states or 1,
                rows,
                index,
                weights,
                bias,
                tuple(own),
                np.array(scale, dtype),
            )
        )
    return found
