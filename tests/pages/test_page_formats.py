"""What holds in every format: formulas kept, numbers agreed, errors that say the next move."""

from __future__ import annotations

import html as stdlib_html
import json
import re
from pathlib import Path

import pytest
from pages.sample_page import HOSTILE, LATEX

from backproof.pages import RENDERERS, beside, render, write
from backproof.pages.blocks import Code, Formula, Page, Prose, Section
from backproof.pages.numbering import placed
from backproof.theory.errors import BackproofError

SUFFIXES = tuple(RENDERERS)


def source_of(text: str, suffix: str) -> str:
    """The mathematics and words of a rendered page, free of the file's own quoting."""
    if suffix == ".html":
        return stdlib_html.unescape(text)
    if suffix == ".ipynb":
        return "\n\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    return text


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_formula_is_in_the_page(page: Page, suffix: str) -> None:
    source = source_of(render(page, suffix), suffix)
    assert [latex for latex in LATEX if latex not in source] == []


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "word", ["np.tanh(z, out=h)", "print(np.pi", "backproof tour", "z = x @ W.T"]
)
def test_source_code_is_in_the_page(page: Page, suffix: str, word: str) -> None:
    page_text = render(page, suffix)
    text = source_of(page_text, suffix)
    if suffix == ".html":  # the words without their colours
        text += stdlib_html.unescape(re.sub(r"<[^>]+>", "", page_text))
    if suffix == ".tex":
        text = text.replace("\\ ", " ")  # the space that code keeps
    assert word in text


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "word", ["verified", "refuted", "convention differs", "not checked", "derived", "sampled"]
)
def test_verdicts_are_words(page: Page, suffix: str, word: str) -> None:
    text = re.sub(r"<style>.*?</style>|<script>.*?</script>", "", render(page, suffix), flags=re.S)
    words = re.sub(r"<[^>]+>", " ", text)
    assert re.search(rf"(?<![\w-]){word}(?![\w-])", words)


def numbers(text: str, suffix: str) -> list[str]:
    source = source_of(text, suffix)
    if suffix == ".html":
        return re.findall(r'class="number"[^>]*>\((\d+)\)', source)
    if suffix == ".tex":  # LaTeX counts its equation environments
        labels = re.findall(r"\\begin\{equation\}\\label\{eq:(\w+)\}", source)
        return [str(place) for place, _ in enumerate(labels, 1)]
    return re.findall(r"\\tag\{(\d+)\}", source)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_numbers_agree_between_formats(page: Page, suffix: str) -> None:
    assert numbers(render(page, suffix), suffix) == ["1", "2", "3"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_references_show_the_number_of_their_label(page: Page, suffix: str) -> None:
    shown = {".html": '<a href="#eq:J">(2)</a>', ".tex": r"\eqref{eq:J}"}.get(suffix, "Loss: (2).")
    assert shown in source_of(render(page, suffix), suffix)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    ("prose", "complaint"),
    [
        ("costs 5$", r"\$ at position 7"),
        ("an open ` here", "never closed"),
        ("see @eq:nowhere", "expected one of: a"),
    ],
)
def test_bad_prose_is_an_error_with_its_section(suffix: str, prose: str, complaint: str) -> None:
    page = Page("T", "", (Section("Blame me", (Formula("x", "x", label="a"), Prose(prose))),))
    with pytest.raises(BackproofError, match=complaint) as caught:
        render(page, suffix)
    assert any("Blame me" in note for note in caught.value.__notes__)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_labels_and_anchors_are_unique(suffix: str) -> None:
    twice = (Formula("x", "x", label="a"), Formula("y", "y", label="a"))
    with pytest.raises(BackproofError, match="formula 1 and formula 2"):
        render(Page("T", "", (Section("S", twice),)), suffix)
    with pytest.raises(BackproofError, match="anchor 's': found two sections"):
        render(Page("T", "", (Section("A", (), "s"), Section("B", (), "s"))), suffix)


def test_sections_of_one_title_have_anchors_of_their_own() -> None:
    sections = (Section("Loss", ()), Section("Other", (), "loss-2"), Section("Loss", ()))
    anchors = [section.anchor for section in placed(Page("T", "", sections)).sections]
    assert anchors == ["loss", "loss-2", "loss-3"]


@pytest.mark.parametrize("suffix", ["", ".docx", "html", ".HTML"])
def test_unknown_suffix(page: Page, suffix: str, tmp_path: Path) -> None:
    with pytest.raises(
        BackproofError, match=rf"found '{suffix}'; expected \.html, \.md, \.tex or \.ipynb"
    ):
        render(page, suffix)
    with pytest.raises(BackproofError, match="the page format"):
        beside(page, suffix)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_write_puts_the_page_and_its_figures_on_disk(
    page: Page, suffix: str, tmp_path: Path
) -> None:
    written = write(page, tmp_path / f"net{suffix}")
    assert written[0].read_text("utf-8") == render(page, suffix)
    assert sorted(written) == sorted(tmp_path.iterdir())
    kinds = sorted(path.suffix for path in written[1:])
    expected = {".md": [".png", ".svg"], ".tex": [".pdf", ".png"]}
    assert kinds == expected.get(suffix, [])
    for path in written[1:]:
        assert (path.stem if suffix == ".tex" else path.name) in written[0].read_text("utf-8")


def test_nothing_is_written_when_rendering_fails(tmp_path: Path) -> None:
    broken = Page("T", "", (Section("S", (Formula(r"\frac{1}{", "1/"),)),))
    with pytest.raises(BackproofError, match=r"frac"):
        write(broken, tmp_path / "page.html")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(BackproofError, match="no folder"):
        write(Page("T", "", ()), tmp_path / "missing" / "page.md")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_block_without_a_rule_is_an_error(suffix: str) -> None:
    page = Page("T", "", (Section("S", (Code("1"),)),))
    object.__setattr__(page.sections[0], "blocks", (object(),))
    with pytest.raises(TypeError, match="add a rule"):
        render(page, suffix)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_hostile_words_are_still_shown(hostile_page: Page, suffix: str) -> None:
    """Disarmed is not dropped: the letters of the hostile text are in every page."""
    text = source_of(render(hostile_page, suffix), suffix)
    assert text.count("alert") >= 15
    assert HOSTILE.count("alert") == 2
