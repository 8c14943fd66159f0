"""Entries moved, masked or accumulated along an axis: roll, flip, diff, tril, cumsum, convolve."""

from __future__ import annotations

from functools import partial
from typing import Any

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.normal import normal
from backproof.theory.notation import Index, Map, affine, fresh, position, slot
from backproof.theory.trace.operations.joining import concatenate, pad, stack
from backproof.theory.trace.operations.pointwise import power, value_of
from backproof.theory.trace.operations.reductions import axes_of, extreme
from backproof.theory.trace.operations.selection import WHOLE, select
from backproof.theory.trace.operations.shaping import broadcast_to, indexed, real, reshape
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Value, from_expression, number


def _along(place: int, item: Any) -> list[Any]:
    return [*([WHOLE] * place), item]


def flip(statement: Statement, x: Any, axis: Any = None) -> Value:
    """The axes backwards."""
    value = statement.bind(real(x, "np.flip"))
    for place in axes_of(value, axis):
        value = select(statement, value, _along(place, slice(None, None, -1)))
    return value


def roll(statement: Statement, x: Any, shift: Any, axis: Any = None) -> Value:
    """Entries moved along an axis, those that leave it coming back at the other end."""
    value = indexed(real(x, "np.roll"))
    if axis is None:
        if len(value.axes) > 1:
            raise UnsupportedError("np.roll", "no axis", "an axis", "say which with axis=…")
        axis = 0
    if isinstance(axis, tuple | list):
        for s, a in zip(shift, axis, strict=True):
            value = roll(statement, value, s, a)
        return value
    by = sp.sympify(shift)
    if by == 0:
        return value
    value = statement.bind(value)
    place = int(axis) % len(value.axes)
    size = value.shape[place]
    middle = size - by if by.is_positive else -by
    parts = [slice(middle, None), slice(None, middle)]
    cut = [select(statement, value, _along(place, part)) for part in parts]
    return concatenate(statement, cut, place)


def diff(statement: Statement, x: Any, n: Any = 1, axis: Any = -1) -> Value:
    """x[1:] − x[:-1], n times."""
    value = real(x, "np.diff")
    place = int(axis) % len(value.axes)
    for _ in range(int(n)):
        value = statement.bind(value)
        later, sooner = (
            select(statement, value, _along(place, part)) for part in (slice(1, None), slice(-1))
        )
        value = statement.add(later, statement.multiply(number(-1), sooner))
    return value


def _masked(value: Value, i: Index, j: Index, where: sp.Basic) -> Value:
    """The value times 1[where], a relation between the positions slot(0) = i and slot(1) = j."""
    entries = (position(i, i.size), position(j, j.size))
    mask = Map(sp.Piecewise((1, where), (0, True)), entries)
    terms = tuple(Contraction(t.coefficient, (mask, *t.factors), t.over) for t in value.rhs.terms)
    return Value(value.axes, Sum(terms))


def triangle(lower: bool, statement: Statement, m: Any, k: Any = 0) -> Value:
    """The lower or upper triangle of a matrix, zeros elsewhere."""
    value = indexed(statement.factor_ready(real(m, "np.tril or np.triu")))
    *_, i, j = value.axes
    if len(value.axes) < 2 or i is None or j is None:
        raise BackproofError("np.tril or np.triu", "no matrix", "a matrix", "check the shape")
    row, column, shift = slot(0), slot(1), sp.sympify(k)
    where = row + shift >= column if lower else row + shift <= column
    return _masked(value, i, j, where)


def cumsum(statement: Statement, x: Any, axis: Any = None) -> Value:
    """t[j] = Σ_i 1[i ≤ j] x[i]."""
    value = indexed(statement.factor_ready(real(x, "np.cumsum")))
    if axis is None and len(value.axes) > 1:
        value, axis = indexed(reshape(statement, value, -1)), 0
    place = axes_of(value, 0 if axis is None else axis)[0]
    i = value.axes[place]
    assert i is not None
    j = fresh(i)
    masked = _masked(value, i, j, slot(0) <= slot(1))
    axes = (*value.axes[:place], j, *value.axes[place + 1 :])
    terms = tuple(Contraction(t.coefficient, t.factors, (*t.over, i)) for t in masked.rhs.terms)
    return Value(axes, normal(Sum(terms)))


def cumprod(statement: Statement, x: Any, axis: Any = None) -> Value:
    """t[j] = Π_i u[i, j] with u[i, j] = x[i] if i ≤ j, else 1."""
    value = indexed(statement.bind(real(x, "np.cumprod")))
    if axis is None and len(value.axes) > 1:
        value, axis = indexed(statement.bind(reshape(statement, value, -1))), 0
    place = axes_of(value, 0 if axis is None else axis)[0]
    i, entry = value.axes[place], value.entry
    assert i is not None
    assert entry is not None
    j = fresh(i)
    arguments = {entry: slot(0), position(i, i.size): slot(1), position(j, j.size): slot(2)}
    kept = sp.Piecewise((slot(0), slot(1) <= slot(2)), (1, True))
    axes = (*value.axes[:place], i, j, *value.axes[place + 1 :])
    return extreme("prod", statement, from_expression(kept, arguments, axes), place)


def correlate(statement: Statement, a: Any, v: Any, mode: Any = "valid") -> Value:
    """c[i] = Σ_j a[i + j] v[j], of zeros outside in mode "full"."""
    left, right = (statement.bind(real(x, "np.correlate")) for x in (a, v))
    if len(left.axes) != 1 or len(right.axes) != 1 or mode not in ("valid", "full"):
        raise UnsupportedError(
            "np.correlate", f"mode {mode!r} of these axes", "vectors, 'valid' or 'full'", "pad"
        )
    count = right.shape[0]
    if mode == "full":
        left = statement.bind(pad(statement, left, (count - 1, count - 1)))
    length = sp.expand(left.shape[0] - count + 1)
    if length.is_nonpositive:
        raise BackproofError(
            "np.correlate",
            f"{left.shape[0]} entries and a filter of {count}",
            "a filter that is the shorter",
            "swap them",
        )
    i = fresh(Index(statement.letters.of(length), length))
    (j,) = right.indices
    window = left.renamed({left.indices[0]: affine(sp.S.Zero, [(i, sp.S.One), (j, sp.S.One)])}, ())
    terms = tuple(
        Contraction(s.coefficient * t.coefficient, (*t.factors, *s.factors), (j,))
        for t in window.rhs.terms
        for s in right.rhs.terms
    )
    return Value((i,), normal(Sum(terms)))


def convolve(statement: Statement, a: Any, v: Any, mode: Any = "full") -> Value:
    """c[i] = Σ_j a[i + j] v[k − 1 − j]: the correlation with the filter backwards."""
    return correlate(statement, a, flip(statement, value_of(v)), mode)


def vander(statement: Statement, x: Any, N: Any = None, increasing: Any = False) -> Value:
    """Powers of the entries as columns."""
    value = statement.bind(real(x, "np.vander"))
    count = value.shape[0] if N is None else sp.sympify(N)
    if len(value.axes) != 1 or not count.is_Integer:
        raise UnsupportedError("np.vander", f"{count} columns", "a number of them", "pass N=3")
    powers = [power(statement, value, k) for k in range(int(count))]
    return stack(statement, powers if increasing else powers[::-1], 1)


def polyval(statement: Statement, p: Any, x: Any) -> Value:
    """A polynomial by its coefficients, highest first, by Horner's rule."""
    coefficients = statement.bind(real(p, "np.polyval"))
    if len(coefficients.axes) != 1 or not coefficients.shape[0].is_Integer:
        raise UnsupportedError("np.polyval", "open degree", "a number", "bind the size")
    total = select(statement, coefficients, [0])
    for k in range(1, int(coefficients.shape[0])):
        total = statement.add(
            statement.multiply(total, real(x, "np.polyval")), select(statement, coefficients, [k])
        )
    return total


def meshgrid(statement: Statement, x: Any, y: Any, *, indexing: Any = "xy") -> list[Value]:
    """Two vectors as the coordinates of a grid."""
    rows, columns = (x, y) if indexing == "ij" else (y, x)
    first, second = (statement.bind(real(v, "np.meshgrid")) for v in (rows, columns))
    shape = (*first.shape, *second.shape)
    down = broadcast_to(statement, Value((*first.axes, None), first.rhs), shape)
    across = broadcast_to(statement, second, shape)
    return [down, across] if indexing == "ij" else [across, down]


TABLE: dict[str, Any] = {
    "numpy.flip": flip,
    "numpy.flipud": lambda s, x: flip(s, x, 0),
    "numpy.fliplr": lambda s, x: flip(s, x, 1),
    "numpy.roll": roll,
    "numpy.diff": diff,
    "numpy.tril": partial(triangle, True),
    "numpy.triu": partial(triangle, False),
    "numpy.cumsum": cumsum,
    "numpy.cumprod": cumprod,
    "numpy.vander": vander,
    "numpy.polyval": polyval,
    "numpy.meshgrid": meshgrid,
    "numpy.correlate": correlate,
    "numpy.convolve": convolve,
}
