r"""A page as a complete LaTeX document, for pdflatex, xelatex or lualatex.

Formulas enter as they are; words and code are escaped character by character. Characters beyond
the fonts (σ, ∈, ²) are declared in the preamble, those only that occur. A display wider than the
line is scaled to it. The other forms of a formula (text, SymPy, NumPy) stand above it as comments.
"""

from __future__ import annotations

import re
from functools import singledispatch
from importlib.resources import files

from backproof.pages.blocks import (
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
from backproof.pages.characters import character, is_native
from backproof.pages.inline import (
    Bold,
    Literal,
    Math,
    Reference,
    Text,
    paragraphs,
    parse,
    plain,
)
from backproof.pages.numbering import Place, PlacedSection, placed
from backproof.theory.errors import BackproofError

_MARKS = {
    "verified": r"\checkmark",
    "refuted": r"\times",
    "convention differs": r"\neq",
    "not checked": "-",
}

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    # After a line break these would be read as its options.
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
}
_SPECIAL_IN_CODE = {**_SPECIAL, "'": r"\textquotesingle{}", "`": r"\textasciigrave{}"}
# What fonts join into another sign: "--" into a dash, "<<" into a quote, "?`" into "¿".
_LIGATURES = {"--", "''", "``", ",,", "<<", ">>", "?`", "!`"}
# The width of a character of code, in em.
_TYPEWRITER = 0.525
# A table whose columns together hold more characters than this is set as wide as the page.
_NARROW = 80


def render(page: Page) -> str:
    r"""Render a page as a LaTeX document.

    Returns its text, which refers to figures by `Figure.stem` in the same folder. Raises
    BackproofError naming the section where prose has an open `$` or an unknown label.

    >>> from backproof.pages.blocks import Section
    >>> page = Page("Square", "", (Section("Rule", (Formula("x^2", "x**2"),)),))
    >>> r"\begin{equation}\label{eq:1}" in render(page)
    True
    """
    numbered = placed(page)
    front = numbered.front
    subtitle = rf" \\[1ex] \large {inline(page.subtitle, front)}" if page.subtitle else ""
    body = [
        rf"\hypersetup{{pdftitle={{{_words(plain(page.title))}}}}}",
        rf"\title{{{inline(page.title, front)}{subtitle}}}",
        r"\author{}",
        r"\date{}",
        r"\begin{document}",
        r"\maketitle",
        *(_section(part, front) for part in numbered.sections),
    ]
    if page.footer:
        body.append(rf"\bigskip\hrule\medskip {{\small {_paragraphs(page.footer, front)}}}")
    body.append(r"\end{document}")
    text = "\n\n".join(body) + "\n"
    declared = (
        rf"\DeclareUnicodeCharacter{{{ord(sign):04X}}}{{{character(sign)}}}"
        for sign in sorted(set(text))
        if sign != "\n" and not is_native(sign)
    )
    preamble = (files("backproof.pages") / "preamble.tex").read_text("utf-8")
    return preamble + "\n".join(declared) + "\n\n" + text


def _section(part: PlacedSection, front: Place) -> str:
    try:
        heading = rf"\section{{\texorpdfstring{{{inline(part.title, front)}}}"
        heading += rf"{{{_words(plain(part.title))}}}}}\label{{sec:{part.anchor}}}"
        return "\n\n".join([heading, *(draw(block, place) for block, place in part.blocks)])
    except BackproofError as error:
        error.add_note(f"in section {part.number}, {part.title!r}")
        raise


@singledispatch
def draw(block: object, place: Place) -> str:
    r"""Render one block as LaTeX; TypeError for a form this module has no rule for.

    >>> draw(Prose("100 % of $x$"), Place(0, {}))
    '100 \\% of $x$'
    """
    raise TypeError(f"no LaTeX for a {type(block).__name__}: {block!r}; add a rule to tex.draw")


@draw.register
def _(block: Prose, place: Place) -> str:
    return _paragraphs(block.text, place)


@draw.register
def _(block: Formula, place: Place) -> str:
    forms = (("text", block.text), ("SymPy", block.sympy), ("NumPy", block.numpy))
    comments = "".join(
        f"% {name}: {line}\n" for name, source in forms for line in source.splitlines() if line
    )
    note = f"\n\n{_paragraphs(block.note, place)}" if block.note else ""
    return (
        rf"{comments}\begin{{equation}}\label{{eq:{block.label or place.number}}}"
        f"\n{_fitted(block.latex)}\n\\end{{equation}}{note}"
    )


@draw.register
def _(block: Steps, place: Place) -> str:
    rows = []
    for row in block.rows:
        because = f"\n{_paragraphs(row.because, place)}" if row.because else ""
        change = f"{row.before}\n\\quad\\longrightarrow\\quad\n{row.after}"
        rows.append(
            f"\\item \\emph{{{inline(row.rule, place)}}}\n\\[\n{_fitted(change)}\n\\]{because}"
        )
    if not rows:
        return rf"\textbf{{{inline(block.title, place)}}}"
    steps = "\n".join(rows)
    return (
        f"\\textbf{{{inline(block.title, place)}}}\n"
        f"\\begin{{enumerate}}\n{steps}\n\\end{{enumerate}}"
    )


@draw.register
def _(block: Implementation, place: Place) -> str:
    return "\n\n".join(f"\\[\n{_fitted(row.latex)}\n\\]\n{_code(row.code)}" for row in block.rows)


@draw.register
def _(block: Evidence, place: Place) -> str:
    rows = []
    for row in block.rows:
        detail = f"\n\n{_paragraphs(row.detail, place)}" if row.detail else ""
        ground = f"\\\\ {{\\small rests on {_words(', '.join(row.rests_on))}}}" * bool(row.rests_on)
        rows.append(
            f"\\item[{{$\\boldsymbol{{{_MARKS[row.verdict]}}}$ {row.verdict}}}] "
            f"{_paragraphs(row.statement, place)}{detail}{ground}"
        )
    if not rows:
        return ""
    claims = "\n".join(rows)
    return f"\\begin{{description}}\n{claims}\n\\end{{description}}"


@draw.register
def _(block: Table, place: Place) -> str:
    lines = [
        " & ".join(inline(cell, place) for cell in cells) + r" \\"
        for cells in (block.header, *block.rows)
    ]
    columns = zip(block.header, *block.rows, strict=True)
    if sum(max(len(plain(cell)) for cell in column) for column in columns) <= _NARROW:
        begin = rf"\begin{{center}}\begin{{tabular}}{{{'l' * len(block.header)}}}"
        end = r"\end{tabular}\end{center}"
    else:
        wrapped = r">{\raggedright\arraybackslash}X" * len(block.header)
        begin, end = rf"\begin{{tabularx}}{{\linewidth}}{{{wrapped}}}", r"\end{tabularx}"
    rows = "\n".join(lines[1:])
    return f"{begin}\n\\toprule\n{lines[0]}\n\\midrule\n{rows}\n\\bottomrule\n{end}"


@draw.register
def _(block: Code, place: Place) -> str:
    return _code(block.source)


@draw.register
def _(block: Figure, place: Place) -> str:
    kind = "png" if block.kind == "png" else "pdf"
    size = r"width=0.75\linewidth,height=0.4\textheight,keepaspectratio"
    drawn = rf"\includegraphics[{size}]{{{block.stem}.{kind}}}"
    if block.kind == "svg" and not block.pdf:
        command = _literal(f"rsvg-convert -f pdf -o {block.stem}.pdf {block.stem}.svg")
        drawn = (
            rf"\IfFileExists{{{block.stem}.pdf}}{{{drawn}}}{{\fbox{{\parbox{{0.75\linewidth}}{{"
            rf"{_words(block.alt)} (LaTeX reads no SVG: run {command} and compile again.)}}}}}}"
        )
    return (
        f"\\begin{{center}}\n{drawn}\n\n\\textbf{{Figure {place.number}.}} "
        f"{_paragraphs(block.caption, place)}\n\\end{{center}}"
    )


def inline(text: str, place: Place) -> str:
    r"""Render prose as LaTeX; BackproofError for an open `$` or an unknown label.

    >>> inline("50 % of `a_b` by @eq:dz", Place(0, {"dz": 3}))
    '50 \\% of \\texttt{a\\_b} by \\eqref{eq:dz}'
    """
    return "".join(_span(part, place) for part in parse(text))


@singledispatch
def _span(part: object, place: Place) -> str:
    raise TypeError(f"no LaTeX for a {type(part).__name__}: {part!r}; add a rule to tex._span")


@_span.register
def _(part: Text, place: Place) -> str:
    return _words(part.text)


@_span.register
def _(part: Math, place: Place) -> str:
    return f"${part.latex}$"


@_span.register
def _(part: Literal, place: Place) -> str:
    return _literal(part.code)


@_span.register
def _(part: Bold, place: Place) -> str:
    return rf"\textbf{{{''.join(_span(inner, place) for inner in part.parts)}}}"


@_span.register
def _(part: Reference, place: Place) -> str:
    place.of(part.label)
    return rf"\eqref{{eq:{part.label}}}"


def _paragraphs(text: str, place: Place) -> str:
    return "\n\n".join(inline(part, place) for part in paragraphs(text))


def _words(text: str, special: dict[str, str] = _SPECIAL) -> str:
    signs = []
    for sign, following in zip(text, f"{text} "[1:], strict=True):
        signs.append(special.get(sign, sign))
        if sign + following in _LIGATURES:
            signs.append(r"\kern0pt{}")
    return "".join(signs)


def _literal(code: str) -> str:
    return rf"\texttt{{{_words(code, _SPECIAL_IN_CODE)}}}"


def _code(source: str) -> str:
    lines = []
    for line in source.rstrip().expandtabs(4).split("\n"):
        indent = len(line) - len(line.lstrip(" "))
        words = _words(line.strip(), _SPECIAL_IN_CODE)
        left, hang = _TYPEWRITER * indent, _TYPEWRITER * (indent + 6)
        # Spaces may break a line; a broken line hangs below its own indent.
        lines.append(
            rf"\hangindent={hang:.3f}em\hspace*{{{left:.3f}em}}"
            + (re.sub(" ", r"\\ ", words) or r"\mbox{}")
            + r"\par"
        )
    body = "\n".join(lines)
    return f"\\begin{{source}}\n{body}\n\\end{{source}}"


def _fitted(latex: str) -> str:
    return f"\\fit{{%\n{latex}\n}}"
