r"""LaTeX to HTML by KaTeX, on the Python side, and the fonts a page then needs.

KaTeX 0.16.22 comes compiled inside `PyKaTeX`, without its style sheet and fonts; these lie in
`katex-0.16.22/`, unchanged but for the encoding (`README.md` there says whence). Only the faces
that a page's formulas use are embedded. Which those are follows from the class names of the
typeset HTML, as in the style sheet: `mathbb` is set in `AMS-Regular`, a large sum sign in
`Size2-Regular`.

What KaTeX would show in red is an error here: a page must not carry a broken formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from backproof.theory.errors import BackproofError

try:
    import pykatex
except ImportError:  # no wheel for this platform and no compiler
    pykatex = None

ASSETS = files("backproof.pages") / "katex-0.16.22"

# KaTeX marks a command it declines (\href, \includegraphics, \htmlClass) by this colour alone.
_DECLINED = "#bad1de"

_CLASS_NAMES = re.compile(r'class="([^"]+)"')

# Class names (all must be present) and the face they select; a later row overrides an earlier one.
_FACE_OF: tuple[tuple[frozenset[str], str], ...] = tuple(
    (frozenset(names.split()), face)
    for names, face in (
        ("katex", "Main-Regular"),
        ("textbf", "Main-Bold"),
        ("textit", "Main-Italic"),
        ("textbf textit", "Main-BoldItalic"),
        ("textsf", "SansSerif-Regular"),
        ("textsf textbf", "SansSerif-Bold"),
        ("textsf textit", "SansSerif-Italic"),
        ("texttt", "Typewriter-Regular"),
        ("mathnormal", "Math-Italic"),
        ("mathit", "Main-Italic"),
        ("mathbf", "Main-Bold"),
        ("boldsymbol", "Math-BoldItalic"),
        ("amsrm", "AMS-Regular"),
        ("mathbb", "AMS-Regular"),
        ("textbb", "AMS-Regular"),
        ("mathcal", "Caligraphic-Regular"),
        ("mathcal textbf", "Caligraphic-Bold"),
        ("mathfrak", "Fraktur-Regular"),
        ("textfrak", "Fraktur-Regular"),
        ("mathboldfrak", "Fraktur-Bold"),
        ("textboldfrak", "Fraktur-Bold"),
        ("mathtt", "Typewriter-Regular"),
        ("mathscr", "Script-Regular"),
        ("textscr", "Script-Regular"),
        ("mathsf", "SansSerif-Regular"),
        ("mathboldsf", "SansSerif-Bold"),
        ("textboldsf", "SansSerif-Bold"),
        ("mathitsf", "SansSerif-Italic"),
        ("mathsfit", "SansSerif-Italic"),
        ("textitsf", "SansSerif-Italic"),
        ("mainrm", "Main-Regular"),
        ("delimsizing size1", "Size1-Regular"),
        ("delimsizing size2", "Size2-Regular"),
        ("delimsizing size3", "Size3-Regular"),
        ("delimsizing size4", "Size4-Regular"),
        ("delim-size1", "Size1-Regular"),
        ("delim-size4", "Size4-Regular"),
        ("op-symbol small-op", "Size1-Regular"),
        ("op-symbol large-op", "Size2-Regular"),
    )
)


@dataclass(frozen=True)
class Typeset:
    """One formula as HTML, and the font faces its characters are set in."""

    html: str
    faces: frozenset[str]


@lru_cache(maxsize=8192)
def typeset(latex: str, display: bool = False) -> Typeset:
    r"""Typeset one formula; the same string twice costs once.

    Returns its HTML (with MathML inside for screen readers) and its font faces. Raises
    BackproofError naming the formula where KaTeX cannot read it, declines a command, or has no
    font for it, and ModuleNotFoundError where PyKaTeX is not installed.

    >>> typeset(r"\mathbb{E}[x]").faces == {"Main-Regular", "Math-Italic", "AMS-Regular"}
    True
    >>> typeset("x_")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    backproof.theory.errors.BackproofError: the formula 'x_': found Expected group after '_' at ...
    """
    if pykatex is None:
        raise ModuleNotFoundError(
            "an HTML page is typeset by PyKaTeX, which is not installed here; run "
            "`pip install PyKaTeX`, or write the page as .md, .tex or .ipynb"
        )
    try:
        html = pykatex.renderToString(
            latex,
            displayMode=display,
            strict=pykatex.STRICT_IGNORE,
            errorColor=_DECLINED,
        )
    except pykatex.ParseError as error:
        # KaTeX underlines the place with U+0332, which a terminal shows as noise.
        reason = re.sub(r"(at position \d+|at end of input): .*", r"\1", str(error), flags=re.S)
        where = f"the formula {latex!r}"
        raise BackproofError(where, reason, "LaTeX that KaTeX reads", "correct it") from None
    declined = re.search(rf'style="color:{_DECLINED};">(\\[A-Za-z]+)', html)
    if declined:
        where, found = f"the formula {latex!r}", declined.group(1)
        raise BackproofError(where, found, "only what a page can show alone", "remove it")
    html = html.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")
    faces = faces_of(html)
    absent = sorted(faces - shipped_faces())
    if absent:
        raise BackproofError(
            f"the formula {latex!r}",
            f"the font {absent[0]}",
            "one that pages carry",
            r"use roman, bold, italic, \mathcal, \mathscr, \mathbb or \mathsf",
        )
    return Typeset(html, faces)


def faces_of(html: str) -> frozenset[str]:
    """Return the font faces that KaTeX's HTML selects by its class names.

    >>> sorted(faces_of('<span class="mord mathbf">w</span>'))
    ['Main-Bold']
    """
    faces = set()
    for names in set(_CLASS_NAMES.findall(html)):
        present = set(names.split())
        chosen = [face for wanted, face in _FACE_OF if wanted <= present]
        if chosen:
            faces.add(chosen[-1])
    return frozenset(faces)


@cache
def shipped_faces() -> frozenset[str]:
    """Return the names of the faces in `katex-0.16.22/`.

    >>> "Main-Regular" in shipped_faces()
    True
    """
    names = (entry.name for entry in ASSETS.iterdir())
    return frozenset(n.removesuffix(".woff2.base64") for n in names if n.endswith(".base64"))


def style_sheet(faces: Iterable[str]) -> str:
    """Return KaTeX's CSS with the given faces inside it, as data URIs.

    >>> style_sheet(["Size1-Regular"]).count("@font-face")
    1
    """
    rules = []
    for face in sorted(faces):
        family, _, cut = face.partition("-")
        weight = "700" if "Bold" in cut else "400"
        style = "italic" if "Italic" in cut else "normal"
        woff2 = (ASSETS / f"{face}.woff2.base64").read_text("ascii").strip()
        rules.append(
            f"@font-face{{font-family:KaTeX_{family};font-style:{style};font-weight:{weight};"
            f"src:url(data:font/woff2;base64,{woff2}) format('woff2')}}"
        )
    return "\n".join([*rules, (ASSETS / "katex.min.css").read_text("utf-8").strip()])
