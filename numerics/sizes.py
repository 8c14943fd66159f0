"""Sizes at a call: every axis a whole number, and none empty that an extreme is taken over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sympy as sp

from backproof.theory.equations import Equation, Reduction, every_index
from backproof.theory.errors import BackproofError
from backproof.theory.notation import POSITION, Affine, Entry, bounds, entries_in, inside


def check_sizes(equations: Sequence[Equation], sizes: Mapping[sp.Symbol, int]) -> None:
    """Refuse numbers for which an axis such as ``n/2`` or ``L-k+1`` has no size.

    Raises `BackproofError` with the size, its value, and the numbers that gave it.
    """
    known = {symbol: sp.Integer(n) for symbol, n in sizes.items()}
    for size in dict.fromkeys(i.size for e in equations for i in every_index(e)):
        extent = size.xreplace(known)
        if not extent.is_Integer or extent < 0:
            _refuse(size, extent, sizes, "a whole number of 0 or more")
    for equation in equations:
        for factor in equation.rhs.factors:
            for entry in entries_in(factor):
                _check_places(entry, sizes, known)
        if isinstance(equation.rhs, Reduction) and equation.rhs.kind != "prod":
            for index in equation.rhs.over:
                if index.size.xreplace(known) == 0:
                    wanted = f"at least one entry for the {equation.rhs.kind} of {equation}"
                    _refuse(index.size, sp.S.Zero, sizes, wanted)


def _check_places(
    entry: Entry, sizes: Mapping[sp.Symbol, int], known: Mapping[sp.Symbol, sp.Integer]
) -> None:
    """Refuse a slice or window that reaches over the edge of its axis at these sizes."""
    for subscript, size in zip(entry.subscripts, entry.tensor.shape, strict=True):
        if not isinstance(subscript, Affine) or inside(subscript, size):
            continue
        if entry.tensor.name == POSITION:  # a counter's number, which may be any
            continue
        low, high = (bound.xreplace(known) for bound in bounds(subscript))
        if high >= low and (low < 0 or high >= size.xreplace(known)):
            facts = ", ".join(f"{s} = {n}" for s, n in sizes.items())
            raise BackproofError(
                entry.tensor.name,
                f"positions {low} … {high} on an axis of size {size.xreplace(known)} with {facts}",
                "positions inside the axis",
                "pass larger arrays",
            )


def _refuse(size: sp.Expr, extent: sp.Expr, sizes: Mapping[sp.Symbol, int], wanted: str) -> None:
    facts = ", ".join(f"{s} = {n}" for s, n in sizes.items() if size.has(s))
    found = f"an axis of size {size} = {extent}" + (f" with {facts}" if facts else "")
    raise BackproofError("kernel", found, wanted, "pass arrays of other shapes")
