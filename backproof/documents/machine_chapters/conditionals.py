"""Chapter: the conditional of each group, with its derivation."""

from __future__ import annotations

from backproof.documents.chapters.derivation import step_table
from backproof.documents.chapters.material import Material
from backproof.documents.machine_chapters.units import local_steps
from backproof.pages.blocks import Block, Prose, Section
from backproof.pages.inline import literal
from backproof.theory.energy.conditionals import conditional
from backproof.theory.energy.machine import Machine

INTRO = (
    "What is not in a unit's own energy reaches it through $C$, which is linear in each feature: "
    "the field of a group is $z = -\\partial C/\\partial f$, with the others as they are. In it "
    "each unit is alone, and its mean is that of the table of units. In the derivation a "
    "bar marks a derivative of $C$: $\\bar v = \\partial C/\\partial v$."
)


def conditionals(machine: Machine) -> Section:
    """Field and moments of every group given the others."""
    found: list[Block] = [Prose(INTRO)]
    for group in machine.groups:
        model = conditional(machine, group.name)
        material = Material(model)
        found.append(Prose(f"**{literal(model.title.partition(' of the ')[0])}**"))
        found += [material.formula(equation) for equation in model.equations]
        own = [step for step in model.steps if step not in local_steps(group.unit)]
        found.append(step_table(own, f"How the field of {group.name} follows"))
    return Section("Conditionals", found)
