"""Probes: generic points with what the function returned, and what mutations do there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backproof.numerics.judge.comparison import Comparison
from backproof.numerics.judge.mutations import Mutation
from backproof.numerics.judge.points.point import Point, tolerance
from backproof.numerics.judge.reference.evaluation import Evaluation
from backproof.numerics.judge.reference.running import Array
from backproof.numerics.judge.statement import Statement
from backproof.theory.equations import Equation
from backproof.theory.errors import BackproofError

LOOSE = 1e-9  # relative; a first sieve before the running error decides


@dataclass(frozen=True, eq=False)  # holds arrays: compared by identity
class Probe:
    """A generic point with what the function returned there."""

    statement: Statement
    point: Point
    got: Mapping[str, Array]  # by the name of the tensor

    @cached_property
    def base(self) -> Evaluation:
        """The quantities there, without errors."""
        point = self.point
        here = Evaluation(point.form, point.assignment.sizes, point.values, bounds=False)
        return here.run(self.statement.equations)

    @cached_property
    def off(self) -> frozenset[str]:
        """The outputs that are visibly wrong there."""
        return frozenset(n for n in self.got if not close(self, n, self.base.real[n].value))


@dataclass(frozen=True)
class Effect:
    """What a mutation does at a probe: outputs that it changes, and those it then explains.

    A ``silent`` one gives no number there, as a division by d − 1 does at d = 1.
    """

    changed: frozenset[str]
    matched: frozenset[str]
    silent: bool = False


def close(probe: Probe, name: str, value: Array) -> bool:
    """Whether a value is what the function returned, by a first sieve."""
    got = probe.got[name]
    with np.errstate(invalid="ignore"):
        allowed = 4 * probe.point.tolerance(name) + LOOSE * np.max(np.abs(value), initial=0)
        return bool(np.all(np.abs(got - value) <= allowed))


def mutated(statement: Statement, mutation: Mutation) -> list[Equation]:
    """The equations in order, changed ones in their places and new ones before their first use."""
    own = {e.tensor.name for e in statement.equations}
    new = [e for name, e in mutation.changed.items() if name not in own]
    ordered: list[Equation] = []
    for equation in statement.equations:
        changed = mutation.changed.get(equation.tensor.name, equation)
        ordered += [e for e in new if e not in ordered and e.tensor in changed.operands]
        ordered.append(changed)
    return ordered


def effect(statement: Statement, mutation: Mutation, probe: Probe) -> Effect:
    """What a mutation does, up to the first output that it changes to other numbers."""
    here = probe.base.copy()
    for name, make in mutation.further.items():
        here.give(name, make(here.size, probe.point.values))
    dirty: set[str] = set()
    changed: list[str] = []
    with np.errstate(all="ignore"):
        for equation in mutated(statement, mutation):
            name = equation.tensor.name
            touched = name in mutation.changed or any(t.name in dirty for t in equation.operands)
            if not touched:
                continue
            try:
                here.define(equation)
            except BackproofError:  # a mutation that cannot be computed explains nothing
                return Effect(frozenset(probe.got), frozenset())
            before, after = probe.base.real.get(name), here.real.get(name)
            if before is not None and after is not None and _equal(after.value, before.value):
                continue
            if after is not None and not np.all(np.isfinite(after.value)):
                return Effect(frozenset(), frozenset(), silent=True)
            dirty.add(name)
            if name in probe.got:
                changed.append(name)
                if after is None or not close(probe, name, after.value):
                    return Effect(frozenset(changed), frozenset(changed[:-1]))
    return Effect(frozenset(changed), frozenset(changed))


def _equal(a: Array, b: Array) -> bool:
    return a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=True))


def confirmed(statement: Statement, mutation: Mutation, probe: Probe) -> bool:
    """Whether every output agrees with the mutated equations within their own running error."""
    point = probe.point
    here = Evaluation(point.form, point.assignment.sizes, point.values)
    for name, make in mutation.further.items():
        here.give(name, make(here.size, point.values))
    here.run(mutated(statement, mutation))
    return all(
        Comparison(got, here.real[name].value, tolerance(here, name)).agrees
        for name, got in probe.got.items()
    )
