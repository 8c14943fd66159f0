"""A page as one HTML file that needs nothing else: no network, no folder beside it.

Formulas are typeset here, in Python; the style sheet, the fonts in use, the figures and the few
lines of script are inside the file. A content security policy in its head lets a browser load
nothing from elsewhere and run no script but this one, whatever the texts of the page contain.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import singledispatch
from html import escape
from importlib.resources import files

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import TextLexer, get_lexer_by_name
from pygments.util import ClassNotFound

from backproof.pages.blocks import (
    MARKS,
    Code,
    Evidence,
    EvidenceRow,
    Figure,
    Formula,
    Implementation,
    Page,
    Prose,
    StepRow,
    Steps,
    Table,
)
from backproof.pages.inline import (
    Bold,
    Inline,
    Literal,
    Math,
    Reference,
    Text,
    paragraphs,
    parse,
    plain,
)
from backproof.pages.numbering import Place, PlacedSection, placed
from backproof.pages.sliding import Sliding
from backproof.pages.typeset import faces_of, style_sheet, typeset
from backproof.theory.errors import BackproofError

# A derivation of more steps than this starts folded.
STEPS_IN_SIGHT = 8

_HEAD = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
font-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'; \
form-action 'none'">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="backproof">
<title>{title}</title>
<style>
{css}
</style>
</head>
<body>
"""


def render(page: Page) -> str:
    """Render a page as one self-contained HTML file.

    Returns its text. Raises BackproofError naming the formula where one cannot be typeset, and
    naming the section where prose has an open `$` or an unknown label.

    >>> from backproof.pages.blocks import Section
    >>> page = Page("Square", "", (Section("Rule", (Formula("x^2", "x**2"),)),))
    >>> "<h1>Square</h1>" in render(page), "https://" in render(page)
    (True, False)
    """
    numbered = placed(page)
    sections, front = numbered.sections, numbered.front
    title = inline(page.title, front)
    subtitle = f'<p class="subtitle">{inline(page.subtitle, front)}</p>' if page.subtitle else ""
    footer = f"<footer>{_paragraphs(page.footer, front)}</footer>" if page.footer else ""
    contents = "".join(
        f'<li><a href="#{s.anchor}">{inline(s.title, front)}</a></li>' for s in sections
    )
    body = "\n".join(
        [
            f"<header><h1>{title}</h1>{subtitle}</header>",
            '<nav aria-label="Contents"><details open><summary>Contents</summary>'
            f"<ol>{contents}</ol></details></nav>",
            "<main>",
            *(_section(section, front) for section in sections),
            footer,
            "</main>",
        ]
    )
    script = (files("backproof.pages") / "page.js").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    faces = faces_of(body)
    css = (files("backproof.pages") / "page.css").read_text("utf-8")
    head = _HEAD.format(
        digest=digest,
        title=escape(plain(page.title)),
        css=f"{style_sheet(faces)}\n{css}" if faces else css,
    )
    status = '<p role="status" class="unseen"></p>'
    return f"{head}{body}\n{status}\n<script>{script}</script>\n</body>\n</html>\n"


def _section(section: PlacedSection, front: Place) -> str:
    try:
        heading = (
            f'<h2><span class="count">{section.number}</span> {inline(section.title, front)}</h2>'
        )
        blocks = [draw(block, place) for block, place in section.blocks]
    except BackproofError as error:
        error.add_note(f"in section {section.number}, {section.title!r}")
        raise
    return "\n".join([f'<section id="{section.anchor}">', heading, *blocks, "</section>"])


@singledispatch
def draw(block: object, place: Place) -> str:
    """Render one block as HTML; TypeError for a form this module has no rule for.

    >>> draw(Prose("so **be** it"), Place(0, {}))
    '<p>so <strong>be</strong> it</p>'
    """
    raise TypeError(f"no HTML for a {type(block).__name__}: {block!r}; add a rule to html.draw")


@draw.register
def _(block: Prose, place: Place) -> str:
    return _paragraphs(block.text, place)


@draw.register
def _(block: Formula, place: Place) -> str:
    anchor = f"eq:{block.label or place.number}"
    forms = (
        ("LaTeX", block.latex),
        ("SymPy", block.sympy),
        ("NumPy", block.numpy),
        ("text", block.text),
    )
    buttons = "".join(
        f'<button type="button" data-copy="{escape(source)}" '
        f'aria-label="Copy equation {place.number} as {name}">{name}</button>'
        for name, source in forms
        if source
    )
    note = f'<div class="note">{_paragraphs(block.note, place)}</div>' if block.note else ""
    return (
        f'<div class="equation" id="{anchor}">{_display(block.latex)}'
        f'<a class="number" href="#{anchor}" aria-label="Equation {place.number}">'
        f'({place.number})</a><div class="forms"><span aria-hidden="true">copy</span>{buttons}'
        f"</div>{note}</div>"
    )


@draw.register
def _(block: Steps, place: Place) -> str:
    count = len(block.rows)
    opened = " open" if count <= STEPS_IN_SIGHT else ""
    rows = "".join(_step(row, place) for row in block.rows)
    size = "1 step" if count == 1 else f"{count} steps"
    return (
        f'<details class="steps"{opened}><summary>{inline(block.title, place)} '
        f'<span class="size">{size}</span></summary><ol>{rows}</ol></details>'
    )


def _step(row: StepRow, place: Place) -> str:
    because = f'<div class="because">{_paragraphs(row.because, place)}</div>' if row.because else ""
    return (
        f'<li><p class="rule">{inline(row.rule, place)}</p><div class="change">'
        f'{_display(row.before)}<div class="after"><span class="arrow" role="img" '
        f'aria-label="becomes">→</span>{_display(row.after)}</div></div>{because}</li>'
    )


@draw.register
def _(block: Implementation, place: Place) -> str:
    pairs = "".join(
        f'<div class="pair">{_display(row.latex)}{_code(row.code, block.language)}</div>'
        for row in block.rows
    )
    return f'<div class="implementation">{pairs}</div>'


@draw.register
def _(block: Evidence, place: Place) -> str:
    return f'<ul class="evidence">{"".join(_evidence(row, place) for row in block.rows)}</ul>'


def _evidence(row: EvidenceRow, place: Place) -> str:
    kind = row.verdict.replace(" ", "-")
    ground = ""
    if row.rests_on:
        words = "".join(f"<li>{escape(word)}</li>" for word in row.rests_on)
        ground = f'<div class="ground"><span>rests on</span> <ul>{words}</ul></div>'
    detail = f'<div class="detail">{_paragraphs(row.detail, place)}</div>' if row.detail else ""
    return (
        f'<li class="{kind}"><p class="verdict"><span class="mark" aria-hidden="true">'
        f"{MARKS[row.verdict]}</span> {row.verdict}</p>"
        f'<div class="claim">{_paragraphs(row.statement, place)}{detail}{ground}</div></li>'
    )


@draw.register
def _(block: Table, place: Place) -> str:
    header = "".join(f'<th scope="col">{inline(cell, place)}</th>' for cell in block.header)
    rows = "".join(
        f"<tr>{''.join(f'<td>{inline(cell, place)}</td>' for cell in row)}</tr>"
        for row in block.rows
    )
    return (
        f'<div class="scroll"><table><thead><tr>{header}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


@draw.register
def _(block: Code, place: Place) -> str:
    return _code(block.source, block.language)


@draw.register
def _(block: Figure, place: Place) -> str:
    kind = "image/svg+xml" if block.kind == "svg" else "image/png"
    data = base64.b64encode(block.svg_or_png).decode()
    return (
        f'<figure id="fig:{place.number}"><img src="data:{kind};base64,{data}" '
        f'alt="{escape(block.alt)}"><figcaption><b>Figure {place.number}.</b> '
        f"{inline(block.caption, place)}</figcaption></figure>"
    )


@draw.register
def _(block: Sliding, place: Place) -> str:
    caption = f"<b>Figure {place.number}.</b> {inline(block.caption, place)}"
    return block.figure(f"fig:{place.number}", caption)


def inline(text: str, place: Place) -> str:
    """Render prose as inline HTML; BackproofError for an open `$` or an unknown label.

    >>> inline("1 < 2, see @eq:dz", Place(0, {"dz": 3}))
    '1 &lt; 2, see <a href="#eq:dz">(3)</a>'
    """
    return _run(parse(text), place)


def _run(parts: tuple[Inline, ...], place: Place) -> str:
    spans = [_span(part, place) for part in parts]
    for i, part in enumerate(parts):
        # A browser would break a line between a formula and the full stop after it.
        if isinstance(part, Math) and i + 1 < len(parts) and isinstance(parts[i + 1], Text):
            stop = re.match(r"[.,;:!?)\]’”-]+", spans[i + 1])
            if stop:
                spans[i] = spans[i].removesuffix("</span>") + f"{stop.group()}</span>"
                spans[i + 1] = spans[i + 1][stop.end() :]
    return "".join(spans)


@singledispatch
def _span(part: object, place: Place) -> str:
    raise TypeError(f"no HTML for a {type(part).__name__}: {part!r}; add a rule to html._span")


@_span.register
def _(part: Text, place: Place) -> str:
    return escape(part.text)


@_span.register
def _(part: Math, place: Place) -> str:
    return f'<span class="math">{typeset(part.latex).html}</span>'


@_span.register
def _(part: Literal, place: Place) -> str:
    return f"<code>{escape(part.code)}</code>"


@_span.register
def _(part: Bold, place: Place) -> str:
    return f"<strong>{_run(part.parts, place)}</strong>"


@_span.register
def _(part: Reference, place: Place) -> str:
    return f'<a href="#eq:{part.label}">({place.of(part.label)})</a>'


def _paragraphs(text: str, place: Place) -> str:
    return "".join(f"<p>{inline(part, place)}</p>" for part in paragraphs(text))


def _display(latex: str) -> str:
    return f'<div class="display scroll">{typeset(latex, display=True).html}</div>'


def _code(source: str, language: str) -> str:
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        lexer = TextLexer(stripnl=False)
    body = highlight(source.rstrip("\n"), lexer, HtmlFormatter(nowrap=True)).rstrip("\n")
    return f'<pre class="scroll"><code>{body}</code></pre>'
