r"""A page as Markdown: GitHub's dialect, with `$...$` and `$$...$$` for mathematics.

Numbers are set with `\tag`, so they are those of the other formats. Figures are files beside the
page, since few readers of Markdown show data URIs; `backproof.pages.write` writes them.
Words are escaped: no text of a page becomes markup, and none becomes HTML.
"""

from __future__ import annotations

import re
from functools import singledispatch

from backproof.pages.blocks import (
    MARKS,
    Code,
    Evidence,
    Figure,
    Formula,
    Implementation,
    Page,
    Prose,
    Steps,
    Table,
)
from backproof.pages.inline import Bold, Literal, Math, Reference, Text, paragraphs, parse
from backproof.pages.numbering import Place, PlacedSection, placed
from backproof.theory.errors import BackproofError

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LINE_START = re.compile(r"^(\s*)([#+=-]|\d+(?=[.)](?:\s|$)))", re.M)


def render(page: Page) -> str:
    """Render a page as Markdown.

    Returns its text, which refers to figures by `Figure.stem` in the same folder. Raises
    BackproofError naming the section where prose has an open `$` or an unknown label.

    >>> from backproof.pages.blocks import Section
    >>> page = Page("Square", "", (Section("Rule", (Formula("x^2", "x**2"),)),))
    >>> print(render(page).split("<details>")[0])
    # Square
    <BLANKLINE>
    ## 1. Rule
    <BLANKLINE>
    $$
    x^2
    \\tag{1}
    $$
    <BLANKLINE>
    <BLANKLINE>
    """
    numbered = placed(page)
    parts = [opening(page, numbered.front)]
    parts.extend(section(s, numbered.front) for s in numbered.sections)
    if page.footer:
        parts.append(f"---\n\n{_paragraphs(page.footer, numbered.front)}")
    return "\n\n".join(parts) + "\n"


def opening(page: Page, front: Place) -> str:
    """Return the title and subtitle.

    >>> opening(Page("On $x$", "a note", ()), Place(0, {}))
    '# On $x$\\n\\n**a note**'
    """
    subtitle = f"\n\n**{inline(page.subtitle.strip(), front)}**" if page.subtitle else ""
    return f"# {inline(page.title, front)}{subtitle}"


def section(part: PlacedSection, front: Place) -> str:
    """Return one section with its heading; BackproofError says which section failed.

    >>> section(PlacedSection(2, "Rule", "rule", ()), Place(0, {}))
    '## 2. Rule'
    """
    try:
        heading = f"## {part.number}. {inline(part.title, front)}"
        return "\n\n".join([heading, *(draw(block, place) for block, place in part.blocks)])
    except BackproofError as error:
        error.add_note(f"in section {part.number}, {part.title!r}")
        raise


@singledispatch
def draw(block: object, place: Place) -> str:
    """Render one block as Markdown; TypeError for a form this module has no rule for.

    >>> draw(Prose("2 * 3 < 7"), Place(0, {}))
    '2 \\\\* 3 &lt; 7'
    """
    raise TypeError(f"no Markdown for a {type(block).__name__}: {block!r}; add a rule to draw")


@draw.register
def _(block: Prose, place: Place) -> str:
    return _paragraphs(block.text, place)


@draw.register
def _(block: Formula, place: Place) -> str:
    forms = [("text", "text", block.text), ("SymPy", "python", block.sympy)]
    forms.append(("NumPy", "python", block.numpy))
    shown = [(name, language, source) for name, language, source in forms if source]
    parts = [_display(f"{block.latex}\n\\tag{{{place.number}}}")]
    if shown:
        names = ", ".join(name for name, _, _ in shown)
        sources = "\n\n".join(fence(source, language) for _, language, source in shown)
        parts.append(
            f"<details><summary>({place.number}) as {names}</summary>\n\n{sources}\n\n</details>"
        )
    if block.note:
        parts.append(_paragraphs(block.note, place))
    return "\n\n".join(parts)


@draw.register
def _(block: Steps, place: Place) -> str:
    parts = [f"**{inline(block.title.strip(), place)}**"]
    for number, row in enumerate(block.rows, 1):
        because = f": {inline(' '.join(paragraphs(row.because)), place)}" if row.because else ""
        parts.append(f"{number}\\. {inline(row.rule, place)}{because}")
        parts.append(_display(f"{row.before}\n\\quad\\longrightarrow\\quad\n{row.after}"))
    return "\n\n".join(parts)


@draw.register
def _(block: Implementation, place: Place) -> str:
    return "\n\n".join(
        f"{_display(row.latex)}\n\n{fence(row.code, block.language)}" for row in block.rows
    )


@draw.register
def _(block: Evidence, place: Place) -> str:
    lines = []
    for row in block.rows:
        ground = f" (rests on: {words(', '.join(row.rests_on))})" if row.rests_on else ""
        said = " ".join(paragraphs(row.statement) + paragraphs(row.detail))
        lines.append(f"- {MARKS[row.verdict]} **{row.verdict}**{ground}: {_line(said, place)}")
    return "\n".join(lines)


@draw.register
def _(block: Table, place: Place) -> str:
    def line(cells: tuple[str, ...]) -> str:
        return f"| {' | '.join(_cell(cell, place) for cell in cells)} |"

    rule = "|" + " --- |" * len(block.header)
    return "\n".join([line(tuple(block.header)), rule, *(line(tuple(row)) for row in block.rows)])


@draw.register
def _(block: Code, place: Place) -> str:
    return fence(block.source, block.language)


@draw.register
def _(block: Figure, place: Place) -> str:
    return picture(block, place, f"{block.stem}.{block.kind}")


def picture(figure: Figure, place: Place, address: str) -> str:
    """Return a figure found at `address`, with its description and caption.

    >>> picture(Figure(b"<svg/>", "svg", "Loss", "falls"), Place(1, {}), "loss.svg")
    '![falls](loss.svg)\\n\\n**Figure 1.** Loss'
    """
    alt = words(" ".join(figure.alt.split()))
    return f"![{alt}]({address})\n\n**Figure {place.number}.** {_line(figure.caption, place)}"


def fence(source: str, language: str) -> str:
    """Return source code between fences longer than any run of backticks in it.

    >>> print(fence("x = 1", "python"))
    ```python
    x = 1
    ```
    """
    longest = max((len(run) for run in re.findall(r"`+", source)), default=0)
    ticks = "`" * max(3, longest + 1)
    name = re.sub(r"[^\w+-]", "", language)
    return f"{ticks}{name}\n{source.rstrip()}\n{ticks}"


def inline(text: str, place: Place) -> str:
    """Render prose as inline Markdown; BackproofError for an open `$` or an unknown label.

    >>> inline("by @eq:dz, `a_b` is $a_b$", Place(0, {"dz": 3}))
    'by (3), `a_b` is $a_b$'
    """
    return "".join(_span(part, place) for part in parse(text))


def words(text: str) -> str:
    """Escape plain words, so that Markdown shows them as they are.

    >>> words("<b> a_b [1]")
    '&lt;b&gt; a\\\\_b \\\\[1\\\\]'
    """
    text = re.sub(r"[&<>]", lambda found: _ENTITIES[found.group()], text)
    text = re.sub(r"[\\`*_\[\]|$~]", r"\\\g<0>", text)
    return _LINE_START.sub(_escaped_start, text)


def _escaped_start(found: re.Match[str]) -> str:
    mark = found.group(2)
    # A backslash escapes punctuation only: "1." becomes "1\.", written through its digit.
    return found.group(1) + (f"&#{ord(mark[0])};{mark[1:]}" if mark[0].isdigit() else f"\\{mark}")


@singledispatch
def _span(part: object, place: Place) -> str:
    raise TypeError(f"no Markdown for a {type(part).__name__}: {part!r}; add a rule to _span")


@_span.register
def _(part: Text, place: Place) -> str:
    return words(part.text)


@_span.register
def _(part: Math, place: Place) -> str:
    return f"${_mathematics(' '.join(part.latex.split()))}$"


@_span.register
def _(part: Literal, place: Place) -> str:
    return f"`{part.code}`"


@_span.register
def _(part: Bold, place: Place) -> str:
    return f"**{''.join(_span(inner, place) for inner in part.parts)}**"


@_span.register
def _(part: Reference, place: Place) -> str:
    return f"({place.of(part.label)})"


def _line(text: str, place: Place) -> str:
    return " ".join(inline(text, place).split())


def _cell(text: str, place: Place) -> str:
    parts = []
    for part in parse(text):
        if isinstance(part, Math):  # a bar would end the cell, even inside a formula
            bars = part.latex.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
            parts.append(_span(Math(bars), place))
        elif isinstance(part, Literal):
            parts.append(_span(part, place).replace("|", r"\|"))
        else:
            parts.append(_span(part, place))
    return " ".join("".join(parts).split())


def _paragraphs(text: str, place: Place) -> str:
    return "\n\n".join(inline(part, place) for part in paragraphs(text))


def _display(latex: str) -> str:
    return f"$$\n{_mathematics(latex.strip())}\n$$"


def _mathematics(latex: str) -> str:
    # "a<b" would open an HTML tag before the mathematics is read; the space changes nothing.
    latex = re.sub(r"<(?=[A-Za-z/!?])", "< ", latex)
    # GitHub shows an error in the place of a formula with \operatorname (github/markup 1688).
    return re.sub(r"\\operatorname\{([^{}]*)\}", r"\\mathop{\\mathrm{\1}}", latex)
