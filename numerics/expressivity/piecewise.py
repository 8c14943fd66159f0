"""Continuous piecewise affine functions of one variable in rational numbers, and ReLU networks.

A network of one input is such a function. Its breakpoints are propagated layer by layer, exactly:
weights are fractions, and float64 weights are fractions too.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from backproof.numerics.enclosures.feedforward import FeedForward
from backproof.theory.errors import BackproofError
from backproof.theory.scalars import relu

HALF = Fraction(1, 2)
Row = tuple[Fraction, ...]
Rational = Fraction | int


@dataclass(frozen=True)
class PiecewiseAffine:
    """The function through (knots, values) that is affine in between, on [knots[0], knots[-1]].

    >>> zero, one = Fraction(0), Fraction(1)
    >>> tent = PiecewiseAffine((zero, HALF, one), (zero, one, zero))
    >>> tent(Fraction(1, 4)), tent.pieces, tent.runs(HALF), tent.maxima
    (Fraction(1, 2), 2, 3, 1)
    """

    knots: Row
    values: Row

    def __post_init__(self) -> None:
        increasing = all(a < b for a, b in itertools.pairwise(self.knots))
        if len(self.knots) < 2 or len(self.knots) != len(self.values) or not increasing:
            raise BackproofError(
                "PiecewiseAffine",
                f"{len(self.knots)} knots and {len(self.values)} values",
                "two or more knots that increase, and a value for each",
                "mend the knots",
            )

    def __call__(self, x: Rational) -> Fraction:
        """The value at a point of the interval."""
        if not self.knots[0] <= x <= self.knots[-1]:
            inside = f"a point of [{self.knots[0]}, {self.knots[-1]}]"
            raise BackproofError("PiecewiseAffine", f"x = {x}", inside, "stay inside")
        n = min(bisect_right(self.knots, x), len(self.knots) - 1)
        (a, b), (u, v) = self.knots[n - 1 : n + 1], self.values[n - 1 : n + 1]
        return u + (v - u) * (Fraction(x) - a) / (b - a)

    @property
    def slopes(self) -> Row:
        """The slope between each two knots."""
        points = itertools.pairwise(zip(self.knots, self.values, strict=True))
        return tuple((v - u) / (b - a) for (a, u), (b, v) in points)

    @property
    def pieces(self) -> int:
        """The number of maximal intervals on which the function is affine."""
        return 1 + sum(a != b for a, b in itertools.pairwise(self.slopes))

    @property
    def reduced(self) -> PiecewiseAffine:
        """The same function with a knot only where the slope changes."""
        slopes = self.slopes
        kept = [0, *(n for n in range(1, len(slopes)) if slopes[n - 1] != slopes[n]), len(slopes)]
        return PiecewiseAffine(
            tuple(self.knots[n] for n in kept), tuple(self.values[n] for n in kept)
        )

    @property
    def maxima(self) -> int:
        """The number of strict local maxima inside the interval, a plateau counted once."""
        signs = [s > 0 for s in self.slopes if s != 0]
        return sum(a and not b for a, b in itertools.pairwise(signs))

    def crossing(self, level: Rational) -> PiecewiseAffine:
        """The same function with a knot wherever it takes ``level`` between two knots."""
        knots, values = [self.knots[0]], [self.values[0]]
        for (a, b), (u, v) in zip(
            itertools.pairwise(self.knots), itertools.pairwise(self.values), strict=True
        ):
            if (u - level) * (v - level) < 0:
                knots.append(a + (b - a) * (level - u) / (v - u))
                values.append(Fraction(level))
            knots.append(b)
            values.append(v)
        return PiecewiseAffine(tuple(knots), tuple(values))

    def runs(self, level: Rational) -> int:
        """The number of maximal intervals (or points) on which 1[f ≥ level] is constant."""
        cut = self.crossing(level)
        states: list[bool] = [cut.values[0] >= level]
        for u, v in itertools.pairwise(cut.values):
            states += [max(u, v) > level or u == v == level, v >= level]
        return 1 + sum(a != b for a, b in itertools.pairwise(states))

    def distance(self, level: Rational) -> Fraction:
        """∫ |f − level|, exactly."""
        cut = self.crossing(level)
        total = Fraction(0)
        for (a, b), (u, v) in zip(
            itertools.pairwise(cut.knots), itertools.pairwise(cut.values), strict=True
        ):
            total += (b - a) * (abs(u - level) + abs(v - level)) / 2
        return total


@dataclass(frozen=True)
class ReluNetwork:
    """Layers (W, b) of fractions, a ReLU after each but, if ``linear`` holds, the last.

    >>> ReluNetwork.of([([[1], [1]], [0, -HALF]), ([[2, -4]], [0])], linear=False)(Fraction(3, 8))
    Fraction(3, 4)
    """

    layers: tuple[tuple[tuple[Row, ...], Row], ...]
    linear: bool = True

    @staticmethod
    def of(layers: Any, linear: bool = True) -> ReluNetwork:
        """From nested numbers, or from a `FeedForward` whose activations are ReLU."""
        if isinstance(layers, FeedForward):
            *hidden, last = layers.layers
            if any(layer.activation is not relu for layer in hidden) or last.activation:
                raise BackproofError(
                    "ReluNetwork", "another activation", "ReLU and a linear output", "use relu"
                )
            layers = [(layer.weights.tolist(), layer.bias.tolist()) for layer in layers.layers]
        exact = []
        width = 1
        for number, (weights, bias) in enumerate(layers, 1):
            rows = tuple(tuple(map(Fraction, row)) for row in weights)
            if len(rows) != len(bias) or any(len(row) != width for row in rows):
                raise BackproofError(
                    f"layer {number}",
                    f"rows of lengths {[len(row) for row in rows]} and {len(bias)} biases",
                    f"rows of length {width}, one a bias",
                    "give W one row a unit and one column an input",
                )
            exact.append((rows, tuple(map(Fraction, bias))))
            width = len(rows)
        if width != 1:
            raise BackproofError("ReluNetwork", f"{width} outputs", "one", "add an output layer")
        return ReluNetwork(tuple(exact), linear)

    @property
    def rectified(self) -> tuple[int, ...]:
        """The widths of the layers that end with a ReLU."""
        widths = tuple(len(bias) for _, bias in self.layers)
        return widths[:-1] if self.linear else widths

    def __call__(self, x: Rational) -> Fraction:
        """The value at one point, without breakpoints."""
        h: list[Fraction] = [Fraction(x)]
        for number, (rows, bias) in enumerate(self.layers, 1):
            h = [sum(map(_times, row, h), b) for row, b in zip(rows, bias, strict=True)]
            if number < len(self.layers) or not self.linear:
                h = [max(z, Fraction(0)) for z in h]
        return h[0]

    def function(self, domain: tuple[Rational, Rational] = (0, 1)) -> PiecewiseAffine:
        """The network as a piecewise affine function on an interval, every breakpoint exact."""
        knots: list[Fraction] = [Fraction(end) for end in domain]
        units: list[list[Fraction]] = [list(knots)]  # the values of every unit at the knots
        for number, (rows, bias) in enumerate(self.layers, 1):
            columns = list(zip(*units, strict=True))
            units = [
                [sum(map(_times, row, h), b) for h in columns]
                for row, b in zip(rows, bias, strict=True)
            ]
            if number < len(self.layers) or not self.linear:
                knots, units = _rectified(knots, units)
        return PiecewiseAffine(tuple(knots), tuple(units[0])).reduced


def _times(a: Fraction, b: Fraction) -> Fraction:
    return a * b


def _rectified(
    knots: Sequence[Fraction], units: Sequence[Sequence[Fraction]]
) -> tuple[list[Fraction], list[list[Fraction]]]:
    """max(0, ·) of every unit, with a knot at each zero of each unit between two knots."""
    new = [knots[0]]
    values = [[max(unit[0], Fraction(0))] for unit in units]
    for n in range(1, len(knots)):
        a, width = knots[n - 1], knots[n] - knots[n - 1]
        ends = [(unit[n - 1], unit[n]) for unit in units]
        # where between the two, as a share of the way, some unit passes through zero
        shares = sorted({u / (u - v) for u, v in ends if u * v < 0})
        for share in (*shares, Fraction(1)):
            new.append(a + width * share)
            for unit, (u, v) in zip(values, ends, strict=True):
                unit.append(max(u + (v - u) * share, Fraction(0)))
    return new, values
