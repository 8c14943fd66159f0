"""Means, variances, covariances and norms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.scalars import absolute
from backproof.theory.trace.operations.linear import matmul, transpose
from backproof.theory.trace.operations.pointwise import power
from backproof.theory.trace.operations.reductions import axes_of, extreme, real, split, total
from backproof.theory.trace.operations.selection import select
from backproof.theory.trace.statement import Statement, constant_array, zero
from backproof.theory.trace.values import Axis, Value, number


def mean(
    statement: Statement, x: Any, axis: Any = None, dtype: Any = None, *, keepdims: Any = False
) -> Value:
    """The mean along the axes: the sum over the number of entries."""
    value = real(x)
    over, _left, _count = split(value, axis, False)
    count = sp.Mul(*(i.size for i in over))
    whole = total(statement, value, axis, keepdims=keepdims)
    return statement.multiply(number(1 / count), whole)


def average(
    statement: Statement, x: Any, axis: Any = None, weights: Any = None, *, keepdims: Any = False
) -> Value:
    """The mean, or Σ w x / Σ w with weights."""
    if weights is None:
        return mean(statement, x, axis, keepdims=keepdims)
    value, weight = statement.bind(real(x)), statement.bind(real(weights))
    if len(weight.axes) < len(value.axes):
        if axis is None:
            raise BackproofError("np.average", "weights of other shape", "an axis", "add axis=…")
        axes: list[Axis] = [None] * len(value.axes)
        axes[axes_of(value, axis)[0]] = weight.axes[0]
        weight = Value(tuple(axes), weight.rhs)
    both = total(statement, statement.multiply(value, weight), axis, keepdims=keepdims)
    ones = statement.multiply(weight, constant_array(sp.S.One, value.axes))
    whole = total(statement, statement.add(ones, zero(value.axes)), axis, keepdims=keepdims)
    return statement.multiply(both, power(statement, whole, -1))


def variance(
    statement: Statement,
    x: Any,
    axis: Any = None,
    dtype: Any = None,
    *,
    ddof: Any = 0,
    keepdims: Any = False,
) -> Value:
    """The variance: the mean square of the deviations, over n − ddof."""
    value = statement.bind(real(x))
    over, _left, _count = split(value, axis, False)
    count = sp.Mul(*(i.size for i in over))
    middle = statement.bind(mean(statement, value, axis, keepdims=True))
    deviation = statement.bind(statement.add(value, statement.multiply(number(-1), middle)))
    square = statement.multiply(deviation, deviation)
    whole = total(statement, square, axis, keepdims=keepdims)
    return statement.multiply(number(1 / (count - ddof)), whole)


def deviation(
    statement: Statement,
    x: Any,
    axis: Any = None,
    dtype: Any = None,
    *,
    ddof: Any = 0,
    keepdims: Any = False,
) -> Value:
    """The standard deviation, √variance."""
    square = variance(statement, x, axis, ddof=ddof, keepdims=keepdims)
    return power(statement, square, sp.Rational(1, 2))


def covariance(
    statement: Statement, m: Any, *, rowvar: Any = True, bias: Any = False, ddof: Any = None
) -> Value:
    """The covariance matrix of variables that are rows (or columns), over N − 1 (or N)."""
    value = statement.bind(real(m))
    if len(value.axes) != 2:
        raise BackproofError("np.cov", f"{len(value.axes)} axes", "a matrix", "stack the variables")
    if not rowvar:
        value = transpose(statement, value)
    middle = statement.bind(mean(statement, value, 1, keepdims=True))
    centred = statement.bind(statement.add(value, statement.multiply(number(-1), middle)))
    lost = ddof if ddof is not None else (0 if bias else 1)
    scale = number(1 / (value.shape[1] - lost))
    return statement.multiply(scale, matmul(statement, centred, transpose(statement, centred)))


def spread(statement: Statement, x: Any, axis: Any = None, *, keepdims: Any = False) -> Value:
    """Largest minus smallest entry."""
    top, bottom = (extreme(k, statement, x, axis, keepdims=keepdims) for k in ("max", "min"))
    return statement.add(top, statement.multiply(number(-1), bottom))


def norm(
    statement: Statement, x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False
) -> Value:
    """A vector norm, or the Frobenius, 1, ∞, nuclear or spectral norm of a matrix."""
    value = statement.bind(real(x))
    places = axes_of(value, axis)
    matrix = len(places) == 2 and (axis is not None or len(value.axes) == 2)
    if matrix and ord in ("nuc", 2, -2):
        return _of_singular_values(statement, value, ord, places, keepdims)
    if matrix and ord in (1, sp.oo, -sp.oo, -1):
        first, second = axes_of(value, axis)
        inner, outer_ = (first, second) if abs(ord) == 1 else (second, first)
        sums = total(statement, statement.elementwise(absolute, value), inner, keepdims=True)
        kind = "max" if ord in (1, sp.oo) else "min"
        largest = extreme(kind, statement, sums, outer_, keepdims=True)
        return largest if keepdims else squeezed(largest, (first, second))
    if ord in (None, "fro") or (ord == 2 and not matrix):
        square = total(statement, statement.multiply(value, value), axis, keepdims=keepdims)
        return statement.elementwise(sp.sqrt, square)
    if matrix or isinstance(ord, str):
        raise BackproofError(
            "np.linalg.norm",
            f"ord={ord} of a matrix",
            "'fro', 'nuc', 1, 2 or np.inf",
            "write it as a sum",
        )
    size = statement.elementwise(absolute, value)
    if ord in (sp.oo, -sp.oo):
        kind = "max" if ord == sp.oo else "min"
        return extreme(kind, statement, size, axis, keepdims=keepdims)
    if ord == 1:
        return total(statement, size, axis, keepdims=keepdims)
    powers = total(statement, power(statement, size, ord), axis, keepdims=keepdims)
    return power(statement, powers, 1 / sp.sympify(ord))


def _of_singular_values(
    statement: Statement, value: Value, ord: Any, places: Sequence[int], keepdims: Any
) -> Value:
    """The sum of the singular values of the matrices in two axes, the largest or the smallest."""
    rank = len(value.axes)
    stack = [p for p in range(rank) if p not in places]
    moved = transpose(statement, value, (*stack, *places))
    values = statement.matrix("singular_values", moved)
    if ord == "nuc":
        found = total(statement, values, -1)
    else:
        found = select(statement, values, [Ellipsis, 0 if ord == 2 else -1])
    if not keepdims:
        return found
    kept = iter(found.axes)
    return Value(tuple(None if p in places else next(kept) for p in range(rank)), found.rhs)


def squeezed(value: Value, places: Sequence[int]) -> Value:
    """The value without some unit axes."""
    return Value(tuple(a for p, a in enumerate(value.axes) if p not in places), value.rhs)


def _sorting(statement: Statement, *_: Any, **__: Any) -> Value:
    raise UnsupportedError(
        "order statistics",
        "a sort of the data",
        "np.max, np.min, np.argmax",
        "use np.max and np.min, or pass the order as integer labels",
    )


TABLE: dict[str, Any] = {
    "numpy.mean": mean,
    "numpy.average": average,
    "numpy.var": variance,
    "numpy.std": deviation,
    "numpy.cov": covariance,
    "numpy.ptp": spread,
    **{
        f"numpy.{name}": _sorting
        for name in ("sort", "argsort", "median", "quantile", "percentile")
    },
}
