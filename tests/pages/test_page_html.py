"""The HTML page stands alone: no network, no foreign script, only the fonts that it uses."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from pages.sample_page import HOSTILE

from backproof.pages import html
from backproof.pages.blocks import Code, Formula, Page, Prose, Section, StepRow, Steps
from backproof.pages.numbering import Place
from backproof.theory.errors import BackproofError

Tag = tuple[str, dict[str, str]]


class Reader(HTMLParser):
    """Reads a page as a browser would: its tags, its words, its scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[Tag] = []
        self.open: list[str] = []
        self.words = ""
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("svg", "path"):  # KaTeX closes these itself
            return
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in self.raw:
            self.raw[self.open[-1]].append(data)
        else:
            self.words += data


def one(latex: str) -> Page:
    return Page("T", "", (Section("S", (Formula(latex, "t"),)),))


def faces(text: str) -> set[str]:
    declared = re.findall(
        r"@font-face\{font-family:KaTeX_(\w+);font-style:(\w+);font-weight:(\d+)", text
    )
    cuts = {("normal", "400"): "Regular", ("normal", "700"): "Bold"}
    cuts |= {("italic", "400"): "Italic", ("italic", "700"): "BoldItalic"}
    return {f"{family}-{cuts[style, weight]}" for family, style, weight in declared}


@pytest.mark.parametrize("which", ["page", "hostile_page"])
def test_no_reference_leaves_the_file(which: str, request: pytest.FixtureRequest) -> None:
    text = html.render(request.getfixturevalue(which))
    reader = Reader(text)
    for tag, attributes in reader.tags:
        assert tag not in ("link", "iframe", "object", "embed", "base", "form", "audio", "video")
        for name in ("src", "href", "srcset", "action", "data", "poster", "xlink:href"):
            value = attributes.get(name, "#")
            assert value.startswith(("#", "data:image/")), (tag, name, value)
        assert "url(" not in attributes.get("style", "")
    style = "".join(reader.raw["style"])
    assert "@import" not in style
    assert set(re.findall(r"url\(([^:)]*:[^/;)]*)", style)) == {"data:font"}
    # Not even the names of XML namespaces, which look like addresses, are left.
    assert not re.search(r"(?:https?:)?//[a-z]", re.sub(r'data:[^"\')]+', "", text))


def test_the_browser_is_told_to_load_and_run_nothing_else(page: Page) -> None:
    reader = Reader(html.render(page))
    policy = next(
        a["content"] for t, a in reader.tags if a.get("http-equiv") == "Content-Security-Policy"
    )
    (script,) = reader.raw["script"]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert "default-src 'none'" in policy
    assert f"script-src 'sha256-{digest}'" in policy


def test_hostile_text_becomes_words(hostile_page: Page) -> None:
    text = html.render(hostile_page)
    reader = Reader(text)
    assert len(reader.raw["script"]) == 1
    assert "alert" not in reader.raw["script"][0]
    assert not [name for _, a in reader.tags for name in a if name.startswith("on")]
    allowed = {"data:image/svg+xml", "data:image/png"}
    assert {a["src"].split(";")[0] for t, a in reader.tags if t == "img"} <= allowed
    shown = reader.words.replace("\n", " ")
    # Title, tab, contents, subtitle, heading, prose, note, steps (3), evidence (3), table (2),
    # caption and footer; source code is coloured word by word but reads the same.
    assert shown.count(HOSTILE) >= 17 + 3
    assert any(a.get("data-copy", "").startswith(HOSTILE) for _, a in reader.tags)
    assert any(a.get("alt") == HOSTILE for t, a in reader.tags if t == "img")


def test_every_tag_is_closed_and_every_id_is_one(page: Page) -> None:
    reader = Reader(html.render(page))
    assert reader.open == []
    ids = [a["id"] for _, a in reader.tags if "id" in a]
    assert len(ids) == len(set(ids))
    links = {a["href"][1:] for t, a in reader.tags if t == "a"}
    assert links <= set(ids)
    assert {"the-model", "the-gradient", "evidence", "eq:z", "eq:J", "eq:3", "fig:1"} <= set(ids)


def test_copy_buttons_hold_each_form_and_say_what_they_copy(page: Page) -> None:
    reader = Reader(html.render(page))
    buttons = [a for t, a in reader.tags if t == "button"]
    first = {a["aria-label"]: a["data-copy"] for a in buttons[:4]}
    assert first == {
        "Copy equation 1 as LaTeX": r"z_{n,j} = \sum_{i} W_{j,i}\, x_{n,i}",
        "Copy equation 1 as SymPy": "Sum(W[j,i]*x[n,i], (i,0,d-1))",
        "Copy equation 1 as NumPy": "z = x @ W.T",
        "Copy equation 1 as text": "z[n,j] = Σ_i W[j,i] x[n,i]",
    }
    assert len(buttons) == 4 + 2 + 3  # an empty form has no button


def test_formulas_can_be_heard(page: Page) -> None:
    reader = Reader(html.render(page))
    count = sum("katex" in a.get("class", "").split() for _, a in reader.tags)
    assert count > 15
    assert sum(t == "math" for t, _ in reader.tags) == count
    assert {a["alt"] for t, a in reader.tags if t == "img"} == {
        "A falling curve",
        "A bright diagonal",
    }


def test_a_long_derivation_is_folded_and_a_short_one_open() -> None:
    def steps(count: int) -> str:
        return html.draw(Steps((StepRow("r", "a", "b", ""),) * count), Place(0, {}))

    assert '<details class="steps" open>' in steps(html.STEPS_IN_SIGHT)
    assert '<details class="steps">' in steps(html.STEPS_IN_SIGHT + 1)


def test_punctuation_stays_with_its_formula() -> None:
    place = Place(0, {})
    assert html.inline("so $x$.", place).endswith("</span>.</span>")
    assert html.inline("$x$ &c", place).endswith("</span></span> &amp;c")
    assert html.inline("$x$& y", place).endswith("</span></span>&amp; y")


@pytest.mark.parametrize(
    ("latex", "used"),
    [
        ("1", {"Main-Regular"}),
        ("x", {"Main-Regular", "Math-Italic"}),
        (r"\mathbb{R}", {"Main-Regular", "AMS-Regular"}),
        (r"\mathbf{1}", {"Main-Regular", "Main-Bold"}),
        (r"\boldsymbol{\theta}", {"Main-Regular", "Math-BoldItalic"}),
        (r"\mathcal{F}", {"Main-Regular", "Caligraphic-Regular"}),
        (r"\sum", {"Main-Regular", "Size2-Regular"}),
        (r"\bigl( 1 \bigr)", {"Main-Regular", "Size1-Regular"}),
    ],
)
def test_the_fonts_inside_are_those_in_use(latex: str, used: set[str]) -> None:
    assert faces(html.render(one(latex))) == used


def test_a_page_without_formulas_has_no_fonts() -> None:
    text = html.render(Page("T", "", (Section("S", (Prose("words"),)),)))
    assert "font-face" not in text
    assert len(text) < 20_000


def test_a_broken_formula_is_named_with_its_section() -> None:
    with pytest.raises(
        BackproofError, match=r"the formula '\\\\frac\{1\}\{': found .*end of input"
    ) as caught:
        html.render(one(r"\frac{1}{"))
    assert caught.value.__notes__ == ["in section 1, 'S'"]


@pytest.mark.parametrize(
    "language", ["python", "pycon", "console", "coq", "c", "text", "none such"]
)
@pytest.mark.parametrize(
    "source", ["x = 1", "\n  a < b && c\n\n    d", ">>> 1 + 1\n2", "$ ls\nout"]
)
def test_colouring_drops_nothing(language: str, source: str) -> None:
    assert Reader(html.draw(Code(source, language), Place(0, {}))).words == source
