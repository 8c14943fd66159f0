"""How much a ReLU network errs at least on a target that curves, beside networks that exist.

The curvature of a target is certified: an enclosure of inf |f″| on dyadic intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.certify import certify
from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.numerics.expressivity.piecewise import ReluNetwork
from backproof.numerics.universality.target import Target, X
from backproof.numerics.universality.witnesses.relu_interpolation import relu_interpolation
from backproof.numerics.universality.witnesses.yarotsky import network as yarotsky
from backproof.theory.errors import BackproofError
from backproof.theory.expressivity import curvature
from backproof.theory.universality import triangle

TARGETS = (
    Target("x²", X**2),
    Target("sin 2πx", sp.sin(2 * sp.pi * X)),
    Target("1/(1 + x)", 1 / (1 + X)),
)
GRID = 24  # knots on this grid for the best of all partitions
PIECES = (1, 2, 3, 4, 6, 8, 12)
UNITS = (8, 48)
LEVELS = 3  # up to eight equal intervals


@dataclass(frozen=True)
class LeastError:
    """``bound`` ≤ the error of every network with ReLU layers of these ``widths``.

    ``curved`` holds lower bounds of |f″| on equal intervals of the domain, from enclosures.
    """

    bound: float
    curved: tuple[float, ...]
    widths: tuple[int, ...]


def least_error(
    f: sp.Expr, widths: Sequence[int], domain: tuple[Any, Any] = (0, 1), norm: object = 2
) -> LeastError:
    """A lower bound on ∫(f − N)² or sup |f − N| over all ReLU networks of some widths.

    The best of `backproof.theory.expressivity.curvature.least_error` over 1, 2, 4, … intervals.
    Zero where f″ has no certified sign on any of them.

    >>> x = sp.Symbol("x", real=True)
    >>> found = least_error(x**2, [3, 3], norm="sup")
    >>> abs(found.bound * 2048 - 1) < 1e-6
    True
    """
    if norm not in (2, "sup"):
        raise BackproofError("norm", repr(norm), "2 or 'sup'", "choose one")
    if len(f.free_symbols) != 1:
        raise BackproofError("least_error", str(f), "an expression of one variable", "trace it")
    (x,) = f.free_symbols
    second = sp.diff(f, x, 2)
    low, high = map(Fraction, domain)
    best = LeastError(0.0, (), tuple(widths))
    for level in range(LEVELS + 1):
        q = 2**level
        h = (high - low) / q
        c = tuple(least_curvature(second, low + n * h, low + (n + 1) * h) for n in range(q))
        pairs = [(sp.Float(one, 30), sp.Rational(h)) for one in c]
        bound = float(curvature.least_error(pairs, widths, norm)) * (1 - 1e-12)
        if bound > best.bound:
            best = LeastError(bound, c, tuple(widths))
    return best


@cache
def least_curvature(second: sp.Expr, a: Fraction, b: Fraction) -> float:
    """A lower bound of inf |f″| on [a, b] from an enclosure: M − sup |M ∓ f″|, 0 ≤ ±f″ ≤ M.

    Zero where f″ changes its sign or may do so.
    """
    ends = (sp.Rational(a), sp.Rational(b))
    if not second.free_symbols:
        return abs(float(second))
    middle = second.subs(next(iter(second.free_symbols)), (ends[0] + ends[1]) / 2)
    sign = 1 if sp.N(middle) > 0 else -1
    top = certify(second, 0, ends, 1e-3).upper
    away = certify(sp.Rational(top) - sign * second, 0, ends, 1e-5).upper
    return max(0.0, (top - away) * (1 - 1e-15))


def misfit(a: Fraction, b: Fraction) -> Fraction:
    """min over affine g of ∫ₐᵇ (x² − g)² by moments, as 1 and x − middle are orthogonal."""
    h, m = b - a, (a + b) / 2
    square = (b**5 - a**5) / 5
    mean = (b**3 - a**3) / 3
    slope = (b**4 - a**4) / 4 - m * mean
    return square - mean**2 / h - slope**2 * 12 / h**3


def best_partition(pieces: int) -> Fraction:
    """The least ∫₀¹ (x² − g)² over g of n affine pieces with knots on the grid, by programming."""
    cost = {
        (i, j): misfit(Fraction(i, GRID), Fraction(j, GRID))
        for i in range(GRID)
        for j in range(i + 1, GRID + 1)
    }
    best = {j: cost[0, j] for j in range(1, GRID + 1)}
    for _ in range(pieces - 1):
        best = {
            j: min((best[i] + cost[i, j] for i in best if i < j), default=Fraction(GRID))
            for j in range(1, GRID + 1)
        }
    return best[GRID]


def check(progress: Progress | None = None) -> Evidence:
    """The constants, the best of all partitions, and networks beside the bound."""
    report = progress or silent
    mean = curvature.equal_pieces(curvature.square_in_mean(), True).subs(curvature.L, 1)
    sup = curvature.equal_pieces(curvature.square_in_sup(), False).subs(curvature.L, 1)
    n = curvature.N
    found = []
    for number, p in enumerate(PIECES, 1):
        report("partitions", number, len(PIECES))
        found.append(best_partition(p))
    rows = [
        Row("min ∫₀¹(x² − g)² over n pieces", 1 / (180 * n**4), "=", mean),
        Row("min sup |x² − g| over n pieces", 1 / (8 * n**2), "=", sup),
        Row(
            f"1/(180 n⁴), n = {', '.join(map(str, PIECES))}: best knots of a grid of {GRID}",
            [Fraction(1, 180 * p**4) for p in PIECES],
            "=",
            found,
            level="enumerated",
        ),
    ]
    for number, target in enumerate(TARGETS, 1):
        report("targets", number, len(TARGETS))
        rows += _interpolations(target)
    for m in (2, 4, 6):
        bound = curvature.least_error([(2, 1)], [3] * m, "sup")
        what = f"sup error of x² by Yarotsky's network, {m} layers of 3"
        rows.append(Row(what, bound, "≤", triangle.square_error(m)))
        pieces = ReluNetwork.of(yarotsky(m)).function().pieces
        own = Fraction(1, 8 * pieces**2)
        rows.append(
            Row(f"the same with its own {pieces} pieces", own, "≤", triangle.square_error(m))
        )
    caption = (
        "The sup error of x²: networks of one layer against their bound 1/(8 (m + 1)²), and the "
        "deep network of width three, which no network of one layer can follow."
    )
    return Evidence(rows, _curves(), Axes("ReLU nodes", "sup error", True, True), caption)


def _interpolations(target: Target) -> list[Row]:
    """Chords through N + 1 points: certified errors, and what any network of width N must err."""
    rows = []
    for units in UNITS:
        network = relu_interpolation(target, units).network
        for norm, name in ((2, "L²"), ("sup", "sup")):
            bound = least_error(target.expression, [units], norm=norm).bound
            claim = certify(network, target.expression, (0, 1), 1e-3, norm=norm)
            size = bound**0.5 if norm == 2 else bound
            what = f"{name} error for {target.name}, one layer of {units}"
            rows.append(Row(what, size, "≤", claim.lower, level="certified"))
    return rows


def _curves() -> list[Curve]:
    shallow = [2**e for e in range(1, 10)]
    levels = list(range(1, 11))
    deep = [3 * m for m in levels]
    return [
        Curve("one layer, bound", shallow, [1 / (8 * (m + 1) ** 2) for m in shallow]),
        Curve("one layer, chords", shallow, [1 / (4 * m**2) for m in shallow], "points"),
        Curve("width 3, Yarotsky", deep, [2.0 ** (-2 * m - 2) for m in levels], "points"),
        Curve("width 3, bound", deep, list(np.array([2.0 ** (-4 * m - 3) for m in levels]))),
    ]
