"""Arrays made from nothing: zeros, ones, the identity, positions."""

from __future__ import annotations

from typing import Any

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.notation import Delta, Index, fresh
from backproof.theory.trace.statement import Statement, constant_array, fresh_axes, zero
from backproof.theory.trace.values import Label, Value


def _sizes(shape: Any) -> list[sp.Expr]:
    parts = shape if isinstance(shape, tuple | list) else (shape,)
    sizes = [sp.sympify(getattr(p, "constant", p)) for p in parts]
    if any(not isinstance(s, sp.Expr) for s in sizes):
        raise BackproofError("shape", str(shape), "integers and sizes", "use x.shape[…]")
    return sizes


def ones(statement: Statement, shape: Any, dtype: Any = None) -> Value:
    """All ones."""
    return constant_array(sp.S.One, fresh_axes(_sizes(shape), statement.letters))


def zeros(statement: Statement, shape: Any, dtype: Any = None) -> Value:
    """All zeros."""
    return zero(fresh_axes(_sizes(shape), statement.letters))


def eye(statement: Statement, n: Any, *, dtype: Any = None) -> Value:
    """The identity matrix, δ[i, j]."""
    (size,) = _sizes(n)
    i = fresh(Index(statement.letters.of(size), size))
    j = fresh(i)
    return Value((i, j), Sum((Contraction(sp.S.One, (Delta(i, j),)),)))


def arange(statement: Statement, n: Any, *, dtype: Any = None) -> Label:
    """The positions 0, 1, …, n − 1, to be used as a subscript."""
    (size,) = _sizes(n)
    index = fresh(Index(statement.letters.of(size), size))
    return Label((index,), index, size)


def like(value: sp.Expr) -> Any:
    """A constant array of another's shape."""
    return lambda statement, x, dtype=None: constant_array(value, x.axes)


TABLE: dict[str, Any] = {
    "numpy.ones": ones,
    "numpy.zeros": zeros,
    "numpy.eye": eye,
    "numpy.identity": eye,
    "numpy.arange": arange,
    "numpy.ones_like": like(sp.S.One),
    "numpy.zeros_like": lambda s, x, dtype=None: zero(x.axes),
}
