"""Indexing: new axes, whole axes, slices, fixed positions, and labels (``z[np.arange(n), y]``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.notation import (
    Affine,
    Entry,
    Index,
    Subscript,
    affine,
    bounds,
    fresh,
    inside,
    rename_subscript,
)
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
    if all(item is None or _is_whole(item) for item in items):
        remaining = iter(value.axes)
        return Value(tuple(None if i is None else next(remaining) for i in items), value.rhs)
    return _positions(statement, statement.bind(value), items)


def _is_whole(item: Any) -> bool:
    return isinstance(item, slice) and item == WHOLE


def _without_ellipsis(items: Sequence[Any], rank: int) -> list[Any]:
    places = [n for n, item in enumerate(items) if item is Ellipsis]
    if not places:
        return list(items)
    given = sum(item is not None and item is not Ellipsis for item in items)
    return [*items[: places[0]], *([WHOLE] * (rank - given)), *items[places[0] + 1 :]]


def _positions(statement: Statement, value: Value, items: Sequence[Any]) -> Value:
    """Entries at slices, positions and labels; the label axes stand where NumPy puts them."""
    entry = value.entry
    assert entry is not None
    labels = [item for item in items if isinstance(item, Label)]
    common, renames = broadcast_axes([label.axes for label in labels]) if labels else ((), [])
    turned = iter(
        rename_subscript(label.subscript, new) for label, new in zip(labels, renames, strict=True)
    )
    place_of = {axis: n for n, axis in enumerate(entry.subscripts)}
    subscripts: list[Subscript] = list(entry.subscripts)
    axes: list[Axis] = []
    spots: list[tuple[int, int]] = []  # of labels and positions: NumPy takes both for one block
    remaining = iter(value.axes)
    for order, item in enumerate(items):
        if item is None:
            axes.append(None)
            continue
        axis = next(remaining)
        if _is_whole(item):
            axes.append(axis)
            continue
        if axis is None and isinstance(item, int | sp.Integer) and item in (0, -1):
            spots.append((order, len(axes)))  # the only position there is
            continue
        if axis is None:
            raise BackproofError(
                "index", "a subscript on an axis of size 1", "':'", "drop the axis"
            )
        if isinstance(item, slice):
            index, subscripts[place_of[axis]] = _slice(statement, item, axis)
            axes.append(index)
        elif isinstance(item, Label):
            _check_labels(item, axis)
            subscripts[place_of[axis]] = _whole_or(next(turned), axis)
            spots.append((order, len(axes)))
        else:
            spots.append((order, len(axes)))
            subscripts[place_of[axis]] = _fixed(item, axis)
    if common:
        (first, start), (last, _) = spots[0], spots[-1]
        start = start if last - first == len(spots) - 1 else 0
        axes[start:start] = common
    return Value(
        tuple(axes), Sum((Contraction(sp.S.One, (Entry(entry.tensor, tuple(subscripts)),)),))
    )


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
    if inside(subscript, axis.size) is not True:
        low, high = bounds(subscript)
        raise BackproofError(
            "slice",
            f"positions {low} … {high} on an axis of size {axis.size}",
            "a slice that is provably on the axis",
            "state the axis by a size such as 'n+1', or slice to the end",
        )
    return index, subscript


def _bound(given: Any, default: sp.Expr, axis: Index) -> Affine:
    if given is None:
        return Affine(default)
    if isinstance(given, Label) and not isinstance(given.subscript, Entry):
        return affine(sp.S.Zero, [(given.subscript, sp.S.One)])
    value = sp.sympify(getattr(given, "constant", given))
    return Affine(axis.size + value if value.is_negative else value)


def take(statement: Statement, x: Value, labels: Any, axis: Any = None) -> Value:
    """``np.take`` along one axis."""
    if axis is None and len(x.axes) != 1:
        raise BackproofError("np.take", "no axis", "the axis to take from", "add axis=…")
    axis = 0 if axis is None else axis
    place = int(axis) % len(x.axes)
    return select(statement, x, [*([WHOLE] * place), labels])


TABLE: dict[str, Any] = {"numpy.take": take}
