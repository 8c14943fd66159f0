"""Linear algebra that is a contraction: products, transposes, einsum."""

from __future__ import annotations

from typing import Any

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.normal import normal
from backproof.theory.notation import Index, Ones, Subscript, fresh
from backproof.theory.trace.operands import static
from backproof.theory.trace.operations.pointwise import value_of
from backproof.theory.trace.operations.reductions import axes_of
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Axis, Value


def array_of(x: Any, who: str, least: int = 1) -> Value:
    value = value_of(x)
    if not isinstance(value, Value) or len(value.axes) < least:
        found = "a Boolean array" if not isinstance(value, Value) else f"{len(value.axes)} axes"
        raise BackproofError(
            who, found, f"a real array of {least} axes or more", "use * for scalars"
        )
    return value


def _inner(axis: Axis) -> Index:
    """The index of an axis; an axis of size one gets an index of size one."""
    return axis if axis is not None else fresh(Index("i", sp.S.One))


def with_index(value: Value, place: int) -> Value:
    """The value with a proper index on a unit axis, so that it can be summed."""
    if value.axes[place] is not None:
        return value
    index = _inner(None)
    axes = list(value.axes)
    axes[place] = index
    terms = tuple(
        Contraction(t.coefficient, (*t.factors, Ones(index)), t.over) for t in value.rhs.terms
    )
    return Value(tuple(axes), Sum(terms))


def matmul(statement: Statement, left: Any, right: Any) -> Value:
    """``left @ right`` for vectors, matrices and stacks of matrices."""
    a = statement.factor_ready(array_of(left, "@"))
    b = statement.factor_ready(array_of(right, "@")).anew()
    a, b = with_index(a, -1), with_index(b, -2 if len(b.axes) > 1 else -1)
    i, j = a.axes[-1], b.axes[-2 if len(b.axes) > 1 else -1]
    assert i is not None
    assert j is not None
    rows = a.axes[:-1]
    columns = b.axes[-1:] if len(b.axes) > 1 else ()
    if len(a.axes) <= 2 and len(b.axes) <= 2:
        return statement.contract(a, b, [(i, j)], (*rows, *columns))
    batch_a, batch_b = a.axes[:-2], b.axes[:-2]
    kept_rows = a.axes[-2:-1] if len(a.axes) > 1 else ()
    pairs = [(i, j)]
    stack: list[Axis] = []
    shared: dict[Index, Index] = {}
    for n in range(max(len(batch_a), len(batch_b))):
        p = batch_a[-1 - n] if n < len(batch_a) else None
        q = batch_b[-1 - n] if n < len(batch_b) else None
        if p is not None and q is not None:
            if p.size != q.size:
                raise BackproofError(
                    "@", f"batch sizes {p.size} and {q.size}", "equal sizes", "align"
                )
            shared[q] = p
        stack.insert(0, p if p is not None else q)
    new: dict[Index, Subscript] = dict(shared)
    b = b.renamed(new, tuple(shared.get(q, q) if q is not None else None for q in b.axes))
    axes = (*stack, *kept_rows, *columns)
    carried = {x for x in axes if x is not None}
    result = statement.contract(a, b, pairs, axes)
    missing = carried - set(result.rhs.terms[0].free) if result.rhs.terms else set()
    assert not missing
    return result


def dot(statement: Statement, left: Any, right: Any) -> Value:
    """``np.dot`` for scalars, vectors and matrices."""
    a, b = value_of(left), value_of(right)
    if not a.axes or not b.axes:
        return statement.multiply(a, b)  # type: ignore[arg-type]
    if len(b.axes) > 2:
        raise BackproofError("np.dot", "more than two axes", "at most two", "use np.einsum")
    return matmul(statement, a, b)


def vdot(statement: Statement, left: Any, right: Any) -> Value:
    """The sum of the products of all entries."""
    product = statement.multiply(array_of(left, "np.vdot"), array_of(right, "np.vdot"))
    return statement.total(product, product.indices)


def outer(statement: Statement, left: Any, right: Any) -> Value:
    """a[i] b[j]."""
    a = statement.factor_ready(array_of(left, "np.outer"))
    b = statement.factor_ready(array_of(right, "np.outer")).anew()
    if len(a.axes) != 1 or len(b.axes) != 1:
        raise BackproofError("np.outer", "an array of several axes", "two vectors", "use np.einsum")
    return statement.contract(a, b, [], (*a.axes, *b.axes))


def transpose(statement: Statement, x: Any, *axes: Any) -> Value:
    """The axes in another order, reversed by default."""
    value = array_of(x, "transpose", 0)
    rank = len(value.axes)
    given = axes[0] if len(axes) == 1 and not static(axes[0]) else axes
    order = [int(a) for a in given] if given else list(range(rank))[::-1]
    if sorted(a % max(rank, 1) for a in order) != list(range(rank)):
        raise BackproofError("transpose", f"axes {order}", "each axis once", "list all axes")
    return Value(tuple(value.axes[a] for a in order), value.rhs)


def swapaxes(statement: Statement, x: Any, first: Any, second: Any) -> Value:
    """Two axes exchanged."""
    value = array_of(x, "np.swapaxes", 2)
    axes = list(value.axes)
    axes[int(first)], axes[int(second)] = axes[int(second)], axes[int(first)]
    return Value(tuple(axes), value.rhs)


def einsum(statement: Statement, spec: Any, *operands: Any, optimize: Any = None) -> Value:
    """``np.einsum`` with an explicit or implicit output, without ellipsis."""
    if not isinstance(spec, str) or "." in spec:
        found = repr(spec) if isinstance(spec, str) else "no subscripts"
        raise BackproofError("np.einsum", found, "a string such as 'ij,jk->ik'", "name each axis")
    inputs, _arrow, output = spec.replace(" ", "").partition("->")
    groups = inputs.split(",")
    if "->" not in spec:
        output = "".join(sorted(c for c in set(inputs) - {","} if inputs.count(c) == 1))
    if len(groups) != len(operands):
        raise BackproofError(
            "np.einsum", f"{len(operands)} operands", f"{len(groups)}", "match the spec"
        )
    index: dict[str, Index] = {}
    term = Contraction(sp.S.One)
    for group, operand in zip(groups, operands, strict=True):
        value = statement.factor_ready(array_of(operand, "np.einsum", 0)).anew()
        if len(group) != len(value.axes):
            raise BackproofError(
                "np.einsum", f"{group} for {len(value.axes)} axes", "a letter an axis", "fix"
            )
        for place in range(len(group)):
            value = with_index(value, place)
        new = {}
        for letter, axis in zip(group, value.axes, strict=True):
            assert axis is not None
            first = index.setdefault(letter, axis)
            if first.size != axis.size:
                raise BackproofError(
                    "np.einsum",
                    f"{letter} of sizes {first.size} and {axis.size}",
                    "equal sizes",
                    "fix",
                )
            new[axis] = first
        only = value.rhs.terms[0].renamed(new) if value.rhs.terms else Contraction(sp.S.Zero)
        term = Contraction(
            term.coefficient * only.coefficient, term.factors + only.factors, term.over + only.over
        )
    if set(output) - set(index) or len(set(output)) != len(output):
        raise BackproofError(
            "np.einsum", f"output {output}", "input letters, each once", "fix the spec"
        )
    over = tuple(i for letter, i in index.items() if letter not in output)
    summed = Contraction(term.coefficient, term.factors, term.over + over)
    return Value(tuple(index[c] for c in output), normal(Sum((summed,))))


def tensordot(statement: Statement, left: Any, right: Any, axes: Any = 2) -> Value:
    """Σ over pairs of axes of the product."""
    a = statement.factor_ready(array_of(left, "np.tensordot", 0))
    b = statement.factor_ready(array_of(right, "np.tensordot", 0)).anew()
    if static(axes):
        count = int(axes)
        first = list(range(len(a.axes) - count, len(a.axes)))
        second = list(range(count))
    else:
        first, second = (
            [int(p) for p in (s if isinstance(s, tuple | list) else (s,))] for s in axes
        )
    for p, q in zip(first, second, strict=True):
        a, b = with_index(a, p), with_index(b, q)
    places = [p % len(a.axes) for p in first], [q % len(b.axes) for q in second]
    kept = [
        [axis for p, axis in enumerate(value.axes) if p not in inner]
        for value, inner in zip((a, b), places, strict=True)
    ]
    pairs = [(a.axes[p], b.axes[q]) for p, q in zip(*places, strict=True)]
    return statement.contract(a, b, pairs, [*kept[0], *kept[1]])  # type: ignore[arg-type]


def multi_dot(statement: Statement, arrays: Any) -> Value:
    """A product of several matrices."""
    result = matmul(statement, arrays[0], arrays[1])
    for array in arrays[2:]:
        result = matmul(statement, result, array)
    return result


def squeeze(statement: Statement, x: Any, axis: Any = None) -> Value:
    """Axes of size one dropped."""
    value = array_of(x, "np.squeeze", 0)
    places = axes_of(value, axis)
    if axis is not None and any(value.axes[p] is not None for p in places):
        raise BackproofError(
            "np.squeeze", "an axis longer than one", "size one", "choose another axis"
        )
    kept = (a for p, a in enumerate(value.axes) if p not in places or a is not None)
    return Value(tuple(kept), value.rhs)


def expand_dims(statement: Statement, x: Any, axis: Any) -> Value:
    """A new axis of size one."""
    value = array_of(x, "np.expand_dims", 0)
    axes = list(value.axes)
    place = int(axis)
    axes.insert(place if place >= 0 else len(axes) + 1 + place, None)
    return Value(tuple(axes), value.rhs)


TABLE: dict[str, Any] = {
    "numpy.matmul": matmul,
    "numpy.dot": dot,
    "numpy.inner": lambda s, a, b: matmul(s, a, transpose(s, b)),
    "numpy.vdot": vdot,
    "numpy.outer": outer,
    "numpy.transpose": transpose,
    "numpy.swapaxes": swapaxes,
    "numpy.einsum": einsum,
    "numpy.tensordot": tensordot,
    "numpy.linalg.multi_dot": multi_dot,
    "numpy.squeeze": squeeze,
    "numpy.expand_dims": expand_dims,
}
