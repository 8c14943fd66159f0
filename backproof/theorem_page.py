"""A theorem as a page: statement, hypotheses, proof, witnesses, predicted against measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.figure import Figure as Plot

from backproof.chapters.pictures import picture
from backproof.evidence_page import evidence_section
from backproof.moving_picture import moving_picture
from backproof.numerics.evidence import Evidence
from backproof.numerics.universality.scenes import SCENES
from backproof.numerics.universality.target import TARGETS
from backproof.numerics.universality.witnesses import OF_A_TARGET, Witness
from backproof.numerics.universality.witnesses.monomials import monomial
from backproof.numerics.universality.witnesses.ridge import ridge
from backproof.numerics.universality.witnesses.yarotsky import yarotsky
from backproof.pages.blocks import Block, Formula, Page, Prose, Section, Table
from backproof.pages.inline import literal
from backproof.pictures import BLUE, VERMILION
from backproof.theory.theorems import Judgement, Theorem

MARKS = {"holds": "✓ holds", "fails": "✗ fails", "unknown": "– unknown"}
SIZES = {"bernstein": 10, "jackson": 8}  # where a term costs more than a unit
BUILDERS = {build.__name__.removesuffix("_interpolation"): build for build in OF_A_TARGET}
OWN: dict[str, Callable[[], list[Witness]]] = {
    "monomials": lambda: [monomial(k) for k in (1, 2, 3, 4)],
    "yarotsky": lambda: [yarotsky(m) for m in (1, 3, 6)],
    "ridge": lambda: [ridge(n) for n in (2, 4, 8)],
}


def theorem_page(
    theorem: Theorem, judgements: Sequence[Judgement] = (), evidence: Evidence | None = None
) -> Page:
    """Everything that is known of a theorem, with the verdicts for some activations."""
    decided = _judged(theorem, judgements) if theorem.of_an_activation else _assumed(theorem)
    sections = [_statement(theorem), decided, _proof(theorem)]
    if theorem.witnesses:
        sections.append(_witnesses(theorem))
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


def witnesses(names: Sequence[str]) -> list[tuple[str, Witness]]:
    """The constructions of some names: for every target, or on their own."""
    found = []
    for name in names:
        if name in BUILDERS:
            build = BUILDERS[name]
            found += [(t.name, build(t, SIZES.get(name, 20))) for t in TARGETS]
        elif name in OWN:
            found += [(str(w.target), w) for w in OWN[name]()]
    return found


def _witnesses(theorem: Theorem) -> Section:
    found = witnesses(theorem.witnesses)
    head = ("target", "construction", "bound by", "predicted", "certified", "ratio")
    rows = [
        (
            literal(name),
            f"{literal(w.name)}, {w.units} units",
            literal(w.because),
            f"{w.predicted:.4g}",
            f"[{w.claim.lower:.4g}, {w.claim.upper:.4g}]",
            f"{w.ratio:.3f}" if w.verdict == "within" else f"{w.ratio:.3f}, {w.verdict}",
        )
        for name, w in found
    ]
    blocks: list[Block] = [
        Prose(
            "Networks that are constructed. The predicted bound is that of a theorem; the "
            "certified bounds enclose the supremum of the difference on the unit interval or "
            "square, rounding counted. Their ratio is at most one where the bound holds."
        ),
        Table(head, rows),
    ]
    caption = "Certified error against predicted bound; on the line the bound is attained."
    if found:
        blocks.append(picture(caption, _plot(found)))
    return Section("Witnesses", blocks)


def _plot(found: Sequence[tuple[str, Witness]]) -> Plot:
    figure = Plot(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    colours = (BLUE, VERMILION, "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
    kinds = list(dict.fromkeys(w.name for _, w in found))
    for kind, colour, marker in zip(kinds, colours, "osD^vP", strict=False):
        chosen = [w for _, w in found if w.name == kind and w.claim.lower > 0]
        axes.loglog(
            [w.predicted for w in chosen],
            [w.claim.upper for w in chosen],
            marker,
            color=colour,
            label=kind,
            markersize=5,
        )
    low, high = axes.get_xlim()
    axes.loglog([low, high], [low, high], "-", color="0.6", linewidth=1)
    axes.set_xlabel("predicted bound")
    axes.set_ylabel("certified error")
    axes.legend(frameon=False)
    axes.grid(True, which="major", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
