"""Pages: a small closed set of blocks, and one renderer for each file suffix.

`render(page, suffix)` gives the text of a page, `write(page, path)` puts it on disk with whatever
must lie beside it. A new format is a new module with `render(page)` and one row below.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from backproof.pages import html, markdown, notebook, tex
from backproof.pages.blocks import Figure, Page
from backproof.theory.errors import BackproofError

RENDERERS: dict[str, Callable[[Page], str]] = {
    ".html": html.render,
    ".md": markdown.render,
    ".tex": tex.render,
    ".ipynb": notebook.render,
}


def render(page: Page, suffix: str) -> str:
    """Render a page in the format of a file suffix: .html, .md, .tex or .ipynb.

    Returns the text of the file. An .html or .ipynb page is complete in itself; .md and .tex refer
    to figures by name, and `beside` gives these. Raises BackproofError for any other
    suffix.

    >>> from backproof.pages.blocks import Prose, Section
    >>> page = Page("A note", "", (Section("One", (Prose("Text."),)),))
    >>> render(page, ".md")
    '# A note\\n\\n## 1. One\\n\\nText.\\n'
    >>> render(page, ".docx")
    Traceback (most recent call last):
        ...
    backproof.theory.errors.BackproofError: the page format: found '.docx'; expected .html, .md, \
.tex or .ipynb. Next: name the file with one of these suffixes.
    """
    return _renderer(suffix)(page)


def beside(page: Page, suffix: str) -> dict[str, bytes]:
    """Name the files that a page of this suffix expects in its folder, with their bytes.

    Returns an empty dict for .html and .ipynb, and for pages without figures. A figure with a PDF
    form enters a .tex page as that.

    >>> beside(Page("A note", "", ()), ".tex")
    {}
    """
    _renderer(suffix)
    if suffix not in (".md", ".tex"):
        return {}
    files = {}
    for section in page.sections:
        for block in section.blocks:
            if isinstance(block, Figure):
                if suffix == ".tex" and block.pdf:
                    files[f"{block.stem}.pdf"] = block.pdf
                else:
                    files[f"{block.stem}.{block.kind}"] = block.svg_or_png
    return files


def write(page: Page, path: str | Path) -> tuple[Path, ...]:
    """Write a page to a file, in the format of its suffix, with its figures beside it.

    Returns the paths written, the page first. Nothing is written where rendering fails. Raises
    BackproofError for an unknown suffix and for a folder that does not exist.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in write(Page("A note", "", ()), Path(folder, "note.html"))]
    ['note.html']
    """
    path = Path(path)
    text = render(page, path.suffix)
    figures = beside(page, path.suffix)
    if not path.parent.is_dir():
        raise BackproofError(
            f"the page {path.name}", f"no folder {path.parent}", "one to write in", "make it first"
        )
    path.write_text(text, encoding="utf-8", newline="\n")
    written = [path]
    for name, data in figures.items():
        written.append(path.parent / name)
        written[-1].write_bytes(data)
    return tuple(written)


def _renderer(suffix: str) -> Callable[[Page], str]:
    if suffix not in RENDERERS:
        *most, last = RENDERERS
        known = f"{', '.join(most)} or {last}"
        raise BackproofError(
            "the page format", repr(suffix), known, "name the file with one of these suffixes"
        )
    return RENDERERS[suffix]
