"""Chapter: a unit alone in its field."""

from __future__ import annotations

import sympy as sp

from backproof.documents.chapters.derivation import step_table
from backproof.pages.blocks import Block, Prose, Section, Table
from backproof.pages.inline import literal
from backproof.theory.energy import local
from backproof.theory.energy.machine import Machine
from backproof.theory.energy.units import Unit
from backproof.theory.printing.latex import latex
from backproof.theory.steps import Step

INTRO = (
    "With the others held fixed a unit is alone in a **field** $z$: what they send to it, plus its "
    "own bias. Its energy is then a function of its state $y$ and of $z$. Summing or integrating "
    "$e^{-E}$ over its support gives the log-normaliser $A(z)$, and derivatives of it the moments: "
    "the mean is $A'(z)$ and the variance $A''(z)$ (of the **feature** $f$, which the field "
    "multiplies: the state itself, or the state over a scale)."
)


def units(machine: Machine) -> Section:
    """Support, normaliser, mean and variance of each kind of unit, with the derivation."""
    rows: list[tuple[str, ...]] = []
    steps: list[Step] = []
    for unit in dict.fromkeys(g.unit for g in machine.groups):
        if unit.labels:
            rows.append((unit.name, r"$K$ unit vectors", r"$\log \sum_k e^{z_k}$", "softmax", "–"))
            continue
        formulas = (local.log_normaliser(unit), local.mean(unit), local.variance(unit))
        support = f"${sp.latex(unit.support)}$"
        rows.append((literal(unit.name), support, *(f"${latex(f)}$" for f in formulas)))
        steps += list(local.steps(unit))
    header = ("unit", "support", "$A(z)$", "mean", "variance")
    blocks: list[Block] = [Prose(INTRO), Table(header, rows)]
    if steps:
        blocks.append(step_table(steps, "From support and energy to the moments"))
    return Section("One unit in its field", blocks)


def local_steps(unit: Unit) -> tuple[Step, ...]:
    """The steps that are the unit's own, which the page shows once."""
    return () if unit.labels else local.steps(unit)
