"""A pool: the prepared programs of one assignment of sizes that no thread is in.

A call takes one out and puts it back, both a single operation on a list, which no other thread can
interrupt; there is no lock, and as many programs as there were calls at one time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from backproof.numerics.planning.program import Program


@dataclass
class Pool:
    """Shapes and dtypes of the arrays that a call fills, the program, and those that are free."""

    shapes: list[tuple[tuple[int, ...], Any]]
    program: Program
    free: list[Callable[..., tuple[Any, ...]]] = field(default_factory=list)
