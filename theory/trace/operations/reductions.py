"""Sums, products, extremes, log-sum-exp and softmax along axes."""

from __future__ import annotations

from functools import partial
from typing import Any

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.notation import Index
from backproof.theory.trace.operations.pointwise import value_of
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Axis, Label, Value, number


def axes_of(value: Value, axis: Any) -> tuple[int, ...]:
    """The positions that NumPy's ``axis`` argument means."""
    rank = len(value.axes)
    if axis is None:
        return tuple(range(rank))
    chosen = axis if isinstance(axis, tuple | list) else (axis,)
    positions = []
    for a in chosen:
        place = _whole(a)
        if not -rank <= place < rank:
            raise BackproofError(
                "axis", str(place), f"an axis of an array with {rank}", f"use {-rank} … {rank - 1}"
            )
        positions.append(place % rank)
    if len(set(positions)) < len(positions):
        raise BackproofError("axis", str(tuple(chosen)), "each axis once", "drop the repeated one")
    return tuple(sorted(positions))


def _whole(axis: Any) -> int:
    if isinstance(axis, bool) or not isinstance(axis, int | sp.Integer):
        raise BackproofError("axis", repr(axis), "an integer", "count the axes from 0")
    return int(axis)


def split(value: Value, axis: Any, keepdims: bool) -> tuple[list[Index], tuple[Axis, ...], int]:
    """The indices to reduce, the axes of the result, and nothing about unit axes but their fall."""
    positions = axes_of(value, axis)
    over = [a for p, a in enumerate(value.axes) if p in positions and a is not None]
    if keepdims:
        left = tuple(None if p in positions else a for p, a in enumerate(value.axes))
    else:
        left = tuple(a for p, a in enumerate(value.axes) if p not in positions)
    return over, left, len(positions)


def total(
    statement: Statement, x: Any, axis: Any = None, dtype: Any = None, *, keepdims: Any = False
) -> Value:
    """Σ along the axes."""
    value = real(x)
    over, left, _count = split(value, axis, bool(keepdims))
    return Value(left, statement.total(value, over).rhs)


def real(x: Any) -> Value:
    value = value_of(x)
    if not isinstance(value, Value):
        raise BackproofError(
            "reduction", "a Boolean array", "a real array", "write np.where(condition, 1.0, 0.0)"
        )
    return value


def product(statement: Statement, x: Any, axis: Any = None, *, keepdims: Any = False) -> Value:
    """Π along the axes, one after the other."""
    return extreme("prod", statement, x, axis, keepdims=keepdims)


def extreme(
    kind: str, statement: Statement, x: Any, axis: Any = None, *, keepdims: Any = False
) -> Value:
    """Maximum, minimum or product; several axes one after the other, last axis first, so that the
    first extreme in row-major order is the one that counts."""
    value = real(x)
    over, left, _count = split(value, axis, bool(keepdims))
    current = value
    for index in reversed(over):
        rest = tuple(a for a in current.axes if a is not None and a != index)
        entry = statement.reduce(kind, current, (index,))
        current = Value(rest, Sum((Contraction(sp.S.One, (entry,)),)))
    return Value(left, current.rhs)


def position(kind: str, statement: Statement, x: Any, axis: Any = None) -> Label:
    """argmax or argmin along one axis, an integer array."""
    value = real(x)
    over, left, count = split(value, axis, False)
    if count != 1 or len(over) != 1:
        raise BackproofError(f"np.{kind}", f"{count} axes", "one axis", "name one with axis=…")
    entry = statement.reduce(kind, value, tuple(over))
    return Label(left, entry, over[0].size)


def log_sum_exp(statement: Statement, x: Any, axis: Any = None, *, keepdims: Any = False) -> Value:
    """log Σ exp along the axes."""
    value = statement.bind(real(x))
    over, left, _count = split(value, axis, bool(keepdims))
    if not over:
        return Value(left, value.rhs)
    entry = statement.reduce("logsumexp", value, tuple(over))
    return Value(left, Sum((Contraction(sp.S.One, (entry,)),)))


def log_softmax(statement: Statement, x: Any, axis: Any = None) -> Value:
    """x − log Σ exp x."""
    value = statement.bind(real(x))
    normaliser = log_sum_exp(statement, value, axis, keepdims=True)
    return statement.add(value, statement.multiply(number(-1), normaliser))


def softmax(statement: Statement, x: Any, axis: Any = None) -> Value:
    """exp(x − log Σ exp x)."""
    value = statement.bind(real(x))
    normaliser = log_sum_exp(statement, value, axis, keepdims=True)
    share = statement.elementwise(lambda a, b: sp.exp(a - b), value, normaliser)
    return statement.bind(share, statement.free_name("p"))


TABLE: dict[str, Any] = {
    "numpy.sum": total,
    "numpy.max": partial(extreme, "max"),
    "numpy.amax": partial(extreme, "max"),
    "numpy.min": partial(extreme, "min"),
    "numpy.amin": partial(extreme, "min"),
    "numpy.prod": product,
    "numpy.argmax": partial(position, "argmax"),
    "numpy.argmin": partial(position, "argmin"),
    "scipy.special.logsumexp": log_sum_exp,
    "scipy.special.log_softmax": log_softmax,
    "scipy.special.softmax": softmax,
}
