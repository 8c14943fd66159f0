"""A small machine with two groups of two-valued units, written out state by state."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from scipy import special

from backproof.numerics.kernel import compile
from backproof.theory.calculus.derivation import derive
from backproof.theory.declarations import size
from backproof.theory.energy.machine import Machine
from backproof.theory.errors import BackproofError

Array = np.ndarray[Any, Any]
STATES = {"binary": (0.0, 1.0), "spin": (-1.0, 1.0)}


@dataclass(frozen=True, eq=False)  # holds arrays: compared by identity
class Enumeration:
    """Every state of the visible and of the hidden group, with the energy of each pair.

    ``v`` is (S, n), ``h`` (T, m), ``energy`` (S, T).
    """

    machine: Machine
    values: dict[str, Array]

    def states(self, group: str) -> Array:
        """All states of a group, one a row."""
        unit = self.machine[group].unit.name
        if unit not in STATES:
            known = " or ".join(STATES)
            raise BackproofError(f"group {group}", f"{unit} units", known, "enumerate other units")
        units = self.values[f"b_{group}"].size
        return np.array(list(product(STATES[unit], repeat=units)))

    @cached_property
    def v(self) -> Array:
        """The visible states."""
        return self.states("v")

    @cached_property
    def h(self) -> Array:
        """The hidden states."""
        return self.states("h")

    def energies(self, v: Array, h: Array) -> Array:
        """E of every pair of rows."""
        kernel = compile(self.machine.energy("N"))
        pairs = {"v": np.repeat(v, len(h), 0), "h": np.tile(h, (len(v), 1))}
        given = {**self.values, **pairs}
        found = kernel(**{n: given[n] for n in kernel.arguments.names})
        return np.asarray(found).reshape(len(v), len(h))

    @cached_property
    def energy(self) -> Array:
        """E(v, h) of every pair of states."""
        return self.energies(self.v, self.h)

    @cached_property
    def hidden(self) -> Array:
        """p(h | v), a row for each v."""
        return np.asarray(special.softmax(-self.energy, axis=1))

    @cached_property
    def visible(self) -> Array:
        """p(v | h), a row for each h."""
        return np.asarray(special.softmax(-self.energy, axis=0).T)

    @cached_property
    def marginal(self) -> Array:
        """p(v)."""
        joint = np.asarray(special.softmax(-self.energy))
        return joint.sum(axis=1)

    @cached_property
    def transition(self) -> Array:
        """p(v′ | v) of one Gibbs step: the hidden units first, then the visible ones."""
        return self.hidden @ self.visible

    @cached_property
    def statistics(self) -> dict[str, Array]:
        """−∂E/∂θ of every pair of states, (S, T, …)."""
        names = tuple(self.machine.parameters)
        kernel = compile(derive(self.machine.energy(), wrt=names))
        found: dict[str, list[Array]] = {name: [] for name in names}
        for v, h in product(self.v, self.h):
            given = {**self.values, "v": v, "h": h}
            out = kernel(**{n: given[n] for n in kernel.arguments.names})
            for name in names:
                found[name].append(-np.asarray(out[name]))
        shape = (len(self.v), len(self.h))
        return {n: np.reshape(rows, (*shape, *rows[0].shape)) for n, rows in found.items()}

    def rows(self, states: Array, group: str) -> Array:
        """Which state each row is; −1 for a row that is none."""
        every = self.states(group)
        same = np.all(np.asarray(states)[:, None] == every[None], axis=-1)
        return np.where(same.any(axis=1), same.argmax(axis=1), -1)


def small(machine: Machine, n: int, m: int, scale: float, rng: np.random.Generator) -> Enumeration:
    """The machine with random parameters for n visible and m hidden units."""
    sizes = {size("n"): n, size("m"): m}
    values = {}
    for name, tensor in machine.parameters.items():
        shape = tuple(int(s.xreplace(sizes)) for s in tensor.shape)
        values[name] = scale * rng.normal(size=shape)
    return Enumeration(machine, values)
