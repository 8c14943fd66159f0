"""The map of the lecture: which theorem rests on which, a column for each part."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Plot
from matplotlib.patches import FancyArrowPatch

from backproof.documents.chapters.pictures import picture
from backproof.documents.evidence import COLOURS
from backproof.pages.blocks import Page, Prose, Section, Table
from backproof.pages.inline import literal
from backproof.theory.theorems import PARTS, Theorem

Place = tuple[float, float]
LETTER, MARGIN = 0.037, 0.07  # half the width of a box by its letters; columns are two apart


def map_page(theorems: Sequence[Theorem]) -> Page:
    """The figure, and a table that says the same in words."""
    caption = "An arrow leads from a theorem to one that rests on it or sharpens it."
    figure = theorem_map(theorems)
    told = [f"{name} to {t.name}" for t in theorems for name in t.uses]
    figure._backproof_alt = f"Arrows: {'; '.join(told)}."  # type: ignore[attr-defined]
    sections = [Section("The map", [picture(caption, figure)])]
    for part in PARTS:
        members = [t for t in theorems if t.part == part]
        if members:
            head = ("theorem", "says", "rests on or sharpens", "proof by", "in the lecture")
            rows = [tuple(map(literal, _cells(t))) for t in members]
            sections.append(Section(part.capitalize(), [Table(head, rows)]))
    note = Prose("`backproof theorem NAME` states one, runs its check and writes its page.")
    sections.append(Section("Each by itself", [note]))
    return Page("The theorems of the lecture", "Which rests on which", sections)


def _cells(theorem: Theorem) -> tuple[str, ...]:
    grounds = ", ".join(sorted(theorem.rests_on))
    name = f"{theorem.name}: {theorem.title}"
    return (name, theorem.says, ", ".join(theorem.uses) or "–", grounds, theorem.lecture)


def theorem_map(theorems: Sequence[Theorem]) -> Plot:
    """Boxes in columns, arrows from what is used to what uses it."""
    places = _places(theorems)
    rows = max((-y for _, y in places.values()), default=0) + 1
    figure = Plot(figsize=(8.4, 0.7 + 0.5 * rows), layout="constrained")
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(-1.15, 2 * len(PARTS) - 0.95)
    axes.set_ylim(-rows + 0.4, 1.1)
    for theorem in theorems:
        colour = COLOURS[PARTS.index(theorem.part)]
        x, y = places[theorem.name]
        box = {"boxstyle": "round,pad=0.3", "facecolor": "white", "edgecolor": colour}
        label = axes.text(x, y, theorem.name, ha="center", va="center", fontsize=7.5, zorder=3)
        label.set_bbox(box)
        for used in theorem.uses:
            _arrow(axes, used, theorem.name, places, colour)
    for number, part in enumerate(PARTS):
        colour = COLOURS[number]
        axes.text(2 * number, 0.8, part, ha="center", weight="bold", color=colour, fontsize=9)
    return figure


def _places(theorems: Sequence[Theorem]) -> dict[str, Place]:
    """The column is the part's; the row is that of its place in the part."""
    found: dict[str, Place] = {}
    for number, part in enumerate(PARTS):
        members = [t for t in theorems if t.part == part]
        found |= {t.name: (2.0 * number, -float(row)) for row, t in enumerate(members)}
    return found


def _arrow(axes: Axes, start: str, end: str, places: dict[str, Place], colour: str) -> None:
    """From one box to another; between rows that are not neighbours, an arc beside the column."""
    (x, y), (u, v) = places[start], places[end]
    leave, arrive = (MARGIN + LETTER * len(name) for name in (start, end))
    if x != u:
        side = 1 if u > x else -1
        tail, head, bend = (x + side * leave, y), (u - side * arrive, v), 0.0
    elif abs(y - v) == 1:
        gap = 0.28 if v > y else -0.28
        tail, head, bend = (x, y + gap), (u, v - gap), 0.0
    else:
        tail, head, bend = (x - leave, y), (u - arrive, v), 0.35 if v < y else -0.35
    axes.add_patch(
        FancyArrowPatch(
            tail,
            head,
            arrowstyle="-|>",
            mutation_scale=8,
            connectionstyle=f"arc3,rad={bend}",
            shrinkA=0,
            shrinkB=0,
            color=colour,
            linewidth=1.0,
            alpha=0.8,
        )
    )
