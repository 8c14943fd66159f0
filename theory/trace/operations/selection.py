"""Indexing: new axes, whole axes, fixed positions, and labels (``z[np.arange(n), y]``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.notation import Affine, Entry, Index, Ones, Subscript, rename_subscript
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Axis, Label, Value, broadcast_axes


def select(statement: Statement, value: Value, items: Sequence[Any]) -> Value:
    """``value[items]`` with items from: ``None``, ``:``, ``...``, an integer, a label array."""
    items = _without_ellipsis(items, len(value.axes))
    given = sum(item is not None for item in items)
    if given > len(value.axes):
        raise BackproofError(
            "index", f"{given} subscripts", f"at most {len(value.axes)}, one an axis", "drop some"
        )
    items = [*items, *([slice(None)] * (len(value.axes) - given))]
    if all(
        item is None or item == slice(None) for item in items if not isinstance(item, Label)
    ) and not any(isinstance(item, Label) for item in items):
        remaining = iter(value.axes)
        return Value(tuple(None if item is None else next(remaining) for item in items), value.rhs)
    return _positions(statement.bind(value), items)


def _without_ellipsis(items: Sequence[Any], rank: int) -> list[Any]:
    if Ellipsis not in items:
        return list(items)
    place = list(items).index(Ellipsis)
    given = sum(item is not None and item is not Ellipsis for item in items)
    return [*items[:place], *([slice(None)] * (rank - given)), *items[place + 1 :]]


def _positions(value: Value, items: Sequence[Any]) -> Value:
    """Entries at fixed positions and labels; the label axes stand where NumPy puts them."""
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
    spots: list[int] = []
    remaining = iter(value.axes)
    for order, item in enumerate(items):
        if item is None:
            axes.append(None)
            continue
        axis = next(remaining)
        if item == slice(None) and not isinstance(item, Label):
            axes.append(axis)
            continue
        if isinstance(item, slice):
            raise UnsupportedError(
                "index",
                "a slice with bounds",
                "':' or a position",
                "slice the input before the call",
            )
        if axis is None:
            raise BackproofError(
                "index", "a subscript on an axis of size one", "':'", "drop the axis"
            )
        if isinstance(item, Label):
            if item.below != axis.size:
                raise BackproofError(
                    "index",
                    f"labels below {item.below} on an axis of size {axis.size}",
                    "equal bounds",
                    "declare the labels with below= the size of the axis",
                )
            subscripts[place_of[axis]] = next(turned)
            spots.append(order)
            if len(spots) == 1:
                start = len(axes)
        else:
            position = sp.sympify(getattr(item, "constant", item))
            if not isinstance(position, sp.Expr) or not position.is_integer:
                raise BackproofError(
                    "index", str(item), "an integer, ':' or labels", "fix the index"
                )
            subscripts[place_of[axis]] = Affine(
                position if position.is_nonnegative else axis.size + position
            )
    if spots:
        adjacent = spots[-1] - spots[0] == len(spots) - 1
        axes[start if adjacent else 0 : start if adjacent else 0] = common
    term = Contraction(sp.S.One, (Entry(entry.tensor, tuple(subscripts)),))
    missing = [a for a in axes if isinstance(a, Index) and a not in term.free]
    return Value(
        tuple(axes), Sum((Contraction(sp.S.One, (*term.factors, *(Ones(i) for i in missing))),))
    )


def take(statement: Statement, x: Value, labels: Any, axis: Any = 0) -> Value:
    """``np.take`` along one axis."""
    place = int(axis) % len(x.axes)
    return select(statement, x, [*([slice(None)] * place), labels])


TABLE: dict[str, Any] = {"numpy.take": take}
