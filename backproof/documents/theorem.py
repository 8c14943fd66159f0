"""A theorem as a page: statement, hypotheses, proof, witnesses, predicted against measured."""

from __future__ import annotations

from collections.abc import Sequence

from backproof.documents.evidence import evidence_section
from backproof.documents.witnesses import constructed, witness_section
from backproof.drawings.moving import moving_picture
from backproof.numerics.evidence import Evidence
from backproof.numerics.universality.scenes import SCENES
from backproof.pages.blocks import Block, Formula, Page, Prose, Section, Table
from backproof.pages.inline import literal
from backproof.theory.theorems import Judgement, Theorem

MARKS = {"holds": "✓ holds", "fails": "✗ fails", "unknown": "– unknown"}


def theorem_page(
    theorem: Theorem, judgements: Sequence[Judgement] = (), evidence: Evidence | None = None
) -> Page:
    """Everything that is known of a theorem, with the verdicts for some activations."""
    decided = _judged(theorem, judgements) if theorem.of_an_activation else _assumed(theorem)
    sections = [_statement(theorem), decided, _proof(theorem)]
    if theorem.witnesses:
        sections.append(witness_section(constructed(theorem.witnesses)))
    if evidence is not None:
        sections.append(evidence_section(evidence))
    return Page(theorem.title, literal(theorem.says), sections, literal(theorem.reference))


def _statement(theorem: Theorem) -> Section:
    whose = "an activation that fulfils" if theorem.of_an_activation else "what fulfils"
    blocks: list[Block] = [
        Prose(f"For {whose} the hypotheses below,"),
        Formula(theorem.conclusion, theorem.says, label="conclusion"),
        *(Prose(literal(note)) for note in theorem.notes),
    ]
    if theorem.uses:
        blocks.append(Prose(literal(f"Rests on or sharpens: {', '.join(theorem.uses)}.")))
    if theorem.lecture:
        blocks.append(Prose(literal(f"In the lecture: {theorem.lecture}.")))
    return Section("The statement", blocks)


def _assumed(theorem: Theorem) -> Section:
    """The hypotheses of a theorem that is not about an activation."""
    blocks: list[Block] = []
    for number, hypothesis in enumerate(theorem.hypotheses, 1):
        blocks.append(Prose(f"**{number}.** {literal(hypothesis.name)}"))
        blocks.append(Formula(hypothesis.latex, hypothesis.name, label=f"hypothesis-{number}"))
    return Section("The hypotheses", blocks)


def _judged(theorem: Theorem, judgements: Sequence[Judgement]) -> Section:
    given = judgements or [theorem.judge(name) for name in ("sigmoid", "tanh", "relu", "step")]
    decided = [h for h in theorem.hypotheses if h.decide is not None]
    assumed = [h for h in theorem.hypotheses if h.decide is None]
    head = ("hypothesis", "", *(literal(str(j.activation)) for j in given))
    rows = []
    for n, h in enumerate(decided):
        verdicts = [MARKS[j.verdicts[n][1].status] for j in given]
        rows.append((literal(h.name), f"${h.latex}$", *verdicts))
    rows += [(literal(h.name), f"${h.latex}$", *["assumed"] * len(given)) for h in assumed]
    rows.append(("**the theorem**", "", *(f"**{j.status}**" for j in given)))
    reasons = [
        Prose(
            f"**{literal(str(j.activation))}**: "
            + literal("; ".join(f"{h.name} ({MARKS[v.status]}): {v.reason}" for h, v in j.verdicts))
            + "."
        )
        for j in given
    ]
    return Section("The hypotheses", [Table(head, rows), *reasons])


def _proof(theorem: Theorem) -> Section:
    blocks: list[Block] = []
    for number, step in enumerate(theorem.proof, 1):
        shown = f" Run by `{step.shown_by}`." if step.shown_by else ""
        grounds = ", ".join(step.rests_on)
        blocks.append(Prose(f"**{number}. {literal(step.name)}** (rests on: {grounds})"))
        blocks.append(Formula(step.latex, step.name, label=f"step-{number}"))
        blocks.append(Prose(literal(step.because) + shown))
        if step.name in SCENES:
            blocks.append(moving_picture(SCENES[step.name]()))
    whole = ", ".join(sorted(theorem.rests_on))
    return Section("The proof", [Prose(f"The whole rests on: {whole}."), *blocks])
