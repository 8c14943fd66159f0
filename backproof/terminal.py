"""The terminal: equations in colour where there is colour, and work in progress on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.highlighter import RegexHighlighter
from rich.text import Text
from rich.theme import Theme

THEME = Theme(
    {
        "equation.defined": "bold",
        "equation.index": "dim",
        "equation.sum": "cyan",
        "equation.function": "green",
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
        r"(?P<index>\[[\w,+*-]+\])",
        r"(?P<sum>Σ_[\w,]+|logsumexp_[\w,]+|(?:arg)?(?:max|min)_[\w,]+)",
        r"\b(?P<function>relu|tanh|exp|log|softplus|softmax|sqrt|max|min|σ|Φ)(?=\()",
    ]


def console(stderr: bool = False) -> Console:
    """Standard output (or error) as it is now; long lines are never cut or broken."""
    return Console(stderr=stderr, theme=THEME, highlight=False, soft_wrap=True, emoji=False)


def equations(text: str, indent: str = "") -> Text:
    """The text of equations, coloured."""
    shown = Text("\n".join(indent + line for line in text.splitlines()))
    Equations().highlight(shown)
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


def tolerant_streams() -> None:
    """Let Σ pass through a stream that cannot hold it, as \\u03a3, rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
