"""A pool: the prepared programs of one assignment of sizes that no thread is in.

A call takes one out and puts it back, both a single operation on a list, which no other thread can
interrupt; there is no lock, and as many programs as there were calls at one time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from backproof.numerics.planning.program import Program
from backproof.numerics.planning.targets import Result


@dataclass
class Pool:
    """The arrays that a call fills, the program, and those that are free."""

    results: list[Result]
    program: Program
    free: list[Callable[..., tuple[Any, ...]]] = field(default_factory=list)
