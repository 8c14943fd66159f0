"""Nested sequences of numbers as arrays: their shape, their sizes, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sympy as sp

from backproof.theory.errors import BackproofError
from backproof.theory.evaluation.arithmetic import Arithmetic, Number, is_number
from backproof.theory.notation import Tensor

Nested = Any  # a number, or a tuple of nested arrays of one shape


def shape_of(name: str, value: Any) -> tuple[int, ...]:
    """The shape of nested lists or tuples; anything with ``tolist`` (a NumPy array) is one too.

    >>> shape_of("W", [[1, 2, 3], [4, 5, 6]])
    (2, 3)
    >>> shape_of("W", [[1, 2, 3], [4]])
    Traceback (most recent call last):
    ...
    backproof.theory.errors.BackproofError: W: found rows of shapes (3) and (1); expected rows of \
one shape. Next: complete the shorter row.
    """
    value = _listed(value)
    if not isinstance(value, list | tuple):
        return ()
    if not value:
        raise BackproofError(name, "an empty axis", "at least one entry", "give every axis a size")
    shapes = [shape_of(name, row) for row in value]
    for shape in shapes[1:]:
        if shape != shapes[0]:
            raise BackproofError(
                name,
                f"rows of shapes {_shown(shapes[0])} and {_shown(shape)}",
                "rows of one shape",
                "complete the shorter row",
            )
    return (len(value), *shapes[0])


def leaves_of(value: Any) -> Iterator[Any]:
    """The numbers of nested sequences, in row-major order."""
    value = _listed(value)
    if isinstance(value, list | tuple):
        for row in value:
            yield from leaves_of(row)
    else:
        yield value


def _listed(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


def _shown(shape: tuple[Any, ...]) -> str:
    return f"({', '.join(map(str, shape))})"


def sizes_of(
    shapes: Mapping[Tensor, tuple[int, ...]],
    given: Mapping[str, int],
    wanted: set[sp.Symbol],
) -> dict[sp.Symbol, int]:
    """The sizes that the shapes of tensors and ``given`` sizes tell.

    Raises `BackproofError` when a rank is wrong, two shapes contradict each other, or a size that
    is ``wanted`` cannot be told.
    """
    symbols = {s for t in shapes for size in t.shape for s in size.free_symbols} | wanted
    bounds = {s for t in shapes if t.below is not None for s in t.below.free_symbols}
    by_name = {s.name: s for s in symbols | bounds}
    known: dict[sp.Symbol, int] = {}
    for name, size in given.items():
        if name not in by_name or not isinstance(size, int) or size < 1:
            expected = f"a positive integer for one of {', '.join(sorted(by_name))}"
            raise BackproofError("sizes", f"{name}={size}", expected, "check name and number")
        known[by_name[name]] = size
    pairs = []
    for tensor, shape in shapes.items():
        if len(shape) != len(tensor.shape):
            raise BackproofError(
                tensor.name,
                f"an array of shape {_shown(shape)}",
                f"shape {_shown(tensor.shape)}",
                f"give {len(tensor.shape)} axes",
            )
        pairs += [(tensor, size, extent) for size, extent in zip(tensor.shape, shape, strict=True)]
    pairs.sort(key=lambda pair: not isinstance(pair[1], sp.Symbol))  # n before 2*n
    for tensor, size, extent in pairs:
        _matched(tensor, size, extent, known)
    missing = sorted(s.name for s in wanted - set(known))
    if missing:
        move = f"pass sizes={{{missing[0]!r}: …}}"
        raise BackproofError("sizes", f"no value for {missing[0]}", "every size known", move)
    return known


def _matched(tensor: Tensor, size: sp.Expr, extent: int, known: dict[sp.Symbol, int]) -> None:
    """Learn from ``size = extent``, or check it."""
    value = size.subs(known)
    unknown = value.free_symbols
    if len(unknown) == 1:
        (symbol,) = unknown
        solutions = [s for s in sp.solve(value - extent, symbol) if s.is_Integer and s > 0]
        if len(solutions) == 1:
            known[symbol] = int(solutions[0])
            return
    if unknown:
        raise BackproofError(
            tensor.name,
            f"an axis of size {size} = {extent}",
            f"known sizes {', '.join(sorted(s.name for s in unknown))}",
            "pass them in sizes={…}",
        )
    if value != extent:
        raise BackproofError(
            tensor.name,
            f"{extent} entries on the axis {size}",
            f"{value}, as the other shapes say",
            "give the inputs consistent shapes",
        )


def read_array(
    tensor: Tensor, value: Any, sizes: Mapping[sp.Symbol, int], numbers: Arithmetic
) -> Nested:
    """The nested value as tuples of numbers; labels are checked against their bound."""
    value = _listed(value)
    if isinstance(value, list | tuple):
        return tuple(read_array(tensor, row, sizes, numbers) for row in value)
    if tensor.dtype == "integer":
        return _label(tensor, value, sizes)
    if not is_number(value):
        raise BackproofError(tensor.name, repr(value), "finite real numbers", "replace the entry")
    return numbers.number(value)


def _label(tensor: Tensor, value: Any, sizes: Mapping[sp.Symbol, int]) -> Number:
    bound = sp.sympify(tensor.below).subs(sizes)
    whole = isinstance(value, int | sp.Integer) and not isinstance(value, bool)
    if not whole or value < 0 or (bound.is_Integer and value >= bound):
        expected = f"integers from 0 to {bound - 1}"
        raise BackproofError(tensor.name, f"the label {value!r}", expected, "count labels from 0")
    return int(value)
