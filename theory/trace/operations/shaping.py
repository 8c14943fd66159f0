"""Shapes: reshape, ravel, moved and repeated axes.

Merging axes is a statement with deltas: the entry at position a of the new axis comes from the
old indices whose place is a,

    t[a] = Σ_{i,j} δ[a, n·i + j] x[i,j]        (row-major places; n the size of j)

and splitting an axis reads ``t[i,j] = x[n·i + j]``.  Their derivatives need no rule of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.normal import normal
from backproof.theory.notation import Affine, Delta, Entry, Index, Subscript, affine, fresh
from backproof.theory.trace.operations.linear import with_index
from backproof.theory.trace.operations.pointwise import value_of
from backproof.theory.trace.statement import Statement, constant_array, fresh_axes
from backproof.theory.trace.values import Value, broadcast_axes


def place(indices: Sequence[Index]) -> Affine:
    """The row-major place of several indices on one axis."""
    terms: list[tuple[Subscript, sp.Expr]] = []
    stride = sp.S.One
    for index in reversed(indices):
        terms.insert(0, (index, stride))
        stride = sp.expand(stride * index.size)
    return affine(sp.S.Zero, terms)


def indexed(value: Value) -> Value:
    """The value with an index on every axis."""
    for position in range(len(value.axes)):
        value = with_index(value, position)
    return value


def merged(statement: Statement, value: Value, start: int, stop: int) -> Value:
    """Axes start … stop − 1 as one axis."""
    parts = [a for a in value.axes[start:stop] if a is not None]
    size = sp.expand(sp.Mul(*(i.size for i in parts)))
    axis = fresh(Index(statement.letters.of(size), size))
    terms = tuple(
        Contraction(t.coefficient, (*t.factors, Delta(axis, place(parts))), (*t.over, *parts))
        for t in value.rhs.terms
    )
    return Value((*value.axes[:start], axis, *value.axes[stop:]), normal(Sum(terms)))


def split(statement: Statement, value: Value, position: int, sizes: Sequence[sp.Expr]) -> Value:
    """One axis as several, whose sizes multiply to it."""
    bound = statement.bind(value)
    axis, entry = bound.axes[position], bound.entry
    assert axis is not None
    assert entry is not None
    letters = statement.letters.axes(tuple(sizes))
    parts = [fresh(Index(letter, s)) for letter, s in zip(letters, sizes, strict=True)]
    subscripts = tuple(place(parts) if s == axis else s for s in entry.subscripts)
    term = Contraction(sp.S.One, (Entry(entry.tensor, subscripts),))
    axes = (*bound.axes[:position], *parts, *bound.axes[position + 1 :])
    return Value(axes, Sum((term,)))


def _ordered(value: Value, order: Any) -> Value:
    """The value, or its transpose for column-major order."""
    if order not in ("C", "F"):
        raise BackproofError("reshape", f"order {order!r}", "'C' or 'F'", "name the order")
    return value if order == "C" else Value(value.axes[::-1], value.rhs)


def reshape(statement: Statement, x: Any, *shape: Any, order: Any = "C") -> Value:
    """The entries in row-major order under a new shape; one size may be −1."""
    value = _squeezed(_ordered(real(x, "reshape"), order))
    wanted = sizes_in(shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape)
    wanted = wanted if order == "C" else wanted[::-1]
    total = sp.expand(sp.Mul(*value.shape))
    if -1 in wanted:
        rest = sp.Mul(*(s for s in wanted if s != -1))
        wanted[wanted.index(-1)] = sp.cancel(total / rest)
    if sp.expand(sp.Mul(*wanted) - total) != 0:
        found = ", ".join(map(str, value.shape))
        asked = ", ".join(map(str, wanted))
        raise BackproofError(
            "reshape", f"({found}) to ({asked})", "equal numbers of entries", "check the sizes"
        )
    position, longer = 0, [s for s in wanted if s != 1]
    while position < len(longer):
        old, new = _block(value.shape[position:], longer[position:])
        if old > 1:
            value = merged(statement, value, position, position + old)
        if new > 1:
            value = split(statement, value, position, longer[position : position + new])
        position += new
    axes = iter(value.axes)
    result = Value(tuple(None if s == 1 else next(axes) for s in wanted), value.rhs)
    return _ordered(result, order)


def _block(old: Sequence[sp.Expr], new: Sequence[sp.Expr]) -> tuple[int, int]:
    """The fewest leading axes on both sides that hold equally many entries."""
    for m in range(len(new) + 1):
        for n in range(len(old) + 1):
            if m == 0:
                continue
            if n and sp.expand(sp.Mul(*old[:n]) - sp.Mul(*new[:m])) == 0:
                return n, m
    raise AssertionError("the totals agree")


def _squeezed(value: Value) -> Value:
    """The value without its axes of size one."""
    single: dict[Index, Subscript] = {a: Affine(sp.S.Zero) for a in value.indices if a.size == 1}
    axes = tuple(a for a in value.axes if a is not None and a not in single)
    return value.renamed(single, axes)


def ravel(statement: Statement, x: Any, order: Any = "C") -> Value:
    """All entries on one axis, in row-major order ("C") or column-major order ("F")."""
    value = indexed(_ordered(real(x, "ravel"), order))
    if not value.axes:
        return reshape(statement, value, 1)
    return value if len(value.axes) == 1 else merged(statement, value, 0, len(value.axes))


def real(x: Any, who: str) -> Value:
    value = value_of(x)
    if not isinstance(value, Value):
        raise BackproofError(who, "a Boolean array", "a real array", "use np.where first")
    return value


def sizes_in(shape: Sequence[Any]) -> list[sp.Expr]:
    sizes = [sp.sympify(getattr(s, "constant", s)) for s in shape]
    if any(not isinstance(s, sp.Expr) for s in sizes):
        raise BackproofError("reshape", str(shape), "integers and sizes", "use x.shape[…]")
    return sizes


def moveaxis(statement: Statement, x: Any, source: Any, destination: Any) -> Value:
    """Axes moved to other places, the rest in order."""
    value = real(x, "np.moveaxis")
    rank = len(value.axes)
    starts, ends = (
        [int(a) % rank for a in (p if isinstance(p, tuple | list) else (p,))]
        for p in (source, destination)
    )
    order = [p for p in range(rank) if p not in starts]
    for end, start in sorted(zip(ends, starts, strict=True)):
        order.insert(end, start)
    return Value(tuple(value.axes[p] for p in order), value.rhs)


def broadcast_to(statement: Statement, x: Any, shape: Any) -> Value:
    """The array repeated along new and unit axes until it has the shape."""
    value = real(x, "np.broadcast_to")
    target = constant_array(sp.S.One, fresh_axes(sizes_in(_shape(shape)), statement.letters))
    axes, renames = broadcast_axes([value.axes, target.axes])
    wide = any(a is not None and b is None for a, b in zip(axes, target.axes, strict=False))
    if len(axes) != len(target.axes) or wide:
        raise BackproofError("np.broadcast_to", "more axes", "at most as many", "check the shape")
    return value.renamed(renames[0], axes)


def atleast(rank: int) -> Any:
    """``np.atleast_1d`` and ``np.atleast_2d``: unit axes in front."""

    def apply(statement: Statement, x: Any) -> Value:
        value = real(x, "np.atleast")
        return Value((None,) * max(0, rank - len(value.axes)) + value.axes, value.rhs)

    return apply


def _shape(shape: Any) -> Any:
    return shape if isinstance(shape, tuple | list) else (shape,)


TABLE: dict[str, Any] = {
    "numpy.reshape": reshape,
    "numpy.ravel": ravel,
    "numpy.flatten": ravel,
    "numpy.moveaxis": moveaxis,
    "numpy.broadcast_to": broadcast_to,
    "numpy.atleast_1d": atleast(1),
    "numpy.atleast_2d": atleast(2),
}
