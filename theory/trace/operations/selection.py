"""Indexing: new axes, whole axes, slices, fixed positions, and labels (``z[np.arange(n), y]``)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from backproof.theory.equations import Sum
from backproof.theory.errors import BackproofError
from backproof.theory.normal import apart, normal
from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Index,
    Subscript,
    affine,
    bounds,
    fresh,
    inside,
    rename_subscript,
)
from backproof.theory.trace.operations.joining import stack
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Axis, Label, Value, broadcast_axes

WHOLE = slice(None)


def select(statement: Statement, value: Value, items: Sequence[Any]) -> Value:
    """``value[items]`` with items from: ``None``, ``:``, ``...``, slices, integers, labels."""
    items = _without_ellipsis(items, len(value.axes))
    given = sum(item is not None for item in items)
    if given > len(value.axes):
        raise BackproofError(
            "index", f"{given} subscripts", f"at most {len(value.axes)}, one an axis", "drop some"
        )
    items = [*items, *([WHOLE] * (len(value.axes) - given))]
    lists = [n for n, item in enumerate(items) if isinstance(item, list)]
    if len(lists) == 1 and not any(isinstance(item, Label) for item in items):
        return _picked(statement, statement.bind(value), items, lists[0])
    if all(item is None or _is_whole(item) for item in items):
        remaining = iter(value.axes)
        return Value(tuple(None if i is None else next(remaining) for i in items), value.rhs)
    if not _simple(value, items):
        value = statement.bind(value)
    where = places(statement, value, items)
    new = {a: s for a, s in zip(value.axes, where.subscripts, strict=True) if a is not None}
    terms = Sum(tuple(apart(t).renamed(new) for t in value.rhs.terms))
    return Value(where.axes, terms if value.entry is not None else normal(terms))


def _picked(statement: Statement, value: Value, items: Sequence[Any], place: int) -> Value:
    """Rows at a list of positions, one after the other."""
    if not items[place]:
        raise BackproofError("index", "an empty list", "positions", "drop it")
    rows = [
        select(statement, value, [*items[:place], k, *items[place + 1 :]]) for k in items[place]
    ]
    before = sum(item is None or isinstance(item, slice) for item in items[:place])
    return stack(statement, rows, before)


def _simple(value: Value, items: Sequence[Any]) -> bool:
    """Whether positions can be put into a value that has no name: written at places, or numbers."""
    placed = all(any(isinstance(f, Delta) for f in t.factors) for t in value.rhs.terms)
    single = all(not isinstance(item, slice) or _is_whole(item) for item in items)
    return (placed and single and not value.loops) or value.entry is not None


def _is_whole(item: Any) -> bool:
    return isinstance(item, slice) and item == WHOLE


def _without_ellipsis(items: Sequence[Any], rank: int) -> list[Any]:
    places = [n for n, item in enumerate(items) if item is Ellipsis]
    if not places:
        return list(items)
    given = sum(item is not None and item is not Ellipsis for item in items)
    return [*items[: places[0]], *([WHOLE] * (rank - given)), *items[places[0] + 1 :]]


@dataclass(frozen=True)
class Places:
    """Where items point: a subscript for each axis, the axes they leave, their own new indices."""

    subscripts: tuple[Subscript, ...]
    axes: tuple[Axis, ...]
    region: tuple[Index, ...]


def places(statement: Statement, value: Value, items: Sequence[Any]) -> Places:
    """The places ``value[items]``; the label axes stand where NumPy puts them."""
    items = _without_ellipsis(items, len(value.axes))
    items = [*items, *([WHOLE] * (len(value.axes) - sum(i is not None for i in items)))]
    labels = [item for item in items if isinstance(item, Label)]
    common, renames = broadcast_axes([label.axes for label in labels]) if labels else ((), [])
    turned = iter(
        rename_subscript(label.subscript, new) for label, new in zip(labels, renames, strict=True)
    )
    subscripts: list[Subscript] = []
    axes: list[Axis] = []
    spots: list[tuple[int, int]] = []  # of labels and positions: NumPy takes both for one block
    remaining = iter(value.axes)
    for order, item in enumerate(items):
        if item is None:
            axes.append(None)
            continue
        axis = next(remaining)
        if _is_whole(item):
            index = fresh(axis) if axis is not None else None
            axes.append(index)
            subscripts.append(Affine(sp.S.Zero) if index is None else index)
            continue
        if axis is None and isinstance(item, int | sp.Integer) and item in (0, -1):
            spots.append((order, len(axes)))  # the only position there is
            subscripts.append(Affine(sp.S.Zero))
            continue
        if axis is None:
            raise BackproofError(
                "index", "a subscript on an axis of size 1", "':'", "drop the axis"
            )
        if isinstance(item, slice):
            index, place = _slice(statement, item, axis)
            single: dict[Index, Subscript] = {index: Affine(sp.S.Zero)}
            subscripts.append(rename_subscript(place, single) if index.size == 1 else place)
            axes.append(None if index.size == 1 else index)
        elif isinstance(item, Label):
            _check_labels(item, axis)
            subscripts.append(_whole_or(next(turned), axis))
            spots.append((order, len(axes)))
        else:
            spots.append((order, len(axes)))
            subscripts.append(_fixed(item, axis))
    if common:
        (first, start), (last, _) = spots[0], spots[-1]
        start = start if last - first == len(spots) - 1 else 0
        axes[start:start] = common
    return Places(tuple(subscripts), tuple(axes), tuple(a for a in axes if a is not None))


def _whole_or(subscript: Subscript, axis: Index) -> Subscript:
    """A plain index if it runs over the whole axis, an affine subscript if it does not."""
    if isinstance(subscript, Index) and subscript.size != axis.size:
        return Affine(sp.S.Zero, ((subscript, sp.S.One),))
    return subscript


def _fixed(item: Any, axis: Index) -> Affine:
    """One position, counted from the end when negative."""
    position = item.constant if isinstance(item, Value) else item
    if not isinstance(position, int | sp.Expr) or not sp.sympify(position).is_integer:
        found = str(position) if isinstance(position, str | int | sp.Expr) else "an array"
        raise BackproofError("index", found, "an integer, a slice or labels", "fix the index")
    position = sp.sympify(position)
    place = Affine(axis.size + position if position.is_negative else position)
    if inside(place, axis.size) is False:
        raise BackproofError(
            "index",
            f"position {position} on an axis of size {axis.size}",
            "a position inside the axis",
            "count from 0, or from the end with -1",
        )
    return place


def _check_labels(label: Label, axis: Index) -> None:
    if isinstance(label.subscript, Entry):
        fits = (axis.size - label.below).is_nonnegative
        found = f"labels below {label.below}"
    else:
        fits = inside(label.subscript, axis.size)
        low, high = bounds(label.subscript)
        found = f"positions {low} … {high}"
    if not fits:
        raise BackproofError(
            "index",
            f"{found} on an axis of size {axis.size}",
            "positions that are provably on the axis",
            "check the bound (below=, range) against the axis",
        )


def _slice(statement: Statement, item: slice, axis: Index) -> tuple[Index, Affine]:
    """The new index of a slice and the affine subscript it stands for."""
    step = sp.S.One if item.step is None else sp.sympify(item.step)
    if step == -1 and item.start is None and item.stop is None:
        index = fresh(axis)
        return index, Affine(axis.size - 1, ((index, -sp.S.One),))
    if not step.is_positive:
        raise BackproofError("slice", f"step {step}", "a positive step, or [::-1]", "reverse first")
    start = _bound(item.start, sp.S.Zero, axis)
    stop = _bound(item.stop, axis.size, axis)
    extent = affine(stop.offset - start.offset, [*stop.terms, *((i, -c) for i, c in start.terms)])
    if extent.terms:
        raise BackproofError(
            "slice", "a length that varies", "a fixed length", "slice start:start+n"
        )
    length = sp.expand(extent.offset)
    length = length if step == 1 else sp.ceiling(length / step)
    index = fresh(Index(statement.letters.of(length), length))
    subscript = affine(start.offset, [*start.terms, (index, step)])
    if inside(subscript, axis.size) is False:
        low, high = bounds(subscript)
        raise BackproofError(
            "slice",
            f"positions {low} … {high} on an axis of size {axis.size}",
            "a slice on the axis",
            "check the bounds against the shape",
        )
    return index, subscript


def _bound(given: Any, default: sp.Expr, axis: Index) -> Affine:
    if given is None:
        return Affine(default)
    if isinstance(given, Label) and not isinstance(given.subscript, Entry):
        return affine(sp.S.Zero, [(given.subscript, sp.S.One)])
    value = sp.sympify(getattr(given, "constant", given))
    if not isinstance(value, sp.Expr):
        raise BackproofError("slice", "a bound that is data", "a number or size", "use np.where")
    return Affine(axis.size + value if value.is_negative else value)


def take(statement: Statement, x: Value, labels: Any, axis: Any = None) -> Value:
    """``np.take`` along one axis."""
    if axis is None and len(x.axes) != 1:
        raise BackproofError("np.take", "no axis", "the axis to take from", "add axis=…")
    axis = 0 if axis is None else axis
    place = int(axis) % len(x.axes)
    return select(statement, x, [*([WHOLE] * place), labels])


def take_along(statement: Statement, x: Value, labels: Any, axis: Any = -1) -> Value:
    """``np.take_along_axis``: on other axes the labels stand at their own place."""
    if not isinstance(labels, Label) or len(labels.axes) != len(x.axes):
        raise BackproofError(
            "np.take_along_axis", "other labels", "as many axes as the array", "add axes with None"
        )
    place = int(axis) % len(x.axes)
    items: list[Any] = []
    for n, own in enumerate(labels.axes):
        axes = tuple(own if m == n else None for m in range(len(labels.axes)))
        if n == place:
            items.append(labels)
        elif own is None:
            items.append(0)
        else:
            items.append(Label(axes, own, own.size))
    return select(statement, x, items)


def split(statement: Statement, x: Value, parts: Any, axis: Any = 0) -> list[Value]:
    """Equal parts of an axis, or parts that start at given positions."""
    place = int(axis) % len(x.axes)
    size = x.shape[place]
    if isinstance(parts, tuple | list):
        starts = [sp.S.Zero, *map(sp.sympify, parts), size]
    else:
        count = int(parts)
        starts = [sp.expand(size * k / count) for k in range(count + 1)]
        if not all(s.is_integer for s in starts):
            raise BackproofError(
                "np.split", f"{count} parts of {size}", "equal parts", f"state a size '{count}*n'"
            )
    value = statement.bind(x)
    pairs = itertools.pairwise(starts)
    return [select(statement, value, [*([WHOLE] * place), slice(a, b)]) for a, b in pairs]


def windows(statement: Statement, x: Value, shape: Any, axis: Any = None) -> Value:
    """``sliding_window_view`` of one axis: t[i, j] = x[i + j]."""
    place = 0 if axis is None and len(x.axes) == 1 else axis
    if not isinstance(place, int | sp.Integer):
        raise BackproofError("sliding_window_view", "several axes", "one axis", "say axis=…")
    value = statement.bind(x)
    place = int(place) % len(x.axes)
    (width,) = shape if isinstance(shape, tuple | list) else (shape,)
    width = sp.sympify(width)
    length = sp.expand(x.shape[place] - width + 1)
    i, j = (fresh(Index(statement.letters.of(s), s)) for s in (length, width))
    old = value.axes[place]
    assert old is not None
    new: dict[Index, Subscript] = {old: affine(sp.S.Zero, [(i, sp.S.One), (j, sp.S.One)])}
    return value.renamed(new, (*value.axes[:place], i, *value.axes[place + 1 :], j))


TABLE: dict[str, Any] = {
    "numpy.take": take,
    "numpy.take_along_axis": take_along,
    "numpy.split": split,
    "numpy.array_split": split,
    "numpy.lib.stride_tricks.sliding_window_view": windows,
}
