"""Chapter: the derivation, each step with its rule and its reason."""

from __future__ import annotations

from collections.abc import Sequence

from backproof.documents.chapters.material import Material
from backproof.pages.blocks import Block, Prose, Section, StepRow, Steps
from backproof.pages.inline import literal
from backproof.theory.printing.latex import latex
from backproof.theory.steps import Step


def derivation(material: Material) -> Section | None:
    """How the statement reached its form, and how each cotangent follows."""
    blocks: list[Block] = []
    if material.model.steps:
        intro = "From the distribution and the code as written to equations safe to compute:"
        blocks.append(Prose(intro))
        blocks.append(step_table(material.model.steps, "Rewriting the statement"))
    if material.derivation is not None:
        blocks.append(
            Prose(
                "A bar is a cotangent: $\\bar t$ is the derivative of the output with respect to "
                "$t$. Going backwards through the equations, each sends "
                "$\\sum \\bar t \\, \\partial t / \\partial u$ to each of its operands $u$."
            )
        )
        blocks.append(step_table(material.derivation.derivation_steps, "Reverse accumulation"))
    return Section("The derivation", blocks) if blocks else None


def step_table(steps: Sequence[Step], title: str) -> Steps:
    """Steps as a block: rule, before, after and reason."""
    rows = [StepRow(s.rule, latex(s.before), latex(s.after), literal(s.because)) for s in steps]
    return Steps(rows, title)
