"""Many chains in parts that are swept here, by processes, or on a cluster: the same answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from backproof.numerics.sampling.chains import Chains
from backproof.numerics.sampling.conditionals import Conditionals, State
from backproof.numerics.sampling.graph_chains import GraphChains
from backproof.numerics.sampling.workers import Progress, spread
from backproof.theory.energy.literal import Literal
from backproof.theory.energy.machine import Machine
from backproof.theory.errors import BackproofError

PART = 64  # chains that share a generator: fixed, so that the answer is too


class Part(Protocol):
    """Chains with a generator of their own: `Chains` or `GraphChains`."""

    def advance(self, sweeps: int = 1) -> State:
        """Make some sweeps."""

    def save(self, path: str | Path) -> None:
        """Write everything to a file."""


@dataclass
class ManyChains:
    """Chains in parts, each with a generator made of the seed and its place.

    `advance` sends each part to a worker and takes it back, so states depend on the seed and the
    number of sweeps alone: not on how many workers there are, nor on how sweeps are cut into calls.

    >>> import numpy as np
    >>> from backproof.theory.energy.builders import rbm
    >>> values = {"W": np.ones((3, 2)), "b_v": np.zeros(3), "b_h": np.zeros(2)}
    >>> many = ManyChains.start(rbm(), 100, seed=1, values=values)
    >>> len(many.parts), many.advance(5)["v"].shape
    (2, (100, 3))
    """

    parts: list[Any]

    @classmethod
    def start(
        cls,
        machine: Machine | Literal,
        rows: int,
        seed: int,
        values: Mapping[str, Any] | None = None,
        dtype: str | type = "float64",
    ) -> ManyChains:
        """Chains of a machine of groups with the arrays ``values``, or of a literal machine."""
        if rows < 1:
            raise BackproofError("ManyChains", f"{rows} chains", "one or more", "raise rows")
        if isinstance(machine, Machine) and values is None:
            raise BackproofError("values", "none", "an array for each parameter", "pass values={…}")
        parts: list[Any] = []
        for number, first in enumerate(range(0, rows, PART)):
            random = np.random.Generator(np.random.SFC64([seed, number]))
            count = min(PART, rows - first)
            if isinstance(machine, Literal):
                parts.append(GraphChains(machine, count, random, dtype))
            else:
                found = Conditionals(machine, values or {}, dtype)
                parts.append(Chains(found, found.start(count, random), random))
        return cls(parts)

    def advance(
        self,
        sweeps: int = 1,
        executor: Executor | None = None,
        progress: Progress | None = None,
    ) -> State:
        """Make some sweeps of every chain; the states of all, a row each, in a fixed order."""
        jobs = [(part, sweeps) for part in self.parts]
        found = spread(_advanced, jobs, executor, progress)
        self.parts = [part for part, _ in found]
        names = found[0][1]
        return {name: np.concatenate([states[name] for _, states in found]) for name in names}

    # checkpoints ---------------------------------------------------------------------------

    def save(self, folder: str | Path) -> None:
        """Write a file for each part into a folder, which is made; older parts are replaced."""
        path = Path(folder)
        path.mkdir(parents=True, exist_ok=True)
        for old in path.glob("part-*.npz"):
            old.unlink()
        for number, part in enumerate(self.parts):
            part.save(path / f"part-{number:06}.npz")

    @classmethod
    def resume(cls, folder: str | Path, part: Callable[[Path], Part]) -> ManyChains:
        """The chains of a folder; ``part`` reads a file.

        It is ``lambda file: GraphChains.resume(file, machine)`` for a literal machine, and
        ``lambda file: Chains.resume(file, conditionals)`` for one of groups.
        """
        files = sorted(Path(folder).glob("part-*.npz"))
        if not files:
            raise BackproofError(str(folder), "no parts", "a folder that `save` wrote", "check it")
        return cls([part(file) for file in files])


def _advanced(job: tuple[Any, int]) -> tuple[Any, State]:
    part, sweeps = job
    return part, part.advance(sweeps)
