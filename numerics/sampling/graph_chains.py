"""Chains of a literal machine: features, a generator, and how many sweeps were made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from backproof.numerics.exact.arrays import feature_values
from backproof.numerics.sampling.checkpoints import read_run, write_run
from backproof.numerics.sampling.conditionals import State
from backproof.numerics.sampling.graph import Graph
from backproof.theory.energy.literal import Literal
from backproof.theory.errors import BackproofError


class GraphChains:
    """Gibbs chains of a literal machine, on any graph and with couplings of any number of units.

    ``features`` is (feature, chain): states times their scale, unit vectors of categorical units.
    Features, generator and the count of sweeps are the whole state of the sampler: `save` keeps
    them, and `resume` goes on bit for bit.

    >>> units = [{"name": f"s{i}", "type": "spin", "bias": 0.0} for i in range(4)]
    >>> ring = [[f"s{i}", f"s{(i + 1) % 4}", 0.5] for i in range(4)]
    >>> from backproof.theory.energy.loading import load
    >>> machine = load({"units": units, "couplings": ring})
    >>> machine.colouring()
    (('s0', 's2'), ('s1', 's3'))
    >>> GraphChains(machine, 3, np.random.default_rng(1)).sweep(5).shape
    (4, 3)
    """

    def __init__(
        self,
        machine: Literal,
        chains: int,
        random: np.random.Generator,
        dtype: str | type = "float64",
    ) -> None:
        if chains < 1:
            raise BackproofError("GraphChains", f"{chains} chains", "one or more", "raise chains")
        self.graph = Graph(machine, chains, dtype)
        self.random, self.sweeps = random, 0
        self.features = self.graph.start(random)

    @property
    def machine(self) -> Literal:
        """The machine that is sampled."""
        return self.graph.machine

    def sweep(self, count: int = 1) -> np.ndarray:
        """Draw every block ``count`` times; returns the features, (feature, chain)."""
        for _ in range(count):
            self.graph.sweep(self.features, self.random)
            self.sweeps += 1
        return self.features

    def advance(self, sweeps: int = 1) -> State:
        """Make some sweeps; returns ``{"features": (chain, feature)}``."""
        return {"features": self.sweep(sweeps).T}

    def log_weight(self) -> np.ndarray:
        """−E of each chain, in double precision."""
        return self.graph.log_weight(self.features)

    def hold(self, states: Mapping[str, Any]) -> None:
        """Set units to given states in all chains, or to one state a chain."""
        place = {end: n for n, end in enumerate(self.machine.features)}
        for name, value in states.items():
            site = self.machine[name]
            rows = feature_values(site, np.atleast_1d(value).tolist())
            self.features[[place[end] for end in site.features]] = rows.T

    def save(self, path: str | Path) -> None:
        """Write features, generator and count to an ``.npz`` file."""
        write_run(path, {"features": self.features}, self.random, self.sweeps)

    @classmethod
    def resume(cls, path: str | Path, machine: Literal) -> GraphChains:
        """The chains of a file, to go on with.

        Raises `BackproofError` where the file is of a machine with another number of features.
        """
        arrays, random, sweeps = read_run(path)
        features = arrays.get("features", np.zeros((0, 0)))
        wanted = len(machine.features)
        if features.ndim != 2 or len(features) != wanted:
            raise BackproofError(
                str(path), f"{len(features)} features", f"{wanted}", "pass its machine"
            )
        found = cls.__new__(cls)
        found.graph = Graph(machine, features.shape[1], features.dtype.name)
        found.features, found.random, found.sweeps = features, random, sweeps
        return found
