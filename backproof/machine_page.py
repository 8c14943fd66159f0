"""A machine as a page: its energy and all that follows from it, in the order of a lesson."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from backproof.chapters.derivation import step_table
from backproof.chapters.material import Material
from backproof.numerics.exact.solution import Solution
from backproof.numerics.kernel import compile
from backproof.pages.blocks import (
    Block,
    Code,
    Evidence,
    EvidenceRow,
    Formula,
    Page,
    Prose,
    Section,
    Table,
)
from backproof.pages.inline import literal
from backproof.theory.energy import local
from backproof.theory.energy.conditionals import conditional
from backproof.theory.energy.free_energy import free_energy
from backproof.theory.energy.learning import learning_rule
from backproof.theory.energy.literal import literal as literal_machine
from backproof.theory.energy.machine import Machine
from backproof.theory.energy.markov import blanket, blocks, independence, lateral
from backproof.theory.energy.mean_field import mean_field
from backproof.theory.energy.units import Unit
from backproof.theory.errors import BackproofError
from backproof.theory.notation import Entry
from backproof.theory.printing.latex import latex
from backproof.theory.steps import Step


def machine_page(machine: Machine, title: str = "") -> Page:
    """The page of a machine; what does not apply to it is left out."""
    parts = (_energy, _units, _structure, _conditionals, _summing, _learning, _code, _evidence)
    sections = [section for part in parts if (section := part(machine)) is not None]
    sections = _once(sections)
    heading = title or machine.title or "A machine"
    return Page(heading, "Derived, compiled and checked by backproof", sections)


def _once(sections: Sequence[Section]) -> list[Section]:
    """The sections without formulas that an earlier one shows; labels made different."""
    seen: dict[str, set[str]] = {}
    found = []
    for section in sections:
        kept: list[Block] = []
        for block in section.blocks:
            if isinstance(block, Formula):
                texts = seen.setdefault(block.label, set())
                if block.text in texts:
                    continue
                texts.add(block.text)
                label = block.label if len(texts) == 1 else f"{block.label}-{len(texts)}"
                block = replace(block, label=label)
            kept.append(block)
        found.append(replace(section, blocks=kept))
    return found


def _energy(machine: Machine) -> Section:
    model = machine.energy()
    material = Material(model)
    rows = []
    for group in machine.groups:
        tensor = machine.state(group.name)
        role = "visible" if group.name in machine.visible else "hidden"
        rows.append(
            (
                f"${latex(Entry(tensor, tensor.indices()))}$",
                f"{literal(group.unit.name)} units, {role}",
                " × ".join(f"${latex(size)}$" for size in group.shape),
            )
        )
    for name, tensor in machine.parameters.items():
        what = "parameter" if name[:2] in ("b_", "q_") or "_" in name else "weight"
        shape = " × ".join(f"${latex(size)}$" for size in tensor.shape)
        rows.append((f"${latex(Entry(tensor, tensor.indices()))}$", what, shape))
    intro = (
        "An energy is stated, and with it a distribution: every joint state has the probability "
        "$e^{-E}/Z$, where $Z$ sums $e^{-E}$ over all states (an integral over real units). "
        "Everything below follows from this one line."
    )
    blocks: list[Block] = [Prose(intro), Table(("symbol", "what it is", "how many"), rows)]
    blocks += [material.formula(equation) for equation in model.equations]
    return Section("The energy", blocks)


def _units(machine: Machine) -> Section | None:
    kinds = dict.fromkeys(g.unit for g in machine.groups)
    rows: list[tuple[str, ...]] = []
    steps: list[Step] = []
    for unit in kinds:
        if unit.labels:
            rows.append((unit.name, r"$K$ unit vectors", r"$\log \sum_k e^{z_k}$", "softmax", "–"))
            continue
        support = sp.latex(unit.support)
        formulas = (local.log_normaliser(unit), local.mean(unit), local.variance(unit))
        rows.append((literal(unit.name), f"${support}$", *(f"${latex(f)}$" for f in formulas)))
        steps += list(local.steps(unit))
    intro = (
        "With the others held fixed a unit is alone in a field $z$. Summing or integrating "
        "$e^{-E}$ over its support gives the log-normaliser $A(z)$, and derivatives of it the "
        "moments: the mean is $A'(z)$ and the variance $A''(z)$ (of what the field multiplies)."
    )
    header = ("unit", "support", "$A(z)$", "mean", "variance")
    blocks: list[Block] = [Prose(intro), Table(header, rows)]
    if steps:
        blocks.append(step_table(steps, "From support and energy to the moments"))
    return Section("Units", blocks)


def _structure(machine: Machine) -> Section:
    rows = []
    for group in machine.groups:
        near = ", ".join(blanket(machine, group.name)) or "none"
        own = "yes" if lateral(machine, group.name) else "no"
        rows.append((f"`{group.name}`", literal(near), own))
    order = "; then ".join(", ".join(f"`{n}`" for n in block) for block in blocks(machine))
    intro = (
        "Two groups interact where a second difference of the energy does not vanish. "
        "Those that do are each other's Markov blanket; the others are independent given it."
    )
    found: list[Block] = [
        Prose(intro),
        Table(("group", "its Markov blanket", "coupled among itself"), rows),
    ]
    claims = _claims(machine)
    if claims:
        found.append(Prose("\n\n".join(literal(str(claim)) + "." for claim in claims)))
    found.append(Prose(f"Groups without a common coupling are drawn at once: {order}."))
    return Section("Who depends on whom", found)


def _claims(machine: Machine) -> list[Any]:
    """For the visible groups: what they are independent of, given their blanket."""
    found = []
    for name in machine.visible:
        near = blanket(machine, name)
        far = [g.name for g in machine.groups if g.name != name and g.name not in near]
        if far and near:
            found.append(independence(machine, name, far, near))
            found.append(independence(machine, name, far))
    return found


def _conditionals(machine: Machine) -> Section:
    intro = (
        "The field of a group is minus the derivative of the interaction, and its units, given "
        "the others, are alone in it."
    )
    found: list[Block] = [Prose(intro)]
    for group in machine.groups:
        model = conditional(machine, group.name)
        material = Material(model)
        found.append(Prose(f"**{literal(model.title.partition(' of the ')[0])}**"))
        found += [material.formula(equation) for equation in model.equations]
        own = [step for step in model.steps if step not in local_steps(group.unit)]
        found.append(step_table(own, f"How the field of {group.name} follows"))
    return Section("Conditionals", found)


def _summing(machine: Machine) -> Section | None:
    if not machine.hidden:
        return None
    try:
        model, title = free_energy(machine), "The free energy"
        intro = (
            "Given the visible units the hidden ones are independent, so their sum is a product "
            "and $F(v) = -\\log \\sum_h e^{-E}$ is known in closed form: $\\log p(v) = -F(v) - "
            "\\log Z$."
        )
    except BackproofError:
        model, title = mean_field(machine), "The mean-field bound"
        intro = (
            "The hidden groups interact, so their sum is no product. Independent units with "
            "fields $\\eta$ give a bound instead, $\\log p(v) \\ge L - \\log Z$. It is stationary "
            "where each $\\eta$ is the field of its conditional with means in the place of states: "
            "the mean-field equations."
        )
    material = Material(model)
    found: list[Block] = [Prose(intro)]
    found += [material.formula(equation) for equation in model.equations]
    found.append(step_table(model.steps, "How it follows"))
    return Section(title, found)


def _learning(machine: Machine) -> Section:
    rule = learning_rule(machine)
    material = Material(rule.model, rule)
    intro = (
        "The gradient of the log-likelihood is a difference of two means, with the data and under "
        "the model. It is stated as a loss over $N$ rows of data and $M$ rows of model states, "
        "and derived like any other gradient; a step of learning goes down it."
    )
    found: list[Block] = [Prose(intro)]
    found += [material.formula(equation) for equation in rule.model.equations]
    why = [step for step in rule.model.steps if step.rule in _RULES]
    found.append(step_table(why, "Why it is the log-likelihood's gradient"))
    found += [material.formula(equation) for equation in rule.derived]
    return Section("Learning", found)


def local_steps(unit: Unit) -> tuple[Step, ...]:
    """The steps that are the unit's own, which the page shows once."""
    return () if unit.labels else local.steps(unit)


_RULES = ("definition", "partition function", "Fisher's identity", "learning rule")


def _code(machine: Machine) -> Section:
    found: list[Block] = [Prose("Each conditional as NumPy code, compiled from its equations.")]
    for block in blocks(machine):
        for group in block:
            found.append(Code(compile(conditional(machine, group, "N")).source))
    return Section("The sampler", found)


# Evidence ----------------------------------------------------------------------------------


def _evidence(machine: Machine) -> Section | None:
    """The formulas on a small instance beside sums over all its states."""
    instance = small(machine)
    values = small_values(instance)
    try:
        exact = Solution(literal_machine(instance, values), ())
    except BackproofError:
        return None
    rows = [_conditional_row(instance, g.name, values, exact) for g in instance.groups]
    intro = (
        "On an instance with two units a group and random parameters, what was derived is compared "
        "with the definition, summed over all states."
    )
    return Section("The evidence", (Prose(intro), Evidence(rows)))


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


def _conditional_row(
    machine: Machine, group: str, values: dict[str, np.ndarray], exact: Solution
) -> EvidenceRow:
    """The derived mean of each unit of a group, at one state of the others."""
    random = np.random.default_rng(1)
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
    model = conditional(machine, group)
    known = {**values, **states}
    mean = compile(model)(**{n: known[n] for n in model.arguments})
    worst = 0.0
    for i in range(len(mean)):
        given = {k: x for k, x in named.items() if k != f"{group}{i}"}
        answer = exact.conditional(f"{group}{i}", given)
        right = answer["probs"] if machine[group].unit.labels else answer["mean"]
        worst = max(worst, float(np.abs(mean[i] - right).max()))
    return EvidenceRow(
        f"`{group}`: the mean given all others is that of the normalised energy",
        "verified" if worst < 1e-10 else "refuted",
        ("derived", "enumerated"),
        f"largest difference {worst:.1e}",
    )
