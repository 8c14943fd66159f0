"""Work in progress: a bar on the terminal, or the caller's own report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import (
    Progress as Bar,
)

from backproof.numerics.optimisers.history import Progress

FRAMES = 200  # how often a bar moves from start to end


@contextmanager
def watched(what: str, total: int, progress: Progress | bool | None) -> Iterator[Progress]:
    """``report(stage, done, total)`` that moves a bar on standard error while somebody looks.

    A function is called at every step instead; ``False`` shows nothing.
    """
    if progress is not None and not isinstance(progress, bool):
        yield progress
        return
    errors = Console(stderr=True)
    said, left = TextColumn("{task.description}"), TimeRemainingColumn()
    columns = (said, BarColumn(), MofNCompleteColumn(), left)
    hidden = progress is False or not errors.is_terminal
    every = max(1, total // FRAMES)
    with Bar(
        *columns, TimeRemainingColumn(), console=errors, transient=True, disable=hidden
    ) as bar:
        task = bar.add_task(what, total=total)

        def report(stage: str, done: int, total: int) -> None:
            if done % every == 0 or done == total:
                bar.update(task, description=f"{what}: {stage}", completed=done, total=total)

        yield report
