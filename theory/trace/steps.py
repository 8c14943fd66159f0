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
from backproof.theory.notation import Entry, Index, affine
from backproof.theory.trace.values import Collected, Label, Value

Row = Callable[[Value | Label, int | Index], Any]
LONGEST = 128  # steps that are read one by one


class Recurrence(UnsupportedError):
    """A step of a loop needs what another step has computed: no index stands for all of them."""


@dataclass(frozen=True)
class Steps:
    """``length`` items; ``item(k)`` for a position ``k`` that is a number or an `Index`.

    Where the bounds of a range depend on another counter, the length is that of the widest range,
    and ``within(k)`` lists pairs (a, b) such that a position counts where a ≤ b for all of them.
    """

    length: sp.Expr
    item: Callable[[int | Index], Any]
    within: Callable[[Label], list[tuple[Label, Any]]] | None = None

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
    if any(isinstance(b, Label) for b in bounds) and len(bounds) < 3:
        return _between(*((0, *bounds) if len(bounds) == 1 else bounds))
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


def _between(start: Any, stop: Any) -> Steps:
    """``range(i + 1, n)``: all positions below the largest stop, with the pairs that bound them."""
    if any(isinstance(b, Label) and isinstance(b.subscript, Entry) for b in (start, stop)):
        raise UnsupportedError(
            "range", "a bound that is data", "sizes and counters", "use np.where"
        )
    top = stop.below - 1 if isinstance(stop, Label) else sp.sympify(stop)
    whole = range_of(top)

    def within(k: Label) -> list[tuple[Any, Any]]:
        after = Label(k.axes, affine(sp.S.One, [(k.subscript, sp.S.One)]), k.below + 1)
        above = [(start, k)] if start != 0 else []
        return [*above, (after, stop)] if isinstance(stop, Label) else above

    return Steps(whole.length, whole.item, within)


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
    if collected.masked:
        raise Recurrence("comprehension", "rows of open length", "their sum", "use sum(…)")
    if collected.count != 1:
        raise BackproofError(
            "comprehension",
            f"{collected.count} loops in one list",
            "one",
            "nest the comprehensions",
        )
    return collected.value
