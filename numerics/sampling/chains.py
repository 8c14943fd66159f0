"""Chains: states that are swept, with their generator, and kept in a file between runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backproof.numerics.sampling.checkpoints import read_run, write_run
from backproof.numerics.sampling.conditionals import Conditionals, State
from backproof.theory.energy.machine import Machine
from backproof.theory.errors import BackproofError


@dataclass
class Chains:
    """Independent Gibbs chains of one machine: states, a generator, and how many sweeps were made.

    `save` and `resume` keep all three: a run that is cut and resumed gives the same states, bit
    for bit, as one that was not.
    """

    conditionals: Conditionals
    states: State
    random: np.random.Generator
    sweeps: int = 0

    @classmethod
    def start(
        cls,
        machine: Machine,
        values: Mapping[str, Any],
        rows: int,
        random: np.random.Generator,
        dtype: str | type = "float64",
    ) -> Chains:
        """Chains that start from the machine without its couplings."""
        found = Conditionals(machine, values, dtype)
        return cls(found, found.start(rows, random), random)

    def advance(self, sweeps: int = 1, clamp: Mapping[str, np.ndarray] | None = None) -> State:
        """Make some sweeps; ``clamp`` holds groups at given states."""
        held = dict(clamp or {})
        self.states = {**self.states, **held}
        for _ in range(sweeps):
            for block in self.conditionals.order:
                for group in block:
                    if group not in held:
                        new = self.conditionals.draw(group, self.states, self.random)
                        self.states = {**self.states, group: new}
            self.sweeps += 1
        return self.states

    def samples(self, count: int, thin: int = 1) -> Iterator[State]:
        """The states after every ``thin`` sweeps."""
        for _ in range(count):
            yield {k: x.copy() for k, x in self.advance(thin).items()}

    # checkpoints ---------------------------------------------------------------------------

    def save(self, path: str | Path) -> None:
        """Write states, generator and count to an ``.npz`` file."""
        write_run(path, self.states, self.random, self.sweeps)

    @classmethod
    def resume(cls, path: str | Path, conditionals: Conditionals) -> Chains:
        """The chains of a file, to go on with."""
        states, random, sweeps = read_run(path)
        names = {g.name for g in conditionals.machine.groups}
        if set(states) != names:
            raise BackproofError(
                str(path), f"states of {sorted(states)}", f"{sorted(names)}", "pass its machine"
            )
        return cls(conditionals, states, random, sweeps)
