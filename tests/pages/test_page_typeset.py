"""KaTeX, its style sheet and its fonts: one release, complete, and errors instead of red boxes."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pykatex
import pytest

from backproof.pages import typeset as module
from backproof.pages.typeset import ASSETS, faces_of, shipped_faces, style_sheet, typeset
from backproof.theory.errors import BackproofError

CSS = (ASSETS / "katex.min.css").read_text("utf-8")


def test_style_sheet_and_compiled_katex_are_of_one_release() -> None:
    version = re.search(r'\.katex-version:after\{content:"([\d.]+)"\}', CSS)
    assert version
    assert version.group(1).encode() in Path(pykatex.__file__).read_bytes()


def test_fonts_are_the_published_ones() -> None:
    """Byte for byte: their licence keeps the name for unchanged fonts."""
    listed = {
        line.split()[1]: line.split()[0]
        for line in (ASSETS / "README.md").read_text("utf-8").splitlines()
        if line.endswith(".woff2")
    }
    found = {}
    for face in shipped_faces():
        data = base64.b64decode(
            (ASSETS / f"{face}.woff2.base64").read_text("ascii"), validate=False
        )
        assert data.startswith(b"wOF2")
        found[f"{face}.woff2"] = hashlib.sha256(data).hexdigest()
    assert found == listed
    assert len(found) == 14


def test_licences_lie_beside_them() -> None:
    assert "The MIT License" in (ASSETS / "LICENSE").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE" in (ASSETS / "OFL.txt").read_text("utf-8")


def test_every_font_rule_of_the_style_sheet_is_known() -> None:
    """A class that the CSS sets in a family selects a face of that family here too."""
    rules = re.findall(r"([^{}]+)\{[^{}]*font-family:KaTeX_(\w+)", CSS)
    assert len(rules) > 15
    for selectors, family in rules:
        for selector in selectors.split(","):
            last = [part for part in re.split(r"[ >]", selector) if "." in part][-1]
            names = " ".join(last.strip(".").split("."))
            chosen = faces_of(f'<span class="katex"><span class="{names}">')
            if family != "Main":
                chosen -= {"Main-Regular"}
            assert {face.split("-")[0] for face in chosen} == {family}, selector


def test_the_most_special_rule_decides() -> None:
    assert faces_of('<span class="mord textbf">') == {"Main-Bold"}
    assert faces_of('<span class="mord texttt textbf">') == {"Typewriter-Regular"}
    assert faces_of('<span class="sizing reset-size6 size3">') == set()


def test_the_sheet_declares_each_face_once_with_its_cut() -> None:
    sheet = style_sheet(["Math-BoldItalic", "Main-Regular"])
    assert sheet.count("@font-face") == 2
    assert "font-family:KaTeX_Math;font-style:italic;font-weight:700;" in sheet
    assert "font-family:KaTeX_Main;font-style:normal;font-weight:400;" in sheet


@pytest.mark.parametrize(
    ("latex", "complaint"),
    [
        (r"\frac{1}{", "end of input"),
        (r"x_", "Expected group"),
        (r"\undefinedname x", "Undefined control sequence"),
        (r"\left( x", "Expected"),
        (r"\href{https://example.org}{x}", r"found \\href;"),
        (r"\includegraphics{a.png}", r"found \\includegraphics;"),
        (r"\htmlClass{a}{x}", r"found \\htmlClass;"),
        (r"\mathfrak{g}", "the font Fraktur-Regular"),
    ],
)
def test_what_katex_would_show_in_red_is_an_error(latex: str, complaint: str) -> None:
    for display in (False, True):
        with pytest.raises(BackproofError, match=complaint) as caught:
            typeset(latex, display)
        assert repr(latex) in str(caught.value)
        assert "\u0332" not in str(caught.value)


def test_red_is_still_a_colour() -> None:
    assert "red" in typeset(r"\color{red}{x}").html


def test_the_same_string_is_typeset_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    class Counting:
        STRICT_IGNORE = pykatex.STRICT_IGNORE
        ParseError = pykatex.ParseError

        @staticmethod
        def renderToString(latex: str, **options: object) -> str:
            calls.append(latex)
            return str(pykatex.renderToString(latex, **options))

    monkeypatch.setattr(module, "pykatex", Counting)
    typeset.cache_clear()
    for _ in range(3):
        typeset("cache_1", True)
        typeset("cache_1", False)
    assert calls == ["cache_1", "cache_1"]


def test_without_pykatex_the_error_names_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "pykatex", None)
    typeset.cache_clear()
    with pytest.raises(ModuleNotFoundError, match=r"pip install PyKaTeX.*\.md, \.tex or \.ipynb"):
        typeset("x")
