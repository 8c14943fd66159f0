"""A block refuses what no renderer could show, and says what to write instead."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pages.sample_page import PNG, SVG

from backproof.pages.blocks import (
    BLOCKS,
    MARKS,
    VERDICTS,
    Code,
    Evidence,
    EvidenceRow,
    Figure,
    Formula,
    ImplementationRow,
    Page,
    Prose,
    Section,
    StepRow,
    Steps,
    Table,
)
from backproof.theory.errors import BackproofError


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: Formula("", "x"), "Formula.latex: found nothing"),
        (lambda: Formula("$x$", "x"), r"found \$"),
        (lambda: Formula(r"\[x\]", "x"), r"found \\\["),
        (lambda: Formula(r"\begin{align}x\end{align}", "x"), r"found \\begin\{align\}"),
        (lambda: Formula(r"x \tag{1}", "x"), r"found \\tag"),
        (lambda: Formula("x\n\ny", "x"), "found a blank line"),
        (lambda: Formula("x", "x", label="a b"), "Formula.label: found 'a b'"),
        (lambda: Formula(1, "x"), "found 1, a int; expected text"),  # type: ignore[arg-type]
        (lambda: Prose(None), "Prose.text: found None"),  # type: ignore[arg-type]
        (lambda: StepRow("r", "", "x", ""), "StepRow.before: found nothing"),
        (lambda: StepRow("r", "x", "$x$", ""), r"StepRow.after: found \$"),
        (lambda: ImplementationRow("", "x"), "ImplementationRow.latex: found nothing"),
        (lambda: EvidenceRow("s", "true"), "expected 'verified' or 'refuted'"),  # type: ignore[arg-type]
        (lambda: EvidenceRow("s", "verified"), "found verified, resting on nothing"),
        (lambda: EvidenceRow("s", "refuted"), "found refuted, resting on nothing"),
        (lambda: EvidenceRow("s", "convention differs"), "resting on nothing"),
        (lambda: EvidenceRow("s", "verified", "derived"), "expected a tuple"),  # type: ignore[arg-type]
        (lambda: Evidence(("s",)), r"Evidence.rows\[0\]: found 's', a str"),  # type: ignore[arg-type]
        (lambda: Steps((Prose("x"),)), "expected StepRow"),  # type: ignore[arg-type]
        (lambda: Table(("a", "b"), (("c",),)), "expected 2 texts"),
        (lambda: Section("S", ("text",)), r"goes in as Prose\(text\)"),  # type: ignore[arg-type]
        (lambda: Section("S", (), "a b"), "Section.anchor: found 'a b'"),
        (lambda: Page(" ", "", ()), "Page.title: found nothing"),
        (lambda: Figure(PNG, "svg", "c", "a"), "found bytes of png; expected kind 'svg'"),
        (lambda: Figure(b"GIF89a", "png", "c", "a"), "found bytes of neither"),
        (lambda: Figure(SVG, "svg", "c", " "), "found no alt"),
        (lambda: Figure(SVG, "svg", "c", "a", b"x"), "expected those of a PDF file"),
    ],
)
def test_refusals(make: Callable[[], object], complaint: str) -> None:
    with pytest.raises(BackproofError, match=complaint):
        make()


def test_line_breaks_with_a_length_are_no_display() -> None:
    assert Formula(r"\begin{aligned} a &= b \\[1ex] c &= \$ \end{aligned}", "a").latex


def test_lists_are_kept_as_tuples() -> None:
    section = Section("S", [Prose("a"), Code("b")])
    assert isinstance(section.blocks, tuple)
    assert hash(section) == hash(Section("S", (Prose("a"), Code("b"))))
    assert Table(["a"], [["b"]]).rows == (("b",),)


def test_every_verdict_has_a_mark_of_its_own() -> None:
    assert set(MARKS) == set(VERDICTS)
    assert len(set(MARKS.values())) == len(VERDICTS)


def test_the_vocabulary_is_closed() -> None:
    names = [block.__name__ for block in BLOCKS]
    assert " ".join(names) == "Prose Formula Steps Implementation Evidence Table Code Figure"
