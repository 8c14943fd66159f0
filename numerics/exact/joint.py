"""Every joint state of a small machine of groups, with its probability and the sampler's moves."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import product

import numpy as np

from backproof.numerics.kernel import compile
from backproof.numerics.sampling.conditionals import Conditionals
from backproof.theory.calculus.derivation import derive
from backproof.theory.energy.machine import Machine
from backproof.theory.energy.markov import lateral
from backproof.theory.errors import BackproofError

LIMIT = 4096  # states; a transition matrix has as many rows and columns


class Joint:
    """p(x) = exp(−E(x))/Z over all states of a machine of discrete units, and what follows exactly.

    ``rows`` are the states of each group, a row for each joint state.  Raises `BackproofError` for
    real units, for groups coupled among themselves and for more than ``LIMIT`` states.

    >>> from backproof.theory.energy.builders import rbm
    >>> values = {"W": np.ones((2, 1)), "b_v": np.zeros(2), "b_h": np.zeros(1)}
    >>> joint = Joint(rbm(2, 1), values)
    >>> joint.drift() < 1e-15
    True
    """

    def __init__(self, machine: Machine, values: Mapping[str, np.ndarray]) -> None:
        self.machine = machine
        self.conditionals = Conditionals(machine, values)
        self.values = self.conditionals.values
        tables = [self._states(group.name) for group in machine.groups]
        count = int(np.prod([len(table) for table in tables]))
        if count > LIMIT:
            raise BackproofError("joint", f"{count} states", f"at most {LIMIT}", "take a smaller")
        places = np.array(list(product(*(range(len(table)) for table in tables))))
        self.rows = {
            group.name: table[places[:, n]]
            for n, (group, table) in enumerate(zip(machine.groups, tables, strict=True))
        }
        self._places = places

    def _states(self, name: str) -> np.ndarray:
        group = self.machine[name]
        if lateral(self.machine, name) or not group.unit.discrete:
            found = "units coupled among themselves" if group.unit.discrete else "real units"
            raise BackproofError(
                f"group {name}", found, "discrete units, drawn at once", "use bp.exact.solve"
            )
        shape = self.conditionals.shape(name)
        if group.unit.labels:
            one: list[np.ndarray] = list(np.eye(shape[-1]))
        else:
            one = [np.array(float(y)) for y in group.unit.states]
        return np.array(list(product(one, repeat=shape[0]))).reshape(-1, *shape)

    @cached_property
    def probability(self) -> np.ndarray:
        """p of each joint state."""
        kernel = compile(self.machine.energy("N"))
        known = {**self.values, **self.rows}
        energy = np.asarray(kernel(**{n: known[n] for n in kernel.arguments.names}))
        weight = np.exp(energy.min() - energy)
        return np.asarray(weight / weight.sum())

    def transition(self, group: str) -> np.ndarray:
        """The matrix that draws a group anew from its derived conditional and leaves the others.

        The chance of a state is read off the means: of unit vectors, and of two values.
        """
        mean = self.conditionals.mean(group, self.rows)
        states = self.rows[group]
        unit = self.machine[group].unit
        if unit.labels:
            chance = np.einsum("sik,tik->sti", mean, states)
        else:
            low, *_, high = map(float, unit.states)
            if len(unit.states) != 2:
                raise BackproofError(
                    f"group {group}", f"{len(unit.states)} values a unit", "two", "use bp.exact"
                )
            up = ((mean - low) / (high - low))[:, None]
            chance = np.where(states[None] == high, up, 1 - up)
        at = [g.name for g in self.machine.groups].index(group)
        others = np.delete(self._places, at, axis=1)
        same = (others[:, None] == others[None]).all(-1)
        return np.asarray(chance.prod(-1) * same)

    def drift(self) -> float:
        """max |p T − p| over the sampler's moves: zero where every one leaves p invariant."""
        p = self.probability
        return max(
            float(np.abs(p @ self.transition(g.name) - p).max()) for g in self.machine.groups
        )

    def score(self, visible: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """⟨−∂E/∂θ⟩ given one visible state minus ⟨−∂E/∂θ⟩ under the model, for every θ.

        The statistics −∂E/∂θ are the derived ones, the means are sums over all states.
        """
        agree = np.ones(len(self.probability), bool)
        for name, state in visible.items():
            agree &= (self.rows[name] == state).reshape(len(agree), -1).all(1)
        data = self.probability * agree
        weight = data / data.sum() - self.probability
        kernel = compile(derive(self.machine.energy(), wrt=tuple(self.machine.parameters)))
        found = {name: np.zeros_like(value) for name, value in self.values.items()}
        for n, share in enumerate(weight):
            known = {**self.values, **{name: rows[n] for name, rows in self.rows.items()}}
            out = kernel(**{k: known[k] for k in kernel.arguments.names})
            for name in found:
                found[name] = found[name] - share * np.asarray(out[name])
        return found
