"""A path of machines from independent units to a machine, for annealing and tempering.

At β the weights are times β and the biases b₀ + β (b − b₀).  At β = 0 the units are independent,
exact draws are easy and log Z₀ is a sum of normalisers.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backproof.numerics.kernel import Kernel, compile
from backproof.numerics.sampling.conditionals import Conditionals, State
from backproof.numerics.unit_code import unit_code
from backproof.theory.energy.free_energy import free_energy
from backproof.theory.energy.machine import Machine
from backproof.theory.energy.markov import blocks, lateral
from backproof.theory.errors import BackproofError


@dataclass
class Path:
    """The machines between independent units (β = 0) and a machine (β = 1).

    ``base`` are biases at β = 0 by name (``b_v``, …); by default those of the machine.
    """

    machine: Machine
    values: Mapping[str, np.ndarray]
    base: Mapping[str, np.ndarray] = field(default_factory=dict)
    dtype: str | type = "float64"

    def __post_init__(self) -> None:
        self.end = Conditionals(self.machine, self.values, self.dtype)
        self.weights = {c.weight for c in self.machine.couplings}
        self.summed = _summed(self.machine)
        self.kept = tuple(g.name for g in self.machine.groups if g.name not in self.summed)
        for name in self.base:
            if name not in self.machine.parameters or not name.startswith("b_"):
                raise BackproofError("base", f"a value for {name}", "biases", f"drop {name}")
        self._here = Conditionals(self.machine, self.at(0.0), self.dtype)
        self._log_f: Kernel = compile(free_energy(self.machine, "N", self.summed), self.dtype)

    def __reduce__(self) -> tuple[type[Path], tuple[Any, ...]]:
        """Another process compiles its own kernels."""
        return Path, (self.machine, dict(self.values), dict(self.base), self.dtype)

    def at(self, beta: float) -> dict[str, np.ndarray]:
        """The parameters at β."""
        found = {}
        for name, value in self.end.values.items():
            if name in self.weights:
                found[name] = value.dtype.type(beta) * value
            elif name in self.base:
                first = np.asarray(self.base[name], value.dtype)
                found[name] = first + value.dtype.type(beta) * (value - first)
            else:
                found[name] = value
        return found

    def conditionals(self, beta: float) -> Conditionals:
        """The conditionals at β: their own object, as several threads may walk on one path."""
        here = copy(self._here)
        here.values = self.at(beta)
        return here

    def log_f(self, states: Mapping[str, np.ndarray], beta: float) -> np.ndarray:
        """log of the unnormalised probability of the kept groups at β, a row each."""
        known = {**self.at(beta), **states}
        return -np.asarray(self._log_f(**{n: known[n] for n in self._log_f.arguments.names}))

    def moved(self, states: State, beta: float, random: np.random.Generator) -> State:
        """A sweep at β: first the groups that are summed out, then the kept ones.

        With two blocks it is reversible in the kept groups; the reverse run uses it as it is.
        """
        here = self.conditionals(beta)
        states = dict(states)
        for group in (*self.summed, *self.kept):
            states[group] = here.draw(group, states, random)
        return {name: states[name] for name in self.kept}

    def start(self, rows: int, random: np.random.Generator) -> State:
        """Exact draws of the kept groups at β = 0."""
        states = self.conditionals(0.0).start(rows, random)
        return {name: states[name] for name in self.kept}

    @property
    def log_Z0(self) -> float:
        """log Z of the independent units, in double precision."""
        total = 0.0
        for group in self.machine.groups:
            z = self.at(0.0).get(f"b_{group.name}")
            z = np.zeros(self.end.shape(group.name)) if z is None else np.asarray(z, float)
            if group.unit.labels:
                peak = z.max(-1, keepdims=True)
                total += float((peak[..., 0] + np.log(np.exp(z - peak).sum(-1))).sum())
            else:
                own = [np.asarray(p, float) for p in self.end.parameters(group.name)]
                each = unit_code(group.unit).log_normaliser(z, *own) + np.zeros_like(z)
                total += float(each.sum())
        return total


def _summed(machine: Machine) -> tuple[str, ...]:
    """Groups to sum out: one of two blocks without couplings inside, the hidden one if possible.

    Raises `BackproofError` where the groups cannot be coloured with two colours, since a sweep is
    then not reversible.
    """
    order = blocks(machine)
    laterals = [g.name for g in machine.groups if lateral(machine, g.name)]
    if len(order) > 2 or laterals:
        raise BackproofError(
            f"annealing of the {machine.title or 'machine'}",
            f"couplings inside {laterals[0]}" if laterals else f"{len(order)} blocks",
            "two blocks of groups without couplings inside",
            "use parallel tempering, or bp.exact.solve where it is small",
        )
    return order[1] if len(order) > 1 else ()
