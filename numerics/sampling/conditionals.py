"""The conditionals of a machine as NumPy kernels, and draws from them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol

import numpy as np

from backproof.numerics.kernel import Kernel, compile
from backproof.numerics.unit_code import noise, sampler, unit_code
from backproof.theory.energy.conditionals import conditional
from backproof.theory.energy.groups import parameter_names
from backproof.theory.energy.machine import Machine
from backproof.theory.energy.markov import blanket, blocks, lateral, second_differences
from backproof.theory.energy.rewriting import NORMAL
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model

State = dict[str, np.ndarray]


class Random(Protocol):
    """What is asked of a generator; `numpy.random.Generator` is one."""

    def random(self, size: Any, dtype: Any) -> np.ndarray: ...
    def standard_normal(self, size: Any, dtype: Any) -> np.ndarray: ...


class Conditionals:
    """P(group | the others) for every group: its field and mean as kernels, and draws.

    ``values`` are the arrays of the parameters; ``dtype`` is that of the whole computation.
    States are dictionaries of arrays with a leading axis for independent rows (chains).
    """

    def __init__(
        self, machine: Machine, values: Mapping[str, Any], dtype: str | type = "float64"
    ) -> None:
        self.machine, self.dtype = machine, np.dtype(dtype)
        missing = [name for name in machine.parameters if name not in values]
        if missing:
            names = ", ".join(machine.parameters)
            raise BackproofError("values", f"no {missing[0]}", names, f"pass {missing[0]}")
        self.values = {n: np.asarray(values[n], self.dtype) for n in machine.parameters}
        self.order = blocks(machine)
        self._laterals = {g.name for g in machine.groups if lateral(machine, g.name)}

    # kernels -------------------------------------------------------------------------------

    def _call(self, kernel: Kernel, states: Mapping[str, np.ndarray], rows: int) -> np.ndarray:
        known = {**self.values, **states}
        if not any(name in states for name in kernel.arguments.names):  # a group on its own
            found = kernel(**{n: known[n] for n in kernel.arguments.names})
            return np.broadcast_to(found, (rows, *found.shape)).copy()
        return np.asarray(kernel(**{n: known[n] for n in kernel.arguments.names}))

    def field(self, group: str, states: Mapping[str, np.ndarray]) -> np.ndarray:
        """z of every unit of a group, a row for each row of the states."""
        return self._call(kernels(self.machine, group, self.dtype.name)[0], states, _rows(states))

    def mean(self, group: str, states: Mapping[str, np.ndarray]) -> np.ndarray:
        """E[y | rest] of every unit of a group: the probability of a one for binary units."""
        return self._call(kernels(self.machine, group, self.dtype.name)[1], states, _rows(states))

    def mean_in(self, group: str, z: np.ndarray) -> np.ndarray:
        """E[y] of every unit of a group in given fields: softmax of them for categorical units."""
        unit = self.machine[group].unit
        if unit.labels:
            weights = np.exp(z - z.max(-1, keepdims=True))
            return np.asarray(weights / weights.sum(-1, keepdims=True))
        return np.asarray(unit_code(unit).mean(z, *self.parameters(group)), self.dtype)

    # draws ---------------------------------------------------------------------------------

    def draw(self, group: str, states: Mapping[str, np.ndarray], random: Random) -> np.ndarray:
        """States of a group given those of the others.

        The units of a group that are coupled among themselves are drawn one after the other, each
        given the newest states of the rest.
        """
        z = self.field(group, states)
        if group in self._laterals:
            return self._one_by_one(group, np.array(states[group]), z, random)
        return self.drawn(group, z, self.parameters(group), random)

    def drawn(
        self, group: str, z: np.ndarray, parameters: tuple[np.ndarray, ...], random: Random
    ) -> np.ndarray:
        """States of units in given fields, one random number a unit."""
        unit = self.machine[group].unit
        if unit.labels:
            number = random.random(z.shape[:-1], self.dtype)
            return one_hot(number, z)
        if noise(unit) == NORMAL:
            number = random.standard_normal(z.shape, self.dtype)
        elif unit.discrete:
            number = random.random(z.shape, self.dtype)
        else:  # a quantile is infinite at zero
            number = 1 - random.random(z.shape, self.dtype)
        return np.asarray(sampler(unit)(number, z, *parameters), self.dtype)

    def parameters(self, group: str) -> tuple[np.ndarray, ...]:
        """The arrays of a group's own parameters, without the bias, which is in the field."""
        names = parameter_names(self.machine[group])[self.machine[group].unit.biased :]
        return tuple(self.values[name] for name in names)

    def _one_by_one(
        self, group: str, state: np.ndarray, z: np.ndarray, random: Random
    ) -> np.ndarray:
        """z follows each change by the second differences of the energy: Δz = −∂²C/∂f∂f Δf."""
        matrix = -self.differences(group)
        parameters = self.parameters(group)
        for i in range(state.shape[1]):
            own = tuple(p[i : i + 1] for p in parameters)
            new = self.drawn(group, z[:, i : i + 1], own, random)[:, 0]
            change = new - state[:, i]
            if change.ndim == 1:
                z += change[:, None] * matrix[i]
            else:
                z += np.tensordot(change, matrix[i], 1)
            state[:, i] = new
        return state

    def differences(self, group: str) -> np.ndarray:
        """∂²C/∂f∂f of a group with couplings of its own, whose features are its states."""
        found, derivation = second_differences(self.machine)
        equation = found[frozenset((group,))]
        model = Model(
            (equation,),
            {},
            {t.name: t for t in equation.operands},
            equation.tensor,
        )
        if any(t.name not in self.machine.parameters for t in equation.operands):
            raise BackproofError(
                f"group {group}",
                "couplings of its own that depend on other groups",
                "pairs inside the group",
                "state it as a literal machine",
            )
        assert derivation is not None
        return np.asarray(
            compile(model, self.dtype.name)(
                **{t.name: self.values[t.name] for t in equation.operands}
            )
        )

    def sweep(self, states: State, random: Random, reverse: bool = False) -> State:
        """One pass over all blocks of the colouring, each drawn given the newest of the others."""
        states = dict(states)
        for block in self.order[:: -1 if reverse else 1]:
            for group in block:
                states[group] = self.draw(group, states, random)
        return states

    def start(self, rows: int, random: Random, sizes: Mapping[str, int] | None = None) -> State:
        """Independent rows of the machine without its couplings: every unit in its bias alone."""
        states: State = {}
        for group in self.machine.groups:
            shape = self.shape(group.name)
            bias = self.values.get(f"b_{group.name}")
            z = np.zeros(shape, self.dtype) if bias is None else bias
            z = np.broadcast_to(z, (rows, *shape))
            states[group.name] = self.drawn(group.name, z, self.parameters(group.name), random)
        return states

    def descend(self, slopes: Mapping[str, np.ndarray]) -> None:
        """θ ← θ − slope for each parameter that has one."""
        for name, slope in slopes.items():
            self.values[name] -= slope

    def shape(self, group: str) -> tuple[int, ...]:
        """The shape of a group's state, from the arrays."""
        known = {
            size: length
            for name, tensor in self.machine.parameters.items()
            for size, length in zip(tensor.shape, self.values[name].shape, strict=True)
        }
        return tuple(int(known.get(size, size)) for size in self.machine[group].shape)


@cache
def kernels(machine: Machine, group: str, dtype: str) -> tuple[Kernel, Kernel]:
    """The derived field and the derived mean of a group, compiled once for each machine."""
    alone = not blanket(machine, group) and not lateral(machine, group)
    model = conditional(machine, group, None if alone else "N")  # no state says how many rows
    return compile(model.up_to(f"z_{group}"), dtype), compile(model, dtype)


def one_hot(number: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Unit vectors from uniform numbers: the first state whose cumulative weight exceeds them."""
    weights = np.exp(z - z.max(-1, keepdims=True))
    below = np.cumsum(weights, -1)
    place = (number[..., None] * below[..., -1:] >= below[..., :-1]).sum(-1)
    return np.asarray(np.eye(z.shape[-1], dtype=z.dtype)[place])


def _rows(states: Mapping[str, np.ndarray]) -> int:
    return len(next(iter(states.values())))
