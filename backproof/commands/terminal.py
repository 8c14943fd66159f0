"""The terminal: equations in colour where there is colour, and work in progress on stderr."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.highlighter import RegexHighlighter
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text
from rich.theme import Theme

from backproof.theory.errors import BackproofError

THEME = Theme(
    {
        "equation.defined": "bold",
        "equation.index": "dim",
        "equation.sum": "cyan",
        "equation.function": "green",
        "report.good": "bold green",
        "report.bad": "bold red",
        "report.other": "bold yellow",
        "report.heading": "bold",
        "good": "bold green",
        "bad": "bold red",
        "aside": "dim",
        "head": "bold cyan",
    }
)


class Equations(RegexHighlighter):
    """Colours for the text of equations: what is defined, its indices, sums and functions."""

    base_style = "equation."
    highlights = [  # noqa: RUF012 - rich declares it so
        r"(?m)^\s*(?P<defined>[^\W\d]\w*)(?=(\[[^]=]*\])? = )",
        r"(?m)^(?P<defined>\d+\. [^:]+)(?=: )",
        r"(?P<index>\[(?:[\w,+* -]|\[[\w,]+\])+\])",
        r"(?P<sum>Σ_[\w,]+|logsumexp_[\w,]+|(?:arg)?(?:max|min)_[\w,]+)",
        r"\b(?P<function>relu|tanh|exp|log|softplus|softmax|sqrt|max|min|σ|Φ)(?=\()",
    ]


class Reports(RegexHighlighter):
    """Colours for a judge's report: what is right, what is wrong, and its headings."""

    base_style = "report."
    highlights = [  # noqa: RUF012
        r"(?P<good>: verified\b|✓ .*)",
        r"(?P<bad>: refuted\b|✗ .*)",
        r"(?P<other>: (convention differs|not checked)\b|[~?] {1,2}\w+ +(convention differs|open))",
        r"(?m)^(?P<heading> *(What|Where|Why|A small|Another|Notes)\b.*)$",
        r"(?m)^ {6,}(?P<good>derived) ",
        r"(?m)^ {6,}(?P<bad>yours) ",
    ]


def console(stderr: bool = False) -> Console:
    """Standard output (or error) as it is now; long lines are never cut or broken."""
    return Console(stderr=stderr, theme=THEME, highlight=False, soft_wrap=True, emoji=False)


def equations(text: str, indent: str = "") -> Text:
    """The text of equations, coloured."""
    shown = Text("\n".join(indent + line for line in text.splitlines()))
    Equations().highlight(shown)
    return shown


def verdict(text: str, indent: str = "") -> Text:
    """The text of a judge's report, coloured."""
    shown = Text("\n".join((indent + line).rstrip() for line in text.splitlines()))
    Reports().highlight(shown)
    return shown


@contextmanager
def busy(what: str, quiet: bool) -> Iterator[None]:
    """Say on standard error what is being done, while it is done and somebody looks."""
    errors = console(stderr=True)
    if quiet or not errors.is_terminal:
        yield
        return
    with errors.status(what):
        yield


@contextmanager
def counted(what: str, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error, moved by `report(stage, done, total)`, while somebody looks."""
    errors = console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    hidden = quiet or not errors.is_terminal
    with Progress(*columns, console=errors, transient=True, disable=hidden) as bar:
        task = bar.add_task(what, total=None)
        yield lambda stage, done, total: bar.update(
            task, description=f"{what}: {stage}", completed=done, total=total
        )


def tolerant_streams() -> None:
    """Let Σ pass through a stream that cannot hold it, as \\u03a3, rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


@contextmanager
def refusals(source: str = "") -> Iterator[None]:
    """Bad input ends with one message on standard error and exit code 2, and no traceback."""
    try:
        yield
    except BackproofError as error:
        _refuse(error, source)
    except OSError as error:
        place = str(error.filename or "a file")
        _refuse(BackproofError(place, str(error.strerror or error), "a usable file", "check it"))
    except RecursionError:
        _refuse(BackproofError("source", "too deep a nesting", "less", "write it in several lines"))


def _refuse(error: BackproofError, source: str = "") -> None:
    """Print an error, with the place in the source where it names one."""
    errors = console(stderr=True)
    errors.print(f"error: {error.where}", style="bad", markup=False)
    place = re.search(r"line (\d+)(?:, column (\d+))?", error.where)
    lines = source.splitlines()
    if place and int(place[1]) <= len(lines):
        errors.print(f"    {lines[int(place[1]) - 1]}", markup=False)
        if place[2]:
            errors.print(" " * (3 + int(place[2])) + "^", style="bad")
    for word, said in (("found", error.found), ("expected", error.expected), ("next", error.move)):
        errors.print(f"  {word:<9} {said}", markup=False)
    raise typer.Exit(2)
