"""Writes into places of an array, as a sum of deltas.

    new[a] = old[a] + Σ_r δ[a, place(r)] (value[r] − old[place(r)])

is exact as long as no place is written twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.normal import normal, product
from backproof.theory.notation import Delta, Index, Subscript, fresh
from backproof.theory.places import decodes
from backproof.theory.trace.operations.linear import with_index
from backproof.theory.trace.operations.selection import Places, places
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Value, broadcast_axes


def written(statement: Statement, old: Value, items: Sequence[Any], new: Value) -> Value:
    """The array after ``old[items] = new``."""
    for position in range(len(old.axes)):
        old = with_index(old, position)
    where = places(statement, old, items)
    if not decodes(where.subscripts, where.region):
        raise UnsupportedError(
            "assignment",
            "places that may be written twice",
            "each place once",
            "use np.add.at to add up, or write at distinct places",
        )
    kept = tuple(
        Contraction(-t.coefficient, t.factors, t.over)
        for t in scattered(old, where, at_places(old, where)).rhs.terms
    )
    fresh_terms = scattered(old, where, filled(where, new)).rhs.terms
    return Value(old.axes, normal(Sum((*old.rhs.terms, *kept, *fresh_terms))))


def added(statement: Statement, old: Value, items: Sequence[Any], new: Value) -> Value:
    """The array after ``np.add.at(old, items, new)``: places may repeat."""
    for position in range(len(old.axes)):
        old = with_index(old, position)
    where = places(statement, old, items)
    return statement.add(old, scattered(old, where, filled(where, new)))


def filled(where: Places, new: Value) -> Value:
    """A value broadcast over the region that it is written into."""
    axes, (_, rename) = broadcast_axes([where.axes, new.axes])
    if len(new.axes) > len(where.axes) or any(
        a is not None and w is None
        for a, w in zip(axes[len(axes) - len(where.axes) :], where.axes, strict=True)
    ):
        shape = ", ".join(str(1 if a is None else a.size) for a in where.axes)
        found = ", ".join(map(str, new.shape))
        raise BackproofError("assignment", f"shape ({found})", f"({shape})", "match the places")
    moved = new.renamed(rename, axes)
    back: dict[Index, Subscript] = {
        a: w for a, w in zip(axes, where.axes, strict=True) if a is not None and w is not None
    }
    return moved.renamed(back, where.axes)


def at_places(old: Value, where: Places) -> Value:
    """What stands at the places now."""
    new = {a: s for a, s in zip(old.axes, where.subscripts, strict=True) if a is not None}
    return Value(where.axes, normal(old.rhs.renamed(new)))


def scattered(old: Value, where: Places, value: Value) -> Value:
    """Σ over the region of δ[a, place] value, on the axes of the array."""
    axes = tuple(fresh(a) for a in old.axes if a is not None)
    deltas = tuple(Delta(a, s) for a, s in zip(axes, where.subscripts, strict=True))
    shift = Contraction(sp.S.One, deltas)
    terms = tuple(
        Contraction(both.coefficient, both.factors, (*both.over, *where.region))
        for t in value.rhs.terms
        for both in (product(t, shift),)
    )
    back: dict[Index, Subscript] = {
        new: a for new, a in zip(axes, old.axes, strict=True) if a is not None
    }
    total = Sum(terms).renamed(back)
    return Value(old.axes, normal(total))
