"""Exact answers about energies small enough to enumerate."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, overload

from rich.progress import Progress

from backproof.numerics.exact.belief import BeliefSolution
from backproof.numerics.exact.enumeration import LIMIT
from backproof.numerics.exact.solution import Solution
from backproof.theory.energy.belief import BeliefNetwork
from backproof.theory.energy.literal import Literal, literal
from backproof.theory.energy.machine import Machine
from backproof.theory.errors import BackproofError

LONG = 2**22  # states from which on a bar is shown


@overload
def solve(
    e: BeliefNetwork,
    visible: Sequence[str] | None = None,
    values: Mapping[str, Any] | None = None,
    limit: int = LIMIT,
) -> BeliefSolution: ...
@overload
def solve(
    e: Literal | Machine,
    visible: Sequence[str] | None = None,
    values: Mapping[str, Any] | None = None,
    limit: int = LIMIT,
) -> Solution: ...
def solve(
    e: Any,
    visible: Sequence[str] | None = None,
    values: Mapping[str, Any] | None = None,
    limit: int = LIMIT,
) -> Solution | BeliefSolution:
    """Exact partition function, moments, conditionals, free energies and gradients of a machine.

        Z = Σ_x exp(−E(x)),     F(v) = −log Σ_h exp(−E(v, h)),     log p(v) = −F(v) − log Z

    Discrete units are enumerated, as few as possible; all others are summed or integrated in
    closed form.  ``e`` is what `bp.energy.load` returns, or a machine of groups with the arrays of
    its parameters as ``values``.  ``visible`` names the visible units (or groups), by default
    those that the machine names.

    Raises `BackproofError` with the reason for a machine that has no partition function, and with
    the cost for one that needs more than ``limit`` states.

    >>> import backproof as bp
    >>> units = [{"name": n, "type": "binary", "bias": 0.0} for n in "vh"]
    >>> s = bp.exact.solve(bp.energy.load({"units": units, "couplings": [["v", "h", 1.0]]}), ["v"])
    >>> round(s.log_Z, 12), round(s.conditional("v", {"h": 1})["p1"], 12)
    (1.743668380629, 0.73105857863)
    """
    if isinstance(e, BeliefNetwork):
        return BeliefSolution(e)
    if isinstance(e, Machine):
        if values is None:
            raise BackproofError(
                "bp.exact.solve", "a machine of symbols", "its arrays", "pass values={…}"
            )
        small = literal(e if visible is None else replace(e, visible=tuple(visible)), values)
        return _watched(small, small.visible, limit)
    if not isinstance(e, Literal):
        raise BackproofError(
            "bp.exact.solve", f"a {type(e).__name__}", "a machine", "pass bp.energy.load(…)"
        )
    return _watched(e, e.visible if visible is None else tuple(visible), limit)


def _watched(machine: Literal, visible: tuple[str, ...], limit: int) -> Solution:
    """The solution, with a bar on the terminal while a long sum is running."""
    for name in visible:
        machine[name]
    if not sys.stderr.isatty():
        return Solution(machine, visible, limit)
    with Progress(transient=True) as bar:
        tasks: list[Any] = []

        def progress(done: int, total: int) -> None:
            if total >= LONG:
                if not tasks:
                    tasks.append(bar.add_task("states", total=total))
                bar.update(tasks[0], completed=done)

        return Solution(machine, visible, limit, progress)
