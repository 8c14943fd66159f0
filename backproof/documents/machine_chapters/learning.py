"""Chapter: the learning rule, as a difference of two means and as code would have it."""

from __future__ import annotations

import sympy as sp

from backproof.documents.chapters.derivation import step_table
from backproof.documents.chapters.material import Material
from backproof.pages.blocks import Block, Prose, Section, Table
from backproof.theory.calculus.derivation import derive
from backproof.theory.energy.learning import learning_rule
from backproof.theory.energy.machine import Machine
from backproof.theory.equations import Equation, Sum
from backproof.theory.normal import scaled
from backproof.theory.notation import Entry
from backproof.theory.printing.latex import latex

INTRO = (
    "The gradient of the log-likelihood is a difference of two means, $\\langle\\cdot\\rangle$ "
    "with the visible units at the data minus $\\langle\\cdot\\rangle$ under the model itself, of "
    "$-\\partial E/\\partial\\theta$. Learning raises the probability of what the data show and "
    "lowers that of what the machine dreams; it rests where both agree."
)
ROWS = (
    "For code the same is stated as a loss $J$ over $N$ rows of data and $M$ rows of model states, "
    "and derived like any other gradient; a bar is a derivative of $J$, and a step of learning "
    "goes down it. With the states of a chain in the place of the model's it is contrastive "
    "divergence (a chain that starts at the data) or its persistent form (one that goes on)."
)
RULES = ("definition", "partition function", "Fisher's identity", "learning rule")


def learning(machine: Machine) -> Section:
    """⟨−∂E/∂θ⟩ with the data minus ⟨−∂E/∂θ⟩ under the model, why, and the derived loss."""
    rule = learning_rule(machine)
    material = Material(rule.model, rule)
    found: list[Block] = [Prose(INTRO)]
    rows = differences(machine)
    if rows:
        header = ("parameter", "$\\partial \\log p(v)/\\partial\\theta$, mean over the data")
        found.append(Table(header, rows))
    if len(rows) < len(machine.parameters):
        found.append(Prose("The others, which scale a feature, stand among the equations below."))
    why = [step for step in rule.model.steps if step.rule in RULES]
    found.append(step_table(why, "Why it is the log-likelihood's gradient"))
    found.append(Prose(ROWS))
    found += [material.formula(equation) for equation in rule.model.equations]
    found += [material.formula(equation) for equation in rule.derived]
    return Section("Learning", found)


def differences(machine: Machine) -> list[tuple[str, str]]:
    """⟨−∂E/∂θ⟩ with the data minus under the model, for each θ with −∂E/∂θ in states alone."""
    energy = machine.energy()
    gradient = derive(energy, wrt=tuple(machine.parameters))
    states = {machine.state(g.name).name for g in machine.groups} | set(machine.parameters)
    states |= {e.tensor.name for e in energy.equations}  # features
    rows = []
    for name, tensor in machine.parameters.items():
        slope = gradient[name]
        if not isinstance(slope.rhs, Sum) or not {t.name for t in slope.operands} <= states:
            continue
        minus = Equation(slope.tensor, slope.indices, scaled(slope.rhs, -sp.S.One))
        printed = latex(minus).partition("=")[2].strip()
        entry = latex(Entry(tensor, slope.indices))
        mean = f"\\left\\langle {printed} \\right\\rangle"
        rows.append((f"${entry}$", f"${mean}_{{\\text{{data}}}} - {mean}_{{\\text{{model}}}}$"))
    return rows
