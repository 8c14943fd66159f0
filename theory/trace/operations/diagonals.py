"""Diagonals and traces."""

from __future__ import annotations

from typing import Any

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.normal import normal
from backproof.theory.notation import Delta, Index, Subscript, affine, fresh
from backproof.theory.trace.operations.linear import array_of, with_index
from backproof.theory.trace.operations.reductions import total
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Value


def trace(statement: Statement, x: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Value:
    """Σ_i a[i, i], of each matrix of a stack."""
    if offset != 0:
        return total(statement, diag(statement, x, offset))
    value = statement.factor_ready(array_of(x, "np.trace", 2))
    return _diagonal(statement, _last(value, axis1, axis2), summed=True)


def diagonal(
    statement: Statement, x: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1
) -> Value:
    """a[i, i], of each matrix of a stack."""
    if offset != 0:
        return diag(statement, x, offset)
    value = statement.factor_ready(array_of(x, "np.diagonal", 2))
    return _diagonal(statement, _last(value, axis1, axis2), summed=False)


def _last(value: Value, axis1: Any, axis2: Any) -> Value:
    """Two axes moved behind the others."""
    rank = len(value.axes)
    places = [int(axis1) % rank, int(axis2) % rank]
    axes = [a for p, a in enumerate(value.axes) if p not in places]
    return Value((*axes, *(value.axes[p] for p in places)), value.rhs)


def diag(statement: Statement, x: Any, k: Any = 0) -> Value:
    """A vector on the diagonal j = i + k of a matrix, or the diagonal of a matrix."""
    value = array_of(x, "np.diag")
    if k != 0:
        return _shifted_diagonal(statement, value, sp.sympify(k))
    if len(value.axes) == 2:
        return _diagonal(statement, statement.factor_ready(value), summed=False)
    value = statement.bind(value)
    i = value.axes[0]
    if len(value.axes) != 1 or i is None:
        raise BackproofError(
            "np.diag", f"{len(value.axes)} axes", "a vector or a matrix", "use np.einsum"
        )
    j = fresh(i)
    terms = tuple(
        Contraction(t.coefficient, (*t.factors, Delta(i, j)), t.over) for t in value.rhs.terms
    )
    return Value((i, j), Sum(terms))


def _shifted_diagonal(statement: Statement, value: Value, k: sp.Expr) -> Value:
    """The diagonal j = i + k, of the length that the matrix leaves it."""
    down, right = (sp.S.Zero, k) if k.is_positive else (-k, sp.S.Zero)
    if len(value.axes) == 2:
        value = statement.bind(value)
        rows, columns = value.shape
        if rows != columns:
            raise BackproofError("np.diag", "k of a rectangle", "a square matrix", "slice it first")
        length = sp.expand(rows - abs(k))
        r = fresh(Index(statement.letters.of(length), length))
        places = [affine(shift, [(r, sp.S.One)]) for shift in (down, right)]
        new: dict[Index, Subscript] = {
            a: p for a, p in zip(value.axes, places, strict=True) if a is not None
        }
        return value.renamed(new, (r,))
    value = statement.bind(with_index(value, 0))
    (r,) = value.indices
    size = sp.expand(r.size + abs(k))
    i = fresh(Index(statement.letters.of(size), size))
    j = fresh(i)
    deltas = tuple(Delta(a, affine(s, [(r, sp.S.One)])) for a, s in ((i, down), (j, right)))
    terms = (
        Contraction(t.coefficient, (*t.factors, *deltas), (*t.over, r)) for t in value.rhs.terms
    )
    return Value((i, j), normal(Sum(tuple(terms))))


def _diagonal(statement: Statement, value: Value, summed: bool) -> Value:
    *stack, i, j = value.axes
    if i is None or j is None or i.size != j.size:
        sizes = ", ".join(map(str, value.shape))
        raise BackproofError("diagonal", f"shape ({sizes})", "a square matrix", "check the shape")
    terms = [t.renamed({j: i}) for t in value.rhs.terms]
    if summed:
        terms = [Contraction(t.coefficient, t.factors, (*t.over, i)) for t in terms]
    axes = tuple(stack) if summed else (*stack, i)
    return Value(axes, normal(Sum(tuple(terms))))


TABLE: dict[str, Any] = {
    "numpy.trace": trace,
    "numpy.diag": diag,
    "numpy.diagonal": diagonal,
}
