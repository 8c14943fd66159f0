"""Equations put together: fields, normalisers and means of groups in one statement."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from backproof.theory.energy import local
from backproof.theory.energy.fields import Field, field, joined
from backproof.theory.energy.groups import parameter_names
from backproof.theory.energy.machine import Energy, Machine
from backproof.theory.energy.units.unit import FIELD, Unit
from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.model import Model, needed
from backproof.theory.notation import Entry, Index, Tensor
from backproof.theory.steps import Step
from backproof.theory.trace.values import Value


class Composition:
    """One statement about a machine, for one batch of states or for several, told by marks.

    ``fields``, ``means`` and ``normalisers`` write down what they need, each once.
    """

    def __init__(self, machine: Machine, batch: str | None = None, mark: str = "") -> None:
        self.machine, self.batch, self.mark = machine, batch, mark
        self.energy = Energy(machine, batch, mark)
        self.statement = self.energy.statement
        self.inputs: dict[str, Tensor] = {}
        self.steps: list[Step] = []
        self._fields: dict[str, Field] = {}

    # values --------------------------------------------------------------------------------

    @property
    def lead(self) -> tuple[Index, ...]:
        """The index of the rows, where there is a batch."""
        return self.energy.lead

    def entry(self, tensor: Tensor) -> Value:
        """A tensor as a value with fresh indices, its first the rows' where there are rows."""
        indices = list(tensor.indices())
        if self.lead and tensor.shape and tensor.shape[0] == self.lead[0].size:
            indices[0] = self.lead[0]
        return Value(
            tuple(indices), Sum((Contraction(sp.S.One, (Entry(tensor, tuple(indices)),)),))
        )

    def parameters(self, group: str) -> tuple[Value, ...]:
        """The group's own parameters, without the bias, which is in its field."""
        machine_group = self.machine[group]
        names = parameter_names(machine_group)[machine_group.unit.biased :]
        return tuple(self.entry(self.machine.parameters[name]) for name in names)

    def adopt(self, equations: Sequence[Equation]) -> None:
        """Take over equations that were derived elsewhere."""
        for equation in equations:
            if equation.tensor.name not in {e.tensor.name for e in self.statement.equations}:
                self.statement.equations.append(equation)
                self.statement.tensors[equation.tensor.name] = equation.tensor

    # parts ---------------------------------------------------------------------------------

    def field(self, group: str) -> Tensor:
        """z of the group."""
        if group not in self._fields:
            found = self._fields[group] = field(self.machine, group, self.batch, self.mark)
            self.adopt(joined(found.equations))
            self.steps += found.steps
        return self._fields[group].tensor

    def scalar(self, group: str, expression: sp.Expr, z: Value) -> Value:
        """An expression in the field and the unit's parameters, for every unit of the group."""
        symbols = (FIELD, *self.machine[group].unit.parameters)
        value = self.statement.elementwise(
            lambda *given: expression.xreplace(dict(zip(symbols, given, strict=True))),
            z,
            *self.parameters(group),
        )
        return value.renamed(dict(zip(value.indices, z.indices, strict=True)), z.axes)

    def log_normaliser(self, group: str, z: Tensor) -> Value:
        """A(z) of each unit of the group; log Σ_k exp z_k for a categorical one."""
        return self._log_normaliser(group, z, self.entry(z))

    def _log_normaliser(self, group: str, z: Tensor, value: Value) -> Value:
        unit = self.machine[group].unit
        if unit.labels:
            over = value.indices[-1:]
            left = value.indices[:-1]
            found = self.statement.reduce("logsumexp", value, over, f"L_{group}{self.mark}")
            return Value(left, Sum((Contraction(sp.S.One, (found,)),)))
        return self.scalar(group, local.log_normaliser(unit), value)

    def mean(self, group: str, z: Tensor, wish: str = "") -> Tensor:
        """E[y | z] of each unit, written down; softmax of the field for a categorical one."""
        unit, value = self.machine[group].unit, self.entry(z)
        name = wish or f"{'p' if is_probability(unit) else 'm'}{z.name[1:]}"
        if unit.labels:
            log = self._log_normaliser(group, z, value)
            difference = _difference(value, log)
            result = self.statement.elementwise(sp.exp, difference)
            result = result.renamed(
                dict(zip(result.indices, value.indices, strict=True)), value.axes
            )
        else:
            result = self.scalar(group, local.mean(unit), value)
            self.steps += [s for s in local.steps(unit) if s not in self.steps]
        return self.written(result, name)

    def variance(self, group: str, z: Tensor) -> Tensor:
        """Var[y | z] of each unit of a group with scalar states, written down."""
        unit, value = self.machine[group].unit, self.entry(z)
        return self.written(self.scalar(group, local.variance(unit), value), f"s{z.name[1:]}")

    # results -------------------------------------------------------------------------------

    def written(self, value: Value, name: str) -> Tensor:
        """The value as an equation of this name."""
        entry = self.statement.bind(value, name).entry
        assert entry is not None
        return entry.tensor

    def model(self, *outputs: Tensor, title: str = "", story: tuple[str, ...] = ()) -> Model:
        """The model of the last output, with everything that the outputs need."""
        kept = needed(self.statement.equations, outputs)
        used = {t.name for e in kept for t in e.operands} - {e.tensor.name for e in kept}
        states = {t.name: t for t in self.energy.states.values()} | self.inputs
        return Model(
            kept,
            {n: t for n, t in states.items() if n in used},
            {n: t for n, t in self.machine.parameters.items() if n in used},
            outputs[-1],
            tuple(self.steps + self.statement.steps),
            title or self.machine.title,
            (*self.machine.story, *story),
        )


def is_probability(unit: Unit) -> bool:
    """Whether a mean is the probability of a state: states 0 and 1, or unit vectors."""
    return unit.labels or unit.support == sp.FiniteSet(0, 1)


def _difference(value: Value, log: Value) -> Value:
    """z[…,k] − L[…], the second spread over k."""
    from_log = tuple(Contraction(-t.coefficient, t.factors, t.over) for t in log.rhs.terms)
    return Value(value.axes, Sum((*value.rhs.terms, *from_log)))
