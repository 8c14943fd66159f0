"""Chapter: what was derived, on a small instance, beside sums over all its states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import sympy as sp

from backproof.documents.machine_chapters.structure import claims
from backproof.documents.machine_chapters.summing import summable
from backproof.numerics.exact.joint import Joint
from backproof.numerics.exact.solution import Solution
from backproof.numerics.kernel import compile
from backproof.pages.blocks import Evidence, EvidenceRow, Prose, Section
from backproof.theory.energy.conditionals import conditional
from backproof.theory.energy.free_energy import free_energy
from backproof.theory.energy.literal import literal
from backproof.theory.energy.machine import Machine
from backproof.theory.energy.mean_field import mean_field
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model

NEAR = 1e-10
INTRO = (
    "On an instance with two units a group and random parameters, what was derived is compared "
    "with the definition: sums over all states, and integrals in closed form over real units. "
    "*Derived* is what symbolic rules gave, *enumerated* what a sum over every state gave."
).replace("*", "**")
Arrays = Mapping[str, np.ndarray]
Drawn = tuple[Arrays, Mapping[str, float]]  # a state of every group, and by the units' names
DRAWN = 5  # states at which formulas are compared


def evidence(machine: Machine) -> Section | None:
    """A row for each kind of formula on the page."""
    instance = small(machine)
    values = small_values(instance)
    try:
        Solution(literal(instance, values), ())
    except BackproofError:
        return None
    return Section("The evidence", (Prose(INTRO), Evidence(list(rows(instance, values)))))


def rows(machine: Machine, values: Arrays) -> Iterator[EvidenceRow]:
    """What is checked of a machine with numbers."""
    random = np.random.default_rng(1)
    drawn = [some_states(machine, random) for _ in range(DRAWN)]
    states, named = drawn[-1]
    exact = Solution(literal(machine, values), ())
    for group in machine.groups:
        worst = max(_conditional(machine, group.name, values, one, exact) for one in drawn)
        what = f"`{group.name}`: the mean given all others is that of the normalised energy"
        yield row(what, worst)
    for claim in claims(machine):
        if claim.holds:
            yield _independence(machine, claim.left, claim.right, claim.given, named, exact)
    over = summable(machine)
    if over:
        what = ", ".join(f"`{n}`" for n in over)
        worst = max(_free_energy(machine, over, values, one) for one in drawn)
        yield row(f"the free energy with {what} summed out is minus the log of the sum", worst)
    if set(over) != set(machine.hidden):
        yield _bound(machine, values, states, named, random)
    try:
        joint = Joint(machine, values)
        drift = joint.drift()
    except BackproofError:
        return
    yield row("every draw of a sweep leaves the joint distribution invariant", drift)
    yield _score(machine, values, joint, states, named)


def row(statement: str, worst: float, detail: str = "") -> EvidenceRow:
    """Verified where the largest difference is that of rounding."""
    verdict = "verified" if worst < NEAR else "refuted"
    said = detail or f"largest difference {worst:.1e}"
    return EvidenceRow(statement, verdict, ("derived", "enumerated"), said)  # type: ignore[arg-type]


def _conditional(
    machine: Machine,
    group: str,
    values: Arrays,
    drawn: Drawn,
    exact: Solution,
) -> float:
    """How far the derived mean of each unit of a group is off, at one state of the others."""
    states, named = drawn
    mean = called(conditional(machine, group), values, states)
    worst = 0.0
    for i in range(len(mean)):
        given = {k: x for k, x in named.items() if k != f"{group}{i}"}
        answer = exact.conditional(f"{group}{i}", given)
        right = answer["probs"] if machine[group].unit.labels else answer["mean"]
        worst = max(worst, float(np.abs(mean[i] - right).max()))
    return worst


def _independence(
    machine: Machine,
    left: tuple[str, ...],
    right: tuple[str, ...],
    given: tuple[str, ...],
    named: Mapping[str, float],
    exact: Solution,
) -> EvidenceRow:
    """P(left | given, right) = P(left | given), for a unit and a state of each."""
    unit = f"{left[0]}0"
    known = _of(machine, given, named)
    more = _of(machine, right, named)
    alone, both = exact.conditional(unit, known), exact.conditional(unit, known | more)
    key = "probs" if machine[left[0]].unit.discrete else "mean"
    worst = float(np.abs(np.subtract(alone[key], both[key])).max())
    names = [", ".join(f"`{n}`" for n in part) for part in (left, right, given)]
    return row(f"{names[0]} ⊥ {names[1]} given {names[2]}: the distribution stays the same", worst)


def _of(machine: Machine, groups: tuple[str, ...], named: Mapping[str, float]) -> dict[str, float]:
    units = {f"{g}{i}" for g in groups for i in range(int(machine[g].size))}
    return {k: x for k, x in named.items() if k in units}


def _free_energy(machine: Machine, over: tuple[str, ...], values: Arrays, drawn: Drawn) -> float:
    """How far F is off, at one state of the groups that stay."""
    states, named = drawn
    kept = tuple(g.name for g in machine.groups if g.name not in over)
    known = _of(machine, kept, named)
    exact = Solution(literal(machine, values), tuple(known))
    found = float(called(free_energy(machine, over=over), values, states))
    return abs(found - float(exact.free_energy(known)))


def _bound(
    machine: Machine,
    values: Arrays,
    states: Arrays,
    named: Mapping[str, float],
    random: np.random.Generator,
) -> EvidenceRow:
    """L ≤ −F(v) at many fields, of which some are near the best."""
    visible = _of(machine, machine.visible, named)
    exact = -float(Solution(literal(machine, values), tuple(visible)).free_energy(visible))
    model = mean_field(machine)
    gaps = []
    for _ in range(50):
        fields = {
            n: random.standard_normal(tuple(map(int, t.shape)))
            for n, t in model.inputs.items()
            if n.startswith("eta_")
        }
        for name in fields:  # rates of exponential units are negative
            if machine[name.removeprefix("eta_")].unit.name == "exponential":
                fields[name] = -1 - np.abs(fields[name])
        gaps.append(exact - float(called(model, values, {**states, **fields})))
    detail = f"smallest gap {min(gaps):.1e} at 50 random fields"
    return row("the mean-field bound lies below the log of the sum", max(0.0, -min(gaps)), detail)


def _score(
    machine: Machine, values: Arrays, joint: Joint, states: Arrays, named: Mapping[str, float]
) -> EvidenceRow:
    """⟨·⟩data − ⟨·⟩model beside differences of the exact log-likelihood."""
    visible = {name: states[name] for name in machine.visible}
    known = _of(machine, machine.visible, named)
    score = joint.score(visible)
    laterals = {c.weight for c in machine.couplings if c.lateral}
    random, worst, step = np.random.default_rng(2), 0.0, 1e-3
    for name in machine.parameters:
        if name in laterals:
            continue
        way = random.standard_normal(values[name].shape)

        def at(t: float, name: str = name, way: np.ndarray = way) -> float:
            moved = {**values, name: values[name] + t * way}
            exact = Solution(literal(machine, moved), tuple(known))
            return float(exact.log_probability(known))

        slope = (8 * (at(step) - at(-step)) - at(2 * step) + at(-2 * step)) / (12 * step)
        worst = max(worst, abs(slope - float((score[name] * way).sum())))
    return row("⟨·⟩data − ⟨·⟩model is the slope of the exact log-likelihood", worst)


def called(model: Model, values: Arrays, states: Arrays) -> np.ndarray:
    """The kernel of a model on those of the arrays that it takes."""
    known = {**values, **states}
    return np.asarray(compile(model)(**{n: known[n] for n in model.arguments}))


# The instance ------------------------------------------------------------------------------


def small(machine: Machine) -> Machine:
    """The machine with two units a group, and three states a categorical unit."""
    three = sp.Integer(3)
    groups = tuple(
        replace(g, size=sp.Integer(2), states=None if g.states is None else three)
        for g in machine.groups
    )
    return replace(machine, groups=groups)


def small_values(machine: Machine, seed: int = 0) -> dict[str, np.ndarray]:
    """Random parameters of a machine whose sizes are numbers, for which it has a density."""
    random = np.random.default_rng(seed)
    values = {}
    laterals = {c.weight for c in machine.couplings if c.lateral}
    rates = {f"b_{g.name}" for g in machine.groups if g.unit.name == "exponential"}
    for name, tensor in machine.parameters.items():
        shape = tuple(map(int, tensor.shape))
        value = 0.3 * random.standard_normal(shape)
        if name.startswith(("q_", "sigma_")):
            value = 1 + np.abs(value)
        if name in rates:
            value = -3 - np.abs(value)
        if name in laterals:
            half = len(shape) // 2
            value = (value + np.moveaxis(value, range(half), range(half, 2 * half))) / 2
            for i in range(shape[0]):
                np.moveaxis(value, half, 1)[i, i] = 0  # a unit does not meet itself
        values[name] = value
    return values


def some_states(
    machine: Machine, random: np.random.Generator
) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """A state of every group as arrays, and by the names of the units."""
    states: dict[str, np.ndarray] = {}
    named: dict[str, float] = {}
    for g in machine.groups:
        count = int(g.size)
        if g.states is not None:
            drawn = random.integers(int(g.states), size=count).astype(float)
            states[g.name] = np.eye(int(g.states))[drawn.astype(int)]
        elif g.unit.discrete:
            drawn = random.choice([float(y) for y in g.unit.states], count)
            states[g.name] = drawn
        else:
            drawn = random.uniform(0.1, 0.9, count)
            states[g.name] = drawn
        named |= {f"{g.name}{i}": float(x) for i, x in enumerate(drawn)}
    return states, named
