"""A machine as a page: its energy and all that follows from it, in the order of a lesson."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backproof.documents.machine_chapters.conditionals import conditionals
from backproof.documents.machine_chapters.energy import energy
from backproof.documents.machine_chapters.evidence import evidence
from backproof.documents.machine_chapters.learning import learning
from backproof.documents.machine_chapters.sampler import sampler
from backproof.documents.machine_chapters.structure import structure
from backproof.documents.machine_chapters.summing import bound, free
from backproof.documents.machine_chapters.units import units
from backproof.pages.blocks import Block, Formula, Page, Section
from backproof.theory.energy.machine import Machine

CHAPTERS = (
    energy,
    units,
    structure,
    conditionals,
    free,
    bound,
    learning,
    sampler,
    evidence,
)


def machine_page(machine: Machine, title: str = "") -> Page:
    """The page of a machine; what does not apply to it is left out."""
    sections = [section for part in CHAPTERS if (section := part(machine)) is not None]
    heading = title or machine.title or "A machine"
    return Page(heading, "Derived, compiled and checked by backproof", once(sections))


def once(sections: Sequence[Section]) -> list[Section]:
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
