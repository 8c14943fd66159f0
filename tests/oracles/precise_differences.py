"""Derivatives by central differences with many digits: they know the value of a function only.

With h = 2⁻ᵖ at four times the precision p, truncation (of order h²) and cancellation (2⁻⁴ᵖ/h²)
are both of the order 2⁻²ᵖ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import mpmath

Numbers = list[mpmath.mpf]
Function = Callable[[Numbers], Numbers]


def first(function: Function, at: Sequence[mpmath.mpf], place: int) -> Numbers:
    """(f(x + h) − f(x − h)) / 2h for the variable at a place."""
    precision = mpmath.mp.prec
    with mpmath.workprec(4 * precision):
        h = mpmath.ldexp(1, -precision)
        ahead, behind = (function(moved(at, {place: s * h})) for s in (1, -1))
        found = [(a - b) / (2 * h) for a, b in zip(ahead, behind, strict=True)]
    return [+x for x in found]


def second(function: Function, at: Sequence[mpmath.mpf], i: int, j: int) -> Numbers:
    """∂²f/∂x_i∂x_j from four values, or three where i = j."""
    precision = mpmath.mp.prec
    with mpmath.workprec(4 * precision):
        h = mpmath.ldexp(1, -precision)
        if i == j:
            ahead, here, behind = (function(moved(at, {i: s * h})) for s in (1, 0, -1))
            triples = zip(ahead, here, behind, strict=True)
            found = [(a - 2 * m + b) / h**2 for a, m, b in triples]
        else:
            signs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
            corners = [function(moved(at, {i: s * h, j: t * h})) for s, t in signs]
            found = [(a - b - c + d) / (4 * h**2) for a, b, c, d in zip(*corners, strict=True)]
    return [+x for x in found]


def moved(at: Sequence[mpmath.mpf], by: dict[int, mpmath.mpf]) -> Numbers:
    """The point with some coordinates moved."""
    return [x + by.get(n, 0) for n, x in enumerate(at)]
