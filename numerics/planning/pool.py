"""A pool: the prepared programs of one assignment of sizes that no thread is in.

A call takes one out and puts it back, both a single operation on a list, which no other thread can
interrupt; there is no lock, and as many programs as there were calls at one time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from backproof.numerics.planning.program import Call, Program
from backproof.numerics.planning.targets import Result


@dataclass
class Pool:
    """The arrays that a call fills, how to prepare the program, and the prepared that are free."""

    results: list[Result]
    prepared: Callable[[], Call]
    program: Program
    free: list[Call] = field(default_factory=list)
