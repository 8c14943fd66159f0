"""A bar on the terminal for work that tells how far it is."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

P = ParamSpec("P")
R = TypeVar("R")


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, moved by ``progress(done, total)``, while somebody looks.

    >>> with bar("chains") as progress:
    ...     progress(1, 2)
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    watched = sys.stderr.isatty()
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not watched,
    ) as shown:
        task = shown.add_task(what, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)


def watched(function: Callable[P, R], what: str) -> Callable[P, R]:
    """The function, which gets a bar as its ``progress`` where none is passed."""

    @wraps(function)
    def call(*args: P.args, **given: P.kwargs) -> R:
        if given.get("progress") is not None:
            return function(*args, **given)
        with bar(what) as progress:
            given["progress"] = progress
            return function(*args, **given)

    return call
