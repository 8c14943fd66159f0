"""Arrays put together: Kronecker products, concatenation, stacking, tiling, padding by zeros.

Each part goes to its places by deltas, as in ``t[a] = Σ_i δ[a, i] x[i] + Σ_j δ[a, n + j] y[j]``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.normal import normal
from backproof.theory.notation import Delta, Index, Ones, Subscript, affine, fresh
from backproof.theory.trace.operands import operand
from backproof.theory.trace.operations.shaping import indexed, merged, moveaxis, real, sizes_in
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Value


def kron(statement: Statement, left: Any, right: Any) -> Value:
    """The Kronecker product, K[n·i + k, q·j + l] = A[i,j] B[k,l]."""
    a = indexed(statement.factor_ready(real(left, "np.kron")))
    b = indexed(statement.factor_ready(real(right, "np.kron"))).anew()
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
    values = [indexed(real(p, "np.concatenate")) for p in _parts(statement, parts)]
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
    if isinstance(parts, Value):  # the list of a comprehension is stacked already
        return parts if axis == 0 else moveaxis(statement, parts, 0, axis)
    values = [real(p, "np.stack") for p in _parts(statement, parts)]
    where = int(axis) % (len(values[0].axes) + 1)
    raised = []
    for value in values:
        axes = list(value.axes)
        axes.insert(where, None)
        raised.append(Value(tuple(axes), value.rhs))
    return concatenate(statement, raised, where)


def vstack(statement: Statement, parts: Any) -> Value:
    """Rows under one another."""
    values = [real(p, "np.vstack") for p in _parts(statement, parts)]
    rows = [Value((None, *v.axes), v.rhs) if len(v.axes) == 1 else v for v in values]
    return concatenate(statement, rows, 0)


def hstack(statement: Statement, parts: Any) -> Value:
    """Side by side: along the first axis of vectors, the second of matrices."""
    values = [real(p, "np.hstack") for p in _parts(statement, parts)]
    return concatenate(statement, values, 0 if len(values[0].axes) == 1 else 1)


def pad(
    statement: Statement, x: Any, width: Any, mode: Any = "constant", *, constant_values: Any = 0
) -> Value:
    """Zeros before and after each axis."""
    if mode != "constant" or constant_values != 0:
        found = f"mode {mode!r} with {constant_values}"
        raise BackproofError("np.pad", found, "zeros", "pad with zeros and add what is missing")
    value = indexed(real(x, "np.pad"))
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


def arrayed(statement: Statement, x: Any) -> Value:
    """A Python list, nested as it may be, as an array."""
    if not isinstance(x, list | tuple):
        return operand(x, statement)
    if not x:
        raise BackproofError("np.array", "an empty list", "items", "fill the list first")
    return stack(statement, [arrayed(statement, item) for item in x])


def column_stack(statement: Statement, parts: Any) -> Value:
    """Vectors as columns, matrices side by side."""
    values = [real(p, "np.column_stack") for p in _parts(statement, parts)]
    columns = [Value((*v.axes, None), v.rhs) if len(v.axes) == 1 else v for v in values]
    return concatenate(statement, columns, 1)


def block(statement: Statement, rows: Any) -> Value:
    """A matrix of matrices."""
    if not isinstance(rows, list | tuple) or not all(isinstance(r, list | tuple) for r in rows):
        raise BackproofError("np.block", "no nested list", "[[A, B], [C, D]]", "nest the list")
    return concatenate(statement, [concatenate(statement, r, -1) for r in rows], -2)


def repeat(statement: Statement, x: Any, repeats: Any, axis: Any = None) -> Value:
    """Each entry several times, t[r·i + k] = x[i]."""
    value = indexed(real(x, "np.repeat"))
    if axis is None:
        value = merged(statement, value, 0, len(value.axes)) if len(value.axes) > 1 else value
        axis = 0
    return _doubled(statement, value, repeats, int(axis) % len(value.axes), behind=True)


def tile(statement: Statement, x: Any, reps: Any) -> Value:
    """The whole array several times, t[n·k + i] = x[i]."""
    value = indexed(real(x, "np.tile"))
    counts = list(reps) if isinstance(reps, tuple | list) else [reps]
    counts = [1] * (len(value.axes) - len(counts)) + counts
    value = indexed(Value((None,) * (len(counts) - len(value.axes)) + value.axes, value.rhs))
    for place, count in enumerate(counts):
        value = _doubled(statement, value, count, place, behind=False)
    return value


def _doubled(statement: Statement, value: Value, count: Any, place: int, behind: bool) -> Value:
    """An axis of copies merged with an axis: behind it, entries repeat; before it, the whole."""
    (size,) = sizes_in([count])
    if size == 1:
        return value
    copy = fresh(Index(statement.letters.of(size), size))
    terms = tuple(
        Contraction(t.coefficient, (*t.factors, Ones(copy)), t.over) for t in value.rhs.terms
    )
    axes = list(value.axes)
    axes.insert(place + behind, copy)
    return merged(statement, Value(tuple(axes), Sum(terms)), place, place + 2)


def _parts(statement: Statement, parts: Any) -> list[Value]:
    """The arrays of a list; the rows of an array."""
    if isinstance(parts, list | tuple):
        return [operand(p, statement) for p in parts]
    raise BackproofError("join", "no list", "a list of arrays", "write [a, b]")


TABLE: dict[str, Any] = {
    "numpy.kron": kron,
    "numpy.concatenate": concatenate,
    "numpy.stack": stack,
    "numpy.vstack": vstack,
    "numpy.hstack": hstack,
    "numpy.column_stack": column_stack,
    "numpy.block": block,
    "numpy.pad": pad,
    "numpy.repeat": repeat,
    "numpy.tile": tile,
    "numpy.array": lambda s, x, dtype=None: arrayed(s, x),
    "numpy.asarray": lambda s, x, dtype=None: arrayed(s, x),
}
