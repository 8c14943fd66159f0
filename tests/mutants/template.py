"""Backward passes as source, and wrong ones as edits of it."""

import itertools
import linecache
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from scipy import special

from backproof.theory.derivation import Derivation, derive
from backproof.theory.model import Model

_number = itertools.count(1)


def function(source: str, name: str = "backward") -> Callable[..., Any]:
    """The function that a source defines, with its lines where `inspect` finds them."""
    file = f"<source {next(_number)} of {name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    space: dict[str, Any] = {"np": np, "special": special, "__name__": "mutants"}
    exec(compile(source, file, "exec"), space)  # the sources of this folder
    made: Callable[..., Any] = space[name]
    return made


@dataclass(frozen=True)
class Base:
    """A correct backward pass: its model, its source, and what it returns, in order."""

    name: str
    model: Callable[[], Model]
    source: str
    outputs: tuple[str, ...]

    def derivation(self) -> Derivation:
        """The derivation of the model."""
        return _derived(self.model)


@cache
def _derived(model: Callable[[], Model]) -> Derivation:
    return derive(model())


@dataclass(frozen=True)
class Mutant:
    """A wrong backward pass: a base with some texts replaced.

    ``wrong`` are the outputs that must be named, ``causes`` the kinds of cause that are right.
    """

    name: str
    base: Base
    edits: Mapping[str, str]
    wrong: tuple[str, ...]
    causes: tuple[str, ...]
    place: tuple[str, ...] = field(default=())

    def source(self) -> str:
        """The source with every edit made once."""
        text = self.base.source
        for old, new in self.edits.items():
            assert text.count(old) == 1, f"{self.name}: {old!r} stands {text.count(old)} times"
            text = text.replace(old, new)
        return text

    def function(self) -> Callable[..., Any]:
        """The wrong function."""
        return function(self.source())
