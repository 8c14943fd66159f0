"""What the steps of a loop gather: sums, writes into an array, items of a list.

While a loop is read at an index i, a name that its steps change stands for a `Gathering`: it can
be added to, written into or appended to, but its value cannot be read.  When the loop ends it is

    base + Σ_i part(i),        parts being what was added, or δ[a, place(i)] (new − base[place(i)]).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from backproof.theory.errors import BackproofError
from backproof.theory.normal import normal
from backproof.theory.notation import Index, Subscript, indices_in
from backproof.theory.places import decodes, separate
from backproof.theory.trace.operands import operand, static
from backproof.theory.trace.operations.linear import with_index
from backproof.theory.trace.operations.selection import places
from backproof.theory.trace.scattering import at_places, filled, scattered
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.steps import Recurrence
from backproof.theory.trace.values import Collected, Value, number


@dataclass(frozen=True)
class Closed:
    """A name that has no value here."""

    name: str
    why: str

    def refusal(self) -> Recurrence:
        """The error of reading it."""
        return Recurrence(
            "loop",
            f"{self.name} read as {self.why}",
            "steps that do not build on each other",
            "bind the number of steps in a shape, as in 'T=8', or write array operations",
        )


@dataclass(frozen=True)
class Written:
    """Places that are written, and the indices that run over them so far."""

    subscripts: tuple[Subscript, ...]
    indices: tuple[Index, ...]


@dataclass
class Gathering:
    """A name that the steps of a loop add to, write into or append to."""

    name: str
    base: Any
    parts: list[Value] = field(default_factory=list)
    places: list[Written] = field(default_factory=list)
    items: list[Value] = field(default_factory=list)
    added: bool = False

    @property
    def array(self) -> Any:
        """What the name stood for before the loop; of a loop around it, before that one."""
        return self.base.array if isinstance(self.base, Gathering) else self.base

    def copied(self) -> Gathering:
        """A copy whose lists are its own."""
        return replace(
            self, parts=list(self.parts), places=list(self.places), items=list(self.items)
        )

    def restored(self, other: Gathering) -> None:
        """Take another's contents."""
        self.parts, self.places = list(other.parts), list(other.places)
        self.items, self.added = list(other.items), other.added

    # what a step does ----------------------------------------------------------------------

    def add(self, statement: Statement, value: Value) -> None:
        """``name += value``."""
        base = self.array
        if not (isinstance(base, Value) or static(base)) or self.places:
            raise Closed(self.name, "it is added to").refusal()
        rank = len(base.axes) if isinstance(base, Value) else 0
        if rank and [s for s in value.shape if s != 1] != [s for s in base.shape if s != 1]:
            raise Closed(self.name, "it grows or broadcasts").refusal()
        self.added = True
        self.parts.append(value)

    def add_at(self, statement: Statement, items: Sequence[Any], value: Value) -> None:
        """``name[items] += value``."""
        if self.places:
            raise Closed(self.name, "it is written and added to").refusal()
        array = self._indexed()
        where = places(statement, array, items)
        if not decodes(where.subscripts, where.region):
            raise BackproofError(
                "assignment", "+= at repeated places", "np.add.at", "+= counts each place once"
            )
        self.added = True
        self.parts.append(scattered(array, where, filled(where, value)))

    def write(self, statement: Statement, items: Sequence[Any], value: Value) -> None:
        """``name[items] = value``."""
        if self.added:
            raise Closed(self.name, "it is written and added to").refusal()
        array = self._indexed()
        where = places(statement, array, items)
        if not decodes(where.subscripts, where.region):
            raise Closed(self.name, "its places are written twice").refusal()
        if not all(separate(where.subscripts, other.subscripts) for other in self.places):
            raise Closed(self.name, "its places are written twice").refusal()
        self.places.append(Written(tuple(where.subscripts), where.region))
        self.parts.append(scattered(array, where, filled(where, value)))
        old = scattered(array, where, at_places(array, where))
        if old.rhs.terms:
            self.parts.append(statement.multiply(number(-1), old))

    def append(self, value: Value) -> None:
        """``name.append(value)``."""
        if self.array != [] or self.items or isinstance(self.base, Gathering):
            raise Closed(self.name, "it holds items already").refusal()
        self.items.append(value)

    def _indexed(self) -> Value:
        array = self.array
        if not isinstance(array, Value) or not array.axes:
            raise Closed(self.name, "it is no array").refusal()
        for position in range(len(array.axes)):
            array = with_index(array, position)
        return array

    # the end of the loop -------------------------------------------------------------------

    def finished(self, statement: Statement, index: Index) -> Any:
        """What the name stands for after the loop; the gathering of the loop around, in one."""
        if self.items:
            (item,) = self.items
            return Collected(Value((index, *item.axes), item.rhs), 1)
        places = [Written(w.subscripts, (*w.indices, index)) for w in self.places]
        for written in places:
            free = {i for s in written.subscripts for i in indices_in(s)}
            if index not in free or not decodes(written.subscripts, written.indices):
                raise Closed(self.name, "its places are written twice").refusal()
        sums = [_summed(statement, part, index) for part in self.parts]
        if isinstance(self.base, Gathering):
            both = ((a, b) for a in places for b in self.base.places)
            if not all(separate(a.subscripts, b.subscripts) for a, b in both):
                raise Closed(self.name, "its places are written twice").refusal()
            self.base.parts += sums
            self.base.places += places
            self.base.added |= self.added
            return self.base
        total = operand(self.base, statement)
        for part in sums:
            total = statement.add(total, part)
        return Value(total.axes, normal(total.rhs)) if sums else self.base


def _summed(statement: Statement, part: Value, index: Index) -> Value:
    """Σ_index part; a part that does not depend on the index counts its size."""
    if not part.rhs.terms:
        return part
    return Value(part.axes, statement.total(part, [index]).rhs)
