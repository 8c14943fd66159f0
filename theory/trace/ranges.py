"""Ranges and comprehensions: loops over a size, which need not be a number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.trace.values import Collected, Value


@dataclass(frozen=True)
class Range:
    """``range(start, start + length)``."""

    start: sp.Expr
    length: sp.Expr


def range_of(*bounds: Any) -> Range:
    """Python's ``range`` with one or two bounds, numbers or sizes."""
    values = [sp.sympify(b) for b in bounds]
    if len(values) not in (1, 2) or any(not isinstance(v, sp.Expr) for v in values):
        raise UnsupportedError(
            "range", f"{len(values)} arguments", "one or two sizes", "scale the index"
        )
    start, stop = (sp.S.Zero, values[0]) if len(values) == 1 else values
    return Range(start, sp.expand(stop - start))


def listed(collected: Collected) -> Value:
    """A list of arrays as one array, its position the first axis."""
    if collected.count != 1:
        raise BackproofError(
            "comprehension",
            f"{collected.count} loops in one list",
            "one",
            "nest the comprehensions",
        )
    return collected.value
