"""Domains: intervals, boxes and unions of them, as pairs of arrays of ends."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.rounding import Array
from backproof.theory.errors import BackproofError

WANTED = "(a, b), a list of such pairs one a variable, or a list of boxes"


@dataclass(frozen=True)
class Domain:
    """Boxes with ends ``low`` and ``high`` of shape (boxes, d), rounded outwards.

    ``rough_low`` and ``rough_high`` are the ends that were rounded: no point of the domain.
    """

    low: Array
    high: Array
    rough_low: tuple[float, ...] = ()
    rough_high: tuple[float, ...] = ()

    @property
    def dimension(self) -> int:
        """The number of variables."""
        return int(self.low.shape[1])

    def inner(self) -> Domain:
        """Boxes inside the domain: ends that were rounded outwards are moved one number inwards."""
        low = np.where(np.isin(self.low, self.rough_low), np.nextafter(self.low, np.inf), self.low)
        moved = np.nextafter(self.high, -np.inf)
        high = np.where(np.isin(self.high, self.rough_high), moved, self.high)
        return Domain(low, high)

    def inside(self, points: Array) -> Array:
        """The points, moved from ends that were rounded outwards to the next number inside."""
        for rough, towards in ((self.rough_low, np.inf), (self.rough_high, -np.inf)):
            for end in rough:
                points = np.where(points == end, np.nextafter(end, towards), points)
        return points


def read(domain: Any, dimension: int) -> Domain:
    """The boxes of a domain.

    ``(a, b)`` is an interval, or the cube [a, b]^d; ``[(a, b), (c, d)]`` is a box with one pair a
    variable, or in one dimension a union of intervals; ``[[(a, b), (c, d)], …]`` a union of boxes.
    Ends are numbers or SymPy numbers.

    >>> domain = read((0, 1), 2)
    >>> domain.low.tolist(), domain.high.tolist()
    ([[0.0, 0.0]], [[1.0, 1.0]])
    """
    boxes = _boxes(domain, dimension)
    for box in boxes:
        if len(box) != dimension:
            raise BackproofError(
                "domain",
                f"{len(box)} intervals",
                f"{dimension}, one a variable",
                "give each its own",
            )
        for pair in box:
            if _depth(pair) != 1 or len(pair) != 2:
                raise BackproofError("domain", repr(pair), "pairs (a, b)", "give two ends")
    ends = [[[_end(pair[n], 2 * n - 1) for pair in box] for box in boxes] for n in (0, 1)]
    low, high = (np.array([[end for end, _ in box] for box in side]) for side in ends)
    if not (np.isfinite(low).all() and np.isfinite(high).all() and (low < high).all()):
        raise BackproofError("domain", repr(domain), "a < b, both finite", "give a bounded domain")
    rough = [tuple(end for box in side for end, exact in box if not exact) for side in ends]
    return Domain(low, high, *rough)


def _boxes(domain: Any, dimension: int) -> list[list[Any]]:
    depth = _depth(domain)
    if depth == 1:
        return [[domain] * dimension]
    if depth == 2 and dimension == 1:
        return [[pair] for pair in domain]
    if depth == 2:
        return [list(domain)]
    if depth == 3:
        return [list(box) for box in domain]
    raise BackproofError("domain", repr(domain), WANTED, "give the ends of an interval")


def _depth(domain: Any) -> int:
    depth = 0
    while isinstance(domain, list | tuple | np.ndarray):
        if not len(domain):
            return -1
        depth += 1
        domain = domain[0]
    return depth


def _end(value: Any, direction: int) -> tuple[float, bool]:
    """A float at the end or next to it outside, and whether it is the end."""
    if isinstance(value, bool | str) or not isinstance(value, Real | sp.Expr):
        raise BackproofError("domain", repr(value), "a real number", "give numbers")
    if isinstance(value, float | np.floating):
        return float(value), True
    exact = sp.sympify(value)
    if not (exact.is_number and exact.is_real):
        raise BackproofError("domain", repr(value), "a real number", "give numbers")
    number = float(exact)
    error = sp.Rational(number) - (exact if exact.is_Rational else exact.evalf(40))
    if error == 0:
        return number, True
    outside = error * direction > 0
    return (number if outside else float(np.nextafter(number, direction * np.inf))), False
