"""Arrays made from nothing: zeros, ones, the identity, positions."""

from __future__ import annotations

from typing import Any

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.notation import UNWRITTEN, Delta, Entry, Index, Tensor, affine, fresh
from backproof.theory.trace.operands import numbers_of, operand
from backproof.theory.trace.operations.moving import triangle
from backproof.theory.trace.statement import Statement, constant_array, fresh_axes, zero
from backproof.theory.trace.steps import range_of
from backproof.theory.trace.values import Label, Value, number


def _sizes(shape: Any) -> list[sp.Expr]:
    parts = shape if isinstance(shape, tuple | list) else (shape,)
    sizes = [sp.sympify(getattr(p, "constant", p)) for p in parts]
    if any(not isinstance(s, sp.Expr) for s in sizes):
        raise BackproofError("shape", str(shape), "integers and sizes", "use x.shape[…]")
    return sizes


def _real_numbers(dtype: Any) -> None:
    """Refuse arrays of integers: what is written into them would be cut off."""
    name = getattr(dtype, "name", dtype)
    if name is not None and not any(word in str(name) for word in ("float", "double")):
        raise BackproofError(
            "dtype", str(name).removeprefix("builtins."), "real numbers", "drop dtype="
        )


def ones(statement: Statement, shape: Any, dtype: Any = None) -> Value:
    """All ones."""
    _real_numbers(dtype)
    return constant_array(sp.S.One, fresh_axes(_sizes(shape), statement.letters))


def zeros(statement: Statement, shape: Any, dtype: Any = None) -> Value:
    """All zeros."""
    _real_numbers(dtype)
    return zero(fresh_axes(_sizes(shape), statement.letters))


def empty(statement: Statement, shape: Any, dtype: Any = None) -> Value:
    """Entries that nothing has written yet: each has to be written before the result."""
    _real_numbers(dtype)
    axes = fresh_axes(_sizes(shape), statement.letters)
    indices = tuple(a for a in axes if a is not None)
    tensor = Tensor(UNWRITTEN, tuple(i.size for i in indices), tuple(i.letter for i in indices))
    return Value(axes, Sum((Contraction(sp.S.One, (Entry(tensor, indices),)),)))


def full(statement: Statement, shape: Any, value: Any, dtype: Any = None) -> Value:
    """Every entry the same number."""
    _real_numbers(dtype)
    return statement.multiply(ones(statement, shape), operand(value, statement))


def eye(statement: Statement, n: Any, M: Any = None, k: Any = 0, dtype: Any = None) -> Value:
    """The identity matrix δ[i, j], or ones on the diagonal j = i + k."""
    rows, columns = _sizes((n, n if M is None else M))
    i = fresh(Index(statement.letters.of(rows), rows))
    j = fresh(Index(i.letter if rows == columns else statement.letters.of(columns), columns))
    shift = sp.sympify(k)
    left = affine(shift, [(i, sp.S.One)]) if shift != 0 or rows != columns else i
    return Value((i, j), Sum((Contraction(sp.S.One, (Delta(left, j),)),)))


def arange(statement: Statement, *bounds: Any, dtype: Any = None) -> Label:
    """The positions 0, 1, …, n − 1, or those from a start to a stop by a whole step."""
    steps = range_of(*bounds)
    index = fresh(Index(statement.letters.of(steps.length), steps.length))
    found = steps.item(index)
    assert isinstance(found, Label)
    return Label((index,), found.subscript, found.below)


def linspace(statement: Statement, start: Any, stop: Any, num: Any = 50) -> Value:
    """start + (stop − start) i / (num − 1)."""
    positions = numbers_of(arange(statement, num))
    first, last = operand(start, statement), operand(stop, statement)
    reach = statement.add(last, statement.multiply(number(-1), first))
    steps = statement.multiply(number(1 / (sp.sympify(num) - 1)), positions)
    return statement.add(first, statement.multiply(reach, steps))


def tri(statement: Statement, n: Any, M: Any = None, k: Any = 0, dtype: Any = None) -> Value:
    """Ones on and below the diagonal j = i + k."""
    return triangle(True, statement, ones(statement, (n, n if M is None else M)), k)


def like(value: sp.Expr) -> Any:
    """A constant array of another's shape."""

    def apply(statement: Statement, x: Any, dtype: Any = None) -> Value:
        _real_numbers("int" if isinstance(x, Label) and dtype is None else dtype)
        return constant_array(value, x.axes)

    return apply


TABLE: dict[str, Any] = {
    "numpy.ones": ones,
    "numpy.zeros": zeros,
    "numpy.eye": eye,
    "numpy.identity": eye,
    "numpy.arange": arange,
    "numpy.full": full,
    "numpy.empty": empty,
    "numpy.tri": tri,
    "numpy.linspace": linspace,
    "numpy.ones_like": like(sp.S.One),
    "numpy.full_like": lambda s, x, value, dtype=None: s.multiply(
        like(sp.S.One)(s, x), operand(value, s)
    ),
    "numpy.zeros_like": like(sp.S.Zero),
}
