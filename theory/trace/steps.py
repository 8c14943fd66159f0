"""What a loop runs over: ranges, rows, lists, and these zipped, counted or reversed.

A loop has a length, a number or a size, and an item for every position.  Where the position is
an index, one reading of the body stands for all of them; where it is a number, the body is read
once for each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.notation import Index, affine
from backproof.theory.trace.values import Collected, Label, Value

Row = Callable[[Value | Label, int | Index], Any]
LONGEST = 128  # steps that are read one by one


class Recurrence(UnsupportedError):
    """A step of a loop needs what another step has computed: no index stands for all of them."""


@dataclass(frozen=True)
class Steps:
    """``length`` items; ``item(k)`` for a position ``k`` that is a number or an `Index`."""

    length: sp.Expr
    item: Callable[[int | Index], Any]

    @property
    def known(self) -> bool:
        """Whether the length is a number."""
        return bool(self.length.is_Integer)

    def each(self) -> list[Any]:
        """All items, one by one.

        Raises `UnsupportedError` when their number is open or large.
        """
        if not self.known:
            raise UnsupportedError(
                "loop",
                f"{self.length} steps that build on each other",
                "a number of steps",
                f"bind the size in a shape, as in '{self.length}=8', or write array operations",
            )
        if self.length > LONGEST:
            raise UnsupportedError(
                "loop", f"{self.length} steps", f"at most {LONGEST}", "write array operations"
            )
        return [self.item(k) for k in range(int(self.length))]


def range_of(*bounds: Any) -> Steps:
    """Python's ``range`` of numbers or sizes."""
    values = [sp.sympify(b) for b in bounds]
    if len(values) not in (1, 2, 3) or any(not isinstance(v, sp.Expr) for v in values):
        raise UnsupportedError(
            "range", f"{len(values)} arguments", "numbers or sizes", "count from 0 and shift"
        )
    start, stop = (sp.S.Zero, values[0]) if len(values) == 1 else values[:2]
    step = values[2] if len(values) == 3 else sp.S.One
    if step.is_zero is not False or not step.is_Integer:
        raise UnsupportedError("range", f"step {step}", "a whole number", "scale the index")
    length = sp.expand(stop - start) if step == 1 else sp.ceiling((stop - start) / step)
    if length.is_nonpositive:
        length = sp.S.Zero

    def item(k: int | Index) -> Any:
        if isinstance(k, int):
            return start + step * k
        last = start + step * (length - 1)
        subscript = k if start == 0 and step == 1 else affine(start, [(k, step)])
        return Label((), subscript, sp.expand(start + length if step == 1 else last + 1))

    return Steps(length, item)


def steps_of(iterated: Any, row: Row, who: str = "loop") -> Steps:
    """The steps over anything that Python can iterate; ``row`` takes a row of an array."""
    if isinstance(iterated, Steps):
        return iterated
    if isinstance(iterated, tuple | list):
        return Steps(sp.Integer(len(iterated)), lambda k: _listed_item(iterated, k))
    if isinstance(iterated, dict):
        return steps_of(list(iterated), row, who)
    if isinstance(iterated, Collected):
        iterated = listed(iterated)
    if isinstance(iterated, Value | Label) and iterated.axes:
        first = iterated.axes[0]
        length = sp.S.One if first is None else first.size
        return Steps(length, lambda k: row(iterated, k))
    found = "a scalar" if isinstance(iterated, Value | Label) else f"a {type(iterated).__name__}"
    raise BackproofError(who, found, "a range, a list or an array", "loop over range(…)")


def _listed_item(items: Any, k: int | Index) -> Any:
    if isinstance(k, Index):
        raise Recurrence("loop", "a list", "an array", "stack the list first")
    return items[k]


def zipped(parts: list[Steps]) -> Steps:
    """Python's ``zip`` of equally long parts."""
    lengths = {p.length for p in parts}
    if len(lengths) != 1:
        found = ", ".join(map(str, sorted(lengths, key=str)))
        raise BackproofError("zip", f"lengths {found}", "equal lengths", "slice the longer one")
    return Steps(lengths.pop(), lambda k: tuple(p.item(k) for p in parts))


def enumerated(part: Steps, start: Any = 0) -> Steps:
    """Python's ``enumerate``."""
    counter = range_of(start, sp.sympify(start) + part.length)
    return zipped([counter, part])


def reversed_(part: Steps) -> Steps:
    """Python's ``reversed``, of a known number of steps or of positions."""

    def item(k: int | Index) -> Any:
        if isinstance(k, int):
            return part.item(int(part.length) - 1 - k)
        raise Recurrence("loop", "reversed steps", "a number of steps", "bind the size")

    return Steps(part.length, item)


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
