"""The LaTeX page is complete: every character declared, every word escaped, and it compiles."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest

from backproof.pages import tex, write
from backproof.pages.blocks import Code, Figure, Page, Prose, Section, Table
from backproof.pages.characters import character, is_native
from backproof.pages.numbering import Place

NOWHERE = Place(0, {})


def test_it_is_a_whole_document(page: Page) -> None:
    text = tex.render(page)
    assert text.startswith(r"\documentclass")
    assert text.endswith("\\end{document}\n")
    begun = re.findall(r"\\begin\{(\w+)\}", text)
    assert sorted(begun) == sorted(re.findall(r"\\end\{(\w+)\}", text))
    assert "% NumPy: z = x @ W.T\n" in text


def test_every_character_beyond_the_fonts_is_declared(page: Page) -> None:
    head, body = tex.render(page).split(r"\begin{document}")
    foreign = {sign for sign in body if sign != "\n" and not is_native(sign)}
    assert foreign >= set("σ≤Σ")
    declared = {
        chr(int(code, 16)) for code in re.findall(r"DeclareUnicodeCharacter\{(\w+)\}", head)
    }
    assert foreign <= declared


def test_specials_are_escaped() -> None:
    assert tex.draw(Prose(r"a_b & 5% #1 {x} ^ ~ \\ [2] a--b"), NOWHERE) == (
        r"a\_b \& 5\% \#1 \{x\} \textasciicircum{} \textasciitilde{} \textbackslash{} "
        r"{[}2{]} a-\kern0pt{}-b"
    )


def test_code_keeps_its_indent_and_its_quotes() -> None:
    drawn = tex.draw(Code("if x:\n    y = 'a' << 2\n\n\tz"), NOWHERE)
    assert r"\hspace*{2.100em}y\ =\ \textquotesingle{}a\textquotesingle{}" in drawn
    assert drawn.count(r"\hspace*{2.100em}") == 2
    assert r"\textless{}\kern0pt{}\textless{}" in drawn


def test_an_svg_without_pdf_says_how_to_convert_it() -> None:
    figure = Figure(b"<svg/>", "svg", "Loss", "It falls.")
    drawn = tex.draw(figure, NOWHERE)
    assert "rsvg" in drawn
    assert rf"\IfFileExists{{{figure.stem}.pdf}}" in drawn
    assert "IfFileExists" not in tex.draw(
        Figure(b"<svg/>", "svg", "Loss", "It falls.", b"%PDF-1"), NOWHERE
    )


def test_a_wide_table_fills_the_line_and_a_narrow_one_does_not() -> None:
    assert "tabularx" not in tex.draw(Table(("a", "b"), (("c", "d"),)), NOWHERE)
    assert "tabularx" in tex.draw(Table(("a", "b"), (("c", "long " * 20),)), NOWHERE)


@pytest.mark.parametrize(
    ("sign", "latex"),
    [
        ("λ", r"\ensuremath{\lambda}"),
        ("Λ", r"\ensuremath{\Lambda}"),
        ("Α", r"\ensuremath{\mathrm{A}}"),
        ("ε", r"\ensuremath{\varepsilon}"),
        ("∂", r"\ensuremath{\partial}"),
        ("ᵢ", r"\ensuremath{{}_{i}}"),
        ("⁻", r"\ensuremath{{}^{-}}"),
        ("𝔼", r"\ensuremath{\mathbb{E}}"),
        ("—", "---"),
        ("漢", r"\fbox{\scriptsize U+6F22}"),
    ],
)
def test_characters(sign: str, latex: str) -> None:
    assert character(sign) == latex


GREEK = [chr(code) for code in range(0x391, 0x3CA) if unicodedata.name(chr(code), "")]
OPERATORS = [chr(code) for code in range(0x2200, 0x2300) if "U+" not in character(chr(code))]
SCRIPTS = list("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵀᵢⱼ₀₁₂₃₉₊₋ₙₘₖ′″ℝℂℕℤ𝔼ℒ½·×±→←↦⇒⟨⟩‖…–—“”‘’°µ§©")


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
@pytest.mark.parametrize("which", ["page", "hostile_page", "characters"])
def test_it_compiles(which: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if which == "characters":
        signs = " ".join([*GREEK, *OPERATORS, *SCRIPTS, "漢", "é", "Ł"])
        page = Page(signs, "", (Section(signs, (Prose(signs), Code(signs))),))
    else:
        page = request.getfixturevalue(which)
        sections = page.sections
        pictures = [b for s in sections for b in s.blocks if isinstance(b, Figure)]
        for figure in pictures:  # the fixture's PDF is none
            object.__setattr__(figure, "pdf", b"")
    write(page, tmp_path / "page.tex")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=120)
    log = done.stdout.decode("latin-1")
    assert done.returncode == 0, log[-3000:]
    assert "Missing character" not in log
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
