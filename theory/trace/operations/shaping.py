"""Shapes: reshape, ravel, Kronecker products, concatenation, stacking, padding by zeros.

All are the same statement with deltas: the entry at position a of the new axis comes from the
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
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Axis, Value


def place(indices: Sequence[Index]) -> Affine:
    """The row-major place of several indices on one axis."""
    terms: list[tuple[Subscript, sp.Expr]] = []
    stride = sp.S.One
    for index in reversed(indices):
        terms.insert(0, (index, stride))
        stride = sp.expand(stride * index.size)
    return affine(sp.S.Zero, terms)


def _indexed(value: Value) -> Value:
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


def reshape(statement: Statement, x: Any, *shape: Any) -> Value:
    """The entries in row-major order under a new shape; one size may be −1."""
    value = _indexed(_real(x, "reshape"))
    wanted = _sizes(shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape)
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
    position = 0
    while position < len(wanted):
        old, new = _block(value.shape[position:], wanted[position:])
        if old > 1:
            value = merged(statement, value, position, position + old)
        if new > 1:
            value = split(statement, value, position, wanted[position : position + new])
        position += new
    return _without_units(value, wanted)


def _block(old: Sequence[sp.Expr], new: Sequence[sp.Expr]) -> tuple[int, int]:
    """The fewest leading axes on both sides that hold equally many entries."""
    for m in range(len(new) + 1):
        for n in range(len(old) + 1):
            if m + n == 0 or m == 0:
                continue
            if n and sp.expand(sp.Mul(*old[:n]) - sp.Mul(*new[:m])) == 0:
                return n, m
    raise AssertionError("the totals agree")


def _without_units(value: Value, wanted: Sequence[sp.Expr]) -> Value:
    """Axes of size one as broadcasting knows them."""
    terms = value.rhs
    axes: list[Axis] = []
    for axis, size in zip(value.axes, wanted, strict=True):
        if axis is not None and size == 1:
            terms = terms.renamed({axis: Affine(sp.S.Zero)})
            axes.append(None)
        else:
            axes.append(axis)
    return Value(tuple(axes), terms)


def ravel(statement: Statement, x: Any, **_: Any) -> Value:
    """All entries on one axis, in row-major order."""
    value = _indexed(_real(x, "ravel"))
    if not value.axes:
        return reshape(statement, value, 1)
    return value if len(value.axes) == 1 else merged(statement, value, 0, len(value.axes))


def kron(statement: Statement, left: Any, right: Any) -> Value:
    """The Kronecker product, K[n·i + k, q·j + l] = A[i,j] B[k,l]."""
    a = _indexed(statement.factor_ready(_real(left, "np.kron")))
    b = _indexed(statement.factor_ready(_real(right, "np.kron"))).anew()
    if len(a.axes) != len(b.axes):
        raise BackproofError("np.kron", "arrays of different rank", "equal rank", "add axes")
    rank = len(a.axes)
    interleaved = [axis for pair in zip(a.axes, b.axes, strict=True) for axis in pair]
    value = statement.contract(a, b, [], interleaved)
    for position in range(rank):
        value = merged(statement, value, position, position + 2)
    return value


def concatenate(statement: Statement, parts: Any, axis: Any = 0) -> Value:
    """Arrays one after the other along an axis, t[a] = Σ_i δ[a, i] x[i] + Σ_j δ[a, n + j] y[j]."""
    values = [_indexed(_real(p, "np.concatenate")) for p in parts]
    where = int(axis) % len(values[0].axes)
    size = sp.expand(sum((v.shape[where] for v in values), sp.S.Zero))
    common = [fresh(a) for a in values[0].axes if a is not None]
    common[where] = fresh(Index(statement.letters.of(size), size))
    offset, terms = sp.S.Zero, []
    for value in values:
        terms += _shifted(value, common, where, offset)
        offset += value.shape[where]
    return Value(tuple(common), normal(Sum(tuple(terms))))


def _shifted(
    value: Value, common: Sequence[Index], where: int, offset: sp.Expr
) -> list[Contraction]:
    """The terms of one part, moved to its places on the common axis."""
    rename: dict[Index, Subscript] = {}
    own = fresh(value.axes[where])  # type: ignore[arg-type]
    for n, (axis, target) in enumerate(zip(value.axes, common, strict=True)):
        assert axis is not None
        if n != where and axis.size != target.size:
            raise BackproofError(
                "np.concatenate", f"sizes {axis.size} and {target.size}", "equal sizes", "check"
            )
        rename[axis] = own if n == where else target
    delta = Delta(common[where], affine(offset, [(own, sp.S.One)]))
    return [
        Contraction(t.coefficient, (*t.factors, delta), (*t.over, own))
        for t in value.renamed(rename, ()).rhs.terms
    ]


def stack(statement: Statement, parts: Any, axis: Any = 0) -> Value:
    """Arrays side by side on a new axis."""
    values = [_real(p, "np.stack") for p in parts]
    where = int(axis) % (len(values[0].axes) + 1)
    raised = []
    for value in values:
        axes = list(value.axes)
        axes.insert(where, None)
        raised.append(Value(tuple(axes), value.rhs))
    return concatenate(statement, raised, where)


def vstack(statement: Statement, parts: Any) -> Value:
    """Rows under one another."""
    values = [_real(p, "np.vstack") for p in parts]
    rows = [Value((None, *v.axes), v.rhs) if len(v.axes) == 1 else v for v in values]
    return concatenate(statement, rows, 0)


def hstack(statement: Statement, parts: Any) -> Value:
    """Side by side: along the first axis of vectors, the second of matrices."""
    values = [_real(p, "np.hstack") for p in parts]
    return concatenate(statement, values, 0 if len(values[0].axes) == 1 else 1)


def pad(statement: Statement, x: Any, width: Any, mode: Any = "constant", **_: Any) -> Value:
    """Zeros before and after each axis."""
    if mode != "constant":
        raise BackproofError("np.pad", f"mode {mode!r}", "'constant'", "pad with zeros")
    value = _indexed(_real(x, "np.pad"))
    widths = _widths(width, len(value.axes))
    for where, (before, after) in enumerate(widths):
        if before == 0 and after == 0:
            continue
        common = [fresh(a) for a in value.axes if a is not None]
        size = sp.expand(value.shape[where] + before + after)
        common[where] = fresh(Index(statement.letters.of(size), size))
        value = Value(tuple(common), normal(Sum(tuple(_shifted(value, common, where, before)))))
    return value


def _widths(width: Any, rank: int) -> list[tuple[sp.Expr, sp.Expr]]:
    if not isinstance(width, tuple | list):
        return [(sp.sympify(width), sp.sympify(width))] * rank
    if all(isinstance(w, tuple | list) for w in width):
        pairs = [(sp.sympify(a), sp.sympify(b)) for a, b in width]
        return pairs * rank if len(pairs) == 1 else pairs
    return [(sp.sympify(width[0]), sp.sympify(width[1]))] * rank


def _real(x: Any, who: str) -> Value:
    value = value_of(x)
    if not isinstance(value, Value):
        raise BackproofError(who, "a Boolean array", "a real array", "use np.where first")
    return value


def _sizes(shape: Sequence[Any]) -> list[sp.Expr]:
    sizes = [sp.sympify(getattr(s, "constant", s)) for s in shape]
    if any(not isinstance(s, sp.Expr) for s in sizes):
        raise BackproofError("reshape", str(shape), "integers and sizes", "use x.shape[…]")
    return sizes


TABLE: dict[str, Any] = {
    "numpy.reshape": reshape,
    "numpy.ravel": ravel,
    "numpy.flatten": ravel,
    "numpy.kron": kron,
    "numpy.concatenate": concatenate,
    "numpy.stack": stack,
    "numpy.vstack": vstack,
    "numpy.hstack": hstack,
    "numpy.pad": pad,
}
