"""What the command line was given: a statement, a page to write, the language of a kernel."""

from __future__ import annotations

import sys
from pathlib import Path

import backproof as bp
from backproof.options import Precision
from backproof.references import is_reference
from backproof.showing import as_json
from backproof.statements import Statement
from backproof.terminal import refusals
from backproof.theory.errors import BackproofError


def one_statement(statement: str | None, file: str | None) -> str:
    """The one statement that was given."""
    with refusals():
        if (statement is None) == (file is None):
            found = "no statement" if file is None else f"two: {statement!r} and {file!r}"
            raise BackproofError("statement", found, "one statement or --file", "give one")
        if file is not None and not is_reference(file):
            raise BackproofError("--file", repr(file), "FILE.py::NAME", "add ::NAME")
    return source_of(file or statement or "")


def source_of(text: str) -> str:
    """A statement; `-` stands for what standard input holds."""
    return sys.stdin.read() if text == "-" else text


def writable(page: Path) -> None:
    """Refuse a page that could not be written before anything is derived."""
    if page.suffix not in (".html", ".md", ".tex", ".ipynb"):
        raise BackproofError(
            "--to", f"{page.name}", "a name in .html, .md, .tex or .ipynb", "change the suffix"
        )
    if not page.parent.is_dir():
        raise BackproofError("--to", f"no folder {page.parent}", "a folder", "make it first")


def printed(
    said: Statement, backend: str, dtype: Precision, as_json_: bool, others: dict[str, object]
) -> str:
    """The source of the kernel; options that are about equations go with no kernel."""
    if asked := [name for name, value in others.items() if value]:
        found = f"{asked[0]}, which is about equations, beside --backend"
        raise BackproofError("--backend", found, "one of the two", f"leave {asked[0]} out")
    kernel = bp.compile(said.derivation(), dtype, backend)
    if not as_json_:
        return kernel.source
    told = {"arguments": list(kernel.arguments.names), "results": list(kernel.results)}
    about = {"backend": kernel.backend, "dtype": str(kernel.dtype)}
    return as_json({**about, **told, "source": kernel.source})
