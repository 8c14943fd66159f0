"""The blocks of a page: plain frozen data, no rendering.

A page is a tree of these few forms and nothing else. Each renderer (`html`, `markdown`, `tex`,
`notebook`) is one function per form, so a new output format is one new file, and a block that a
renderer does not know is an error rather than a gap in the page.

Two kinds of text occur. *Prose* fields may hold inline `$latex$`, `` `code` ``, `**bold**` and
`@eq:label` (the number of a labelled formula); a literal character of these is written with a
backslash, as `inline.literal` does. *Plain* fields (labels, LaTeX, source code, `alt`) are taken
as they are. No field is ever read as HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, get_args

from backproof.pages.contract import keep_tuple, require_label, require_latex, require_text
from backproof.theory.errors import BackproofError

Verdict = Literal["verified", "refuted", "convention differs", "not checked"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

MARKS: dict[Verdict, str] = {
    "verified": "✓",
    "refuted": "✗",
    "convention differs": "≠",
    "not checked": "–",
}


@dataclass(frozen=True)
class Prose:
    """Running text with inline `$latex$`, `` `code` `` and `**bold**`.

    A blank line starts a new paragraph.

    >>> Prose("The gradient of $J$ with respect to `W1` is **exact**.").text[:12]
    'The gradient'
    """

    text: str

    def __post_init__(self) -> None:
        require_text(self)


@dataclass(frozen=True)
class Formula:
    r"""One displayed and numbered equation, with the forms in which a reader may copy it.

    `latex` is the content of a display, without `$$` or an environment of its own (`aligned` and
    `cases` are welcome inside). `text`, `sympy` and `numpy` are offered beside it where they are
    not empty. `label` names the equation for `@eq:label` in prose; `note` is prose below it.
    Raises BackproofError for an empty formula or one that brings its own display or number.

    >>> Formula(r"\dot z = (1 - h^2)\,\dot h", "dz = (1 - h**2)*dh", label="dz").label
    'dz'
    """

    latex: str
    text: str
    sympy: str = ""
    numpy: str = ""
    label: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        require_text(self)
        require_label(self, "label")
        require_latex(self, "latex")


@dataclass(frozen=True)
class StepRow:
    r"""One application of a rule: `before` becomes `after` (both LaTeX), and `because` says why.

    >>> StepRow("power rule", r"\partial_x x^2", "2x", "$d x^n = n x^{n-1}$").rule
    'power rule'
    """

    rule: str
    before: str
    after: str
    because: str

    def __post_init__(self) -> None:
        require_text(self)
        require_latex(self, "before")
        require_latex(self, "after")


@dataclass(frozen=True)
class Steps:
    """A derivation, step by step; renderers fold a long one where they can.

    >>> Steps((StepRow("definition", "f", "x^2", ""),)).title
    'Derivation'
    """

    rows: Sequence[StepRow]
    title: str = "Derivation"

    def __post_init__(self) -> None:
        require_text(self)
        keep_tuple(self, "rows", StepRow)


@dataclass(frozen=True)
class ImplementationRow:
    """An equation (LaTeX) beside the lines of source code that implement it.

    >>> ImplementationRow("z = W x", "np.matmul(W, x, out=z)").code
    'np.matmul(W, x, out=z)'
    """

    latex: str
    code: str

    def __post_init__(self) -> None:
        require_text(self)
        require_latex(self, "latex")


@dataclass(frozen=True)
class Implementation:
    """Equations beside the source that implements them, in the order of execution.

    >>> len(Implementation((ImplementationRow("z = W x", "z = W @ x"),)).rows)
    1
    """

    rows: Sequence[ImplementationRow]
    language: str = "python"

    def __post_init__(self) -> None:
        require_text(self)
        keep_tuple(self, "rows", ImplementationRow)


@dataclass(frozen=True)
class EvidenceRow:
    """A statement, what was found about it, and what that finding rests on.

    `statement` and `detail` are prose. Raises BackproofError for an unknown verdict, and for a
    verdict that does not say what it rests on: only "not checked" rests on nothing.

    >>> EvidenceRow("`dW1` is the gradient", "verified", ("derived", "sampled"), "").rests_on
    ('derived', 'sampled')
    >>> EvidenceRow("`dW1` decays", "verified")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    backproof.theory.errors.BackproofError: the verdict on '`dW1` decays': found verified, ...
    """

    statement: str
    verdict: Verdict
    rests_on: tuple[str, ...] = ()
    detail: str = ""

    def __post_init__(self) -> None:
        require_text(self)
        keep_tuple(self, "rests_on", str)
        if self.verdict not in VERDICTS:
            raise BackproofError(
                f"the verdict on {self.statement!r}",
                repr(self.verdict),
                " or ".join(map(repr, VERDICTS)),
                "choose one of these",
            )
        if self.verdict != "not checked" and not self.rests_on:
            raise BackproofError(
                f"the verdict on {self.statement!r}",
                f"{self.verdict}, resting on nothing",
                "a verdict that says by what",
                "name what it rests on, or write 'not checked'",
            )


@dataclass(frozen=True)
class Evidence:
    """Statements with their verdicts.

    >>> Evidence((EvidenceRow("`b1` decays", "not checked"),)).rows[0].verdict
    'not checked'
    """

    rows: Sequence[EvidenceRow]

    def __post_init__(self) -> None:
        keep_tuple(self, "rows", EvidenceRow)


@dataclass(frozen=True)
class Table:
    """A table of prose cells; every row is as long as the header, else BackproofError.

    >>> Table(("symbol", "shape"), (("`W1`", "128 × 784"),)).header
    ('symbol', 'shape')
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __post_init__(self) -> None:
        keep_tuple(self, "header", str)
        keep_tuple(self, "rows", tuple, list)
        for row in self.rows:
            if len(row) != len(self.header) or not all(isinstance(cell, str) for cell in row):
                raise BackproofError(
                    f"a Table under {self.header!r}",
                    f"the row {tuple(row)!r}",
                    f"{len(self.header)} texts",
                    "give each column its cell",
                )
        object.__setattr__(self, "rows", tuple(map(tuple, self.rows)))


@dataclass(frozen=True)
class Code:
    """Source code shown as it is; in a notebook, Python becomes a cell that can be run.

    >>> Code("import backproof as bp").language
    'python'
    """

    source: str
    language: str = "python"

    def __post_init__(self) -> None:
        require_text(self)


@dataclass(frozen=True)
class Figure:
    """A picture as the bytes of an SVG or PNG file, with a caption (prose) and its description.

    `alt` says in words what the picture shows, for those who do not see it. `pdf` is the same
    picture for LaTeX, which cannot read SVG; without it a LaTeX page asks for a conversion.
    Raises BackproofError where the bytes are not of the stated kind or `alt` is empty.

    >>> Figure(b"<svg/>", "svg", "Loss by epoch", "The loss falls from 2.3 to 0.1").kind
    'svg'
    """

    svg_or_png: bytes
    kind: Literal["svg", "png"]
    caption: str
    alt: str
    pdf: bytes = b""

    def __post_init__(self) -> None:
        require_text(self)
        is_png = self.svg_or_png.startswith(b"\x89PNG\r\n\x1a\n")
        found = "png" if is_png else "svg" if b"<svg" in self.svg_or_png else "neither kind"
        if self.kind != found:
            where, move = f"Figure {self.caption!r}", "give the file's bytes and name its kind"
            raise BackproofError(where, f"bytes of {found}", f"kind {self.kind!r}", move)
        if not self.alt.strip():
            where, move = f"Figure {self.caption!r}", "say in words what it shows"
            raise BackproofError(where, "no alt", "a description", move)
        if self.pdf and not self.pdf.startswith(b"%PDF"):
            where, move = f"Figure {self.caption!r}", "give what savefig(format='pdf') writes"
            raise BackproofError(where, "other bytes as pdf", "those of a PDF file", move)

    @property
    def stem(self) -> str:
        """The name of its file beside a page, from its content, so that names never clash."""
        return f"figure-{sha256(self.svg_or_png).hexdigest()[:8]}"


Block = Prose | Formula | Steps | Implementation | Evidence | Table | Code | Figure
BLOCKS: tuple[type, ...] = get_args(Block)


@dataclass(frozen=True)
class Section:
    """A titled run of blocks; `anchor` names it in links and follows from the title if empty.

    >>> Section("The gradient", (Prose("By the chain rule."),)).title
    'The gradient'
    """

    title: str
    blocks: Sequence[Block]
    anchor: str = ""

    def __post_init__(self) -> None:
        require_text(self)
        require_label(self, "anchor")
        keep_tuple(self, "blocks", *BLOCKS)


@dataclass(frozen=True)
class Page:
    """A whole document: title, subtitle, sections and a closing line, all titles being prose.

    >>> Page("A network", "", (Section("Model", (Prose("Two layers."),)),)).sections[0].title
    'Model'
    """

    title: str
    subtitle: str
    sections: Sequence[Section]
    footer: str = ""

    def __post_init__(self) -> None:
        require_text(self)
        keep_tuple(self, "sections", Section)
        if not self.title.strip():
            raise BackproofError("Page.title", "nothing", "a title", "name what the page shows")
