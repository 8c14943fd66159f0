"""Numbers and anchors: the one walk over a page that every renderer starts from.

Formulas, figures and sections are numbered here, once, so that equation (7) is (7) in the HTML
page, in the notebook and in LaTeX alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from backproof.pages.blocks import Block, Figure, Formula, Page
from backproof.pages.inline import plain
from backproof.theory.errors import BackproofError


@dataclass(frozen=True)
class Place:
    """Where a block stands: its number among its kind, and the number of every label."""

    number: int
    labels: Mapping[str, int]

    def of(self, label: str) -> int:
        """Return the number of the formula with this label; BackproofError where none has it.

        >>> Place(1, {"dz": 3}).of("dz")
        3
        """
        if label not in self.labels:
            known = ", ".join(sorted(self.labels)) or "none"
            move = "label a formula with it, or correct the reference"
            raise BackproofError(f"@eq:{label}", "no such formula", f"one of: {known}", move)
        return self.labels[label]


@dataclass(frozen=True)
class PlacedSection:
    """A section with its number, its anchor and its blocks in their places."""

    number: int
    title: str
    anchor: str
    blocks: tuple[tuple[Block, Place], ...]


@dataclass(frozen=True)
class PlacedPage:
    """The sections of a page in their places; `front` is the place of titles and footer."""

    sections: tuple[PlacedSection, ...]
    front: Place


def placed(page: Page) -> PlacedPage:
    """Number a page.

    Returns its sections in order, formulas and figures counted through the whole page. Raises
    BackproofError where two formulas share a label or two sections an explicit anchor.

    >>> from backproof.pages.blocks import Section
    >>> page = Page("T", "", (Section("The gradient", (Formula("x", "x", label="a"),)),))
    >>> section, = placed(page).sections
    >>> section.anchor, section.blocks[0][1].number
    ('the-gradient', 1)
    """
    formulas = [b for section in page.sections for b in section.blocks if isinstance(b, Formula)]
    labels: dict[str, int] = {}
    for number, formula in enumerate(formulas, 1):
        if formula.label in labels:
            raise BackproofError(
                f"the label {formula.label!r}",
                f"formula {labels[formula.label]} and formula {number}, {formula.latex!r}",
                "one formula",
                "give one of them another label",
            )
        if formula.label:
            labels[formula.label] = number

    anchors = _anchors(page)
    counts = {Formula: 0, Figure: 0}
    sections = []
    for place, section in enumerate(page.sections):
        blocks = []
        for block in section.blocks:
            number = 0
            if isinstance(block, (Formula, Figure)):
                kind = Formula if isinstance(block, Formula) else Figure
                counts[kind] += 1
                number = counts[kind]
            blocks.append((block, Place(number, labels)))
        sections.append(PlacedSection(place + 1, section.title, anchors[place], tuple(blocks)))
    return PlacedPage(tuple(sections), Place(0, labels))


def _anchors(page: Page) -> list[str]:
    taken: set[str] = set()
    for section in page.sections:
        if section.anchor in taken:
            where, found = f"the anchor {section.anchor!r}", "two sections"
            raise BackproofError(where, found, "one section", "rename one of them")
        if section.anchor:
            taken.add(section.anchor)
    anchors = []
    for section in page.sections:
        anchor = section.anchor
        if not anchor:
            ascii_title = unicodedata.normalize("NFKD", plain(section.title)).encode(
                "ascii", "ignore"
            )
            stem = re.sub(r"[^a-z0-9]+", "-", ascii_title.decode().lower()).strip("-") or "section"
            anchor, copy = stem, 2
            while anchor in taken:
                anchor, copy = f"{stem}-{copy}", copy + 1
            taken.add(anchor)
        anchors.append(anchor)
    return anchors
