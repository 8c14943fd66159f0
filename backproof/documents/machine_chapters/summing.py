"""Chapters: hidden units summed out, exactly where they are independent, by a bound elsewhere."""

from __future__ import annotations

from backproof.documents.chapters.derivation import step_table
from backproof.documents.chapters.material import Material
from backproof.pages.blocks import Block, Prose, Section
from backproof.theory.calculus.derivation import derive
from backproof.theory.energy.free_energy import free_energy
from backproof.theory.energy.machine import Machine
from backproof.theory.energy.markov import blocks, lateral
from backproof.theory.energy.mean_field import mean_field, mean_field_equations
from backproof.theory.errors import BackproofError


def summable(machine: Machine) -> tuple[str, ...]:
    """The hidden groups that can be summed out together: all, or the most of one colour."""
    try:
        free_energy(machine)
    except BackproofError:
        choices = [
            tuple(n for n in block if n in machine.hidden and not lateral(machine, n))
            for block in blocks(machine)
        ]
        return max(choices, key=len)
    return machine.hidden


def free(machine: Machine) -> Section | None:
    """The free energy, of the visible units or of one colour's complement, and its gradient."""
    over = summable(machine)
    if not over:
        return None
    model = free_energy(machine, over=over)
    names = ", ".join(f"`{n}`" for n in over)
    whole = set(over) == set(machine.hidden)
    intro = (
        f"Given the others the units of {names} are independent, so the sum over them is a "
        "product of the units' normalisers, and $F = -\\log \\sum e^{-E}$ is known in closed form"
    )
    intro += (
        ": $\\log p(v) = -F(v) - \\log Z$. Only $Z$ stays hard."
        if whole
        else ". The other hidden groups stay: to sum out all of them has no closed form, since "
        "they interact."
    )
    found: list[Block] = [Prose(intro)]
    found += [Material(model).formula(equation) for equation in model.equations]
    own = [step for step in model.steps if step.rule == "summation"]  # fields stand above
    found.append(step_table(own, "How it follows"))
    if whole:
        wrt = [name for name in machine.visible if not machine[name].unit.discrete]
        gradient = derive(model, wrt=tuple(wrt) or tuple(machine.parameters))
        material = Material(model, gradient)
        what = (
            "minus the score $\\partial \\log p(v)/\\partial v$" if wrt else "what learning needs"
        )
        found.append(Prose(f"Its gradient, {what}; a bar is a derivative of $F$:"))
        found += [material.formula(equation) for equation in gradient.derived]
    return Section("The free energy", found)


def bound(machine: Machine) -> Section | None:
    """The mean-field bound where the hidden groups interact."""
    if not machine.hidden or set(summable(machine)) == set(machine.hidden):
        return None
    model = mean_field(machine)
    material = Material(model)
    intro = (
        "The hidden groups interact, so their sum is no product. **Independent** units with fields "
        "$\\eta$ of their own, chosen for each $v$, give a bound instead: $\\log p(v) \\ge L - "
        "\\log Z$, whatever $\\eta$ is."
    )
    stationary = (
        "The best fields are where $L$ is stationary: each $\\eta$ is the field $z$ of its "
        "conditional with means $m$ in the place of states. These **mean-field equations** are "
        "solved by going round the groups until nothing changes. What is lost, $-F(v) - L$, is the "
        "Kullback–Leibler divergence of the independent units from $p(h \\mid v)$."
    )
    found: list[Block] = [Prose(intro)]
    found += [material.formula(equation) for equation in model.equations]
    found.append(step_table(model.steps, "How it follows"))
    found.append(Prose(stationary))
    found += [material.formula(equation) for equation in mean_field_equations(machine)]
    return Section("The mean-field bound", found)
