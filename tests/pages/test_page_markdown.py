"""Markdown read back by a CommonMark parser gives the words that went in."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from backproof.pages import markdown
from backproof.pages.blocks import Evidence, EvidenceRow, Figure, Formula, Page, Table
from backproof.pages.inline import Literal, Math, Text, literal, parse
from backproof.pages.numbering import Place

PARSER = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")
NOWHERE = Place(0, {})
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")))


class Words(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words = ""
        self.tags: list[str] = []
        self.feed(text)
        self.close()

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)


@given(WORDS)
def test_literal_words_are_one_text(text: str) -> None:
    assert parse(literal(text)) == ((Text(text),) if text else ())


@given(WORDS | st.text("#+-=*_>1.)(~`[]!<&|\\ ab\n"))
def test_escaped_words_read_back_as_they_were(text: str) -> None:
    text = "\n".join(line.strip() for line in text.split("\n") if line.strip())
    read = Words(PARSER.render(markdown.words(text)))
    assert set(read.tags) <= {"p"}
    assert read.words.split() == text.split()


def test_hostile_text_becomes_words(hostile_page: Page) -> None:
    tokens = PARSER.parse(markdown.render(hostile_page))
    inner = [child for token in tokens for child in token.children or ()]
    raw = [t.content for t in (*tokens, *inner) if t.type in ("html_block", "html_inline")]
    assert raw
    for content in raw:
        rest = re.sub(r"</?details>|<summary>\(\d+\) as [\w, ]+</summary>", "", content)
        assert not rest.strip(), content
    (pictured,) = (b for b in hostile_page.sections[0].blocks if isinstance(b, Figure))
    assert {t.attrGet("src") for t in inner if t.type == "image"} == {f"{pictured.stem}.svg"}
    assert not [t for t in inner if t.type == "link_open"]


def test_a_bar_in_a_cell_ends_no_column() -> None:
    block = Table(("$p(y|x)$", "b"), (("`a|b`", "$\\|x\\|$ or c|d"),))
    lines = markdown.draw(block, NOWHERE).splitlines()
    assert lines[0] == r"| $p(y\vert x)$ | b |"
    assert lines[2] == r"| `a\|b` | $\Vert x\Vert$ or c\|d |"
    html = PARSER.render("\n".join(lines))
    assert html.count("<td>") == html.count("<th>") == 2


@pytest.mark.parametrize("ticks", ["", "`", "```", "``````"])
def test_a_fence_is_longer_than_the_ticks_inside(ticks: str) -> None:
    source = f"x = 1\n{ticks}\ny = 2"
    (token,) = PARSER.parse(markdown.fence(source, "python"))
    assert (token.type, token.content, token.info) == ("fence", source + "\n", "python")


def test_a_formula_opens_no_tag() -> None:
    assert markdown.inline("$a<b$ and $a < b$", NOWHERE) == "$a< b$ and $a < b$"


def test_evidence_says_what_it_rests_on() -> None:
    block = Evidence((EvidenceRow("`W`", "verified", ("derived", "sampled"), "two\n\nlines"),))
    assert markdown.draw(block, NOWHERE) == (
        "- ✓ **verified** (rests on: derived, sampled): `W` two lines"
    )


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("h**2 + w**2", (Text("h**2 + w**2"),)),
        ("k**i** j", (Text("k**i** j"),)),
        ("h ** 2 ** k", (Text("h ** 2 ** k"),)),
        (r"\$5 and $x$", (Text("$5 and "), Math("x"))),
        (r"$a\$b$", (Math(r"a\$b"),)),
        (r"`C:\$x`", (Literal(r"C:\$x"),)),
        ("me@eq.org", (Text("me@eq.org"),)),
    ],
)
def test_inline_grammar(text: str, parts: tuple[object, ...]) -> None:
    assert parse(text) == parts


def test_github_is_given_no_macro_that_it_refuses() -> None:
    shown = markdown.draw(
        Formula(r"\operatorname{softmax}(z) \operatorname{arg\,max}_l", ""), NOWHERE
    )
    assert "operatorname" not in shown
    assert r"\mathop{\mathrm{softmax}}(z) \mathop{\mathrm{arg\,max}}_l" in shown


def test_a_decimal_number_opens_no_list() -> None:
    assert markdown.words("212.099") == "212.099"
    assert markdown.words("2. second").startswith("&#50;")
    assert markdown.words("2.").startswith("&#50;")
