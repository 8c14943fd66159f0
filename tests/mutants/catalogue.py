"""Backward passes as source, and others as edits of them, read from catalogues.

An entry of `wrong.txt` or `unusual.txt` names its base, for a wrong one the outputs that are wrong
and the causes that are right to name, and then the lines that are replaced:

    # no mean
    of: softmax
    wrong: dW1 db1 dW2 db2
    cause: factor
    place: dz2
    - dz2 = dz2 / N

A line after ``-`` stands once in the base; the ``+`` lines after it take its place.
"""

import itertools
import linecache
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy import special

from backproof.theory.calculus.derivation import Derivation, derive
from backproof.theory.model import Model

FOLDER = Path(__file__).parent
_number = itertools.count(1)


def function(source: str, name: str = "backward") -> Callable[..., Any]:
    """The function that a source defines, with its lines where `inspect` finds them."""
    made: Callable[..., Any] = compiled(source)[name]
    return made


def compiled(source: str) -> dict[str, Any]:
    """What a source defines, by name."""
    file = f"<source {next(_number)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    space: dict[str, Any] = {"np": np, "special": special, "__name__": "mutants"}
    exec(compile(source, file, "exec"), space)  # the sources of this folder
    return space


@dataclass(frozen=True)
class Base:
    """A correct backward pass: its model, its source, and what it returns, in order."""

    name: str
    model: Callable[[], Model]
    source: str
    outputs: tuple[str, ...]

    def derivation(self) -> Derivation:
        """The derivation of the model."""
        return _derived(self)


@cache
def _derived(base: Base) -> Derivation:
    return derive(base.model(), wrt=[name for name in base.outputs if name != "value"])


@dataclass(frozen=True)
class Edited:
    """A base with some lines replaced.

    ``wrong`` are the outputs that must be named; ``causes`` are the kinds of cause that are right
    to name, ``place`` the quantities; a right backward pass has none of them.  ``kind`` is the kind of
    the mistake, for the score.
    """

    name: str
    base: Base
    edits: tuple[tuple[str, tuple[str, ...]], ...]
    wrong: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    kind: str = ""

    def source(self) -> str:
        """The source with every edit made."""
        lines = self.base.source.splitlines()
        for old, new in self.edits:
            places = [n for n, line in enumerate(lines) if line.strip() == old]
            assert len(places) == 1, f"{self.name}: {old!r} stands {len(places)} times"
            (n,) = places
            indent = lines[n][: len(lines[n]) - len(lines[n].lstrip())]
            lines[n : n + 1] = [indent + line for line in new]
        return "\n".join(lines) + "\n"

    def function(self) -> Callable[..., Any]:
        """The edited function."""
        return function(self.source())


def entries(file: str, bases: Sequence[Base]) -> Iterator[Edited]:
    """The entries of a catalogue."""
    by_name = {base.name: base for base in bases}
    for block in (FOLDER / file).read_text("utf-8").split("\n\n"):
        fields: dict[str, str] = {}
        edits: list[tuple[str, list[str]]] = []
        title = ""
        for line in block.strip().splitlines():
            if line.startswith("# "):
                title = line[2:]
            elif line.startswith("- "):
                edits.append((line[2:].strip(), []))
            elif line.startswith("+ "):
                edits[-1][1].append(line[2:])
            else:
                key, _, value = line.partition(":")
                fields[key] = value.strip()
        yield Edited(
            title,
            by_name[fields["of"]],
            tuple((old, tuple(new)) for old, new in edits),
            tuple(fields.get("wrong", "").split()),
            tuple(c.strip() for c in fields.get("cause", "").split(",") if c.strip()),
            tuple(fields.get("place", "").split()),
            fields.get("kind", ""),
        )


def parts(code: Base | Edited) -> tuple[Callable[..., Any], Base]:
    """The function, and the base that says what it is held against."""
    if isinstance(code, Base):
        return function(code.source), code
    return code.function(), code.base
