"""Telgarsky's theorem, computed: pieces, teeth, errors and the bound, in rational numbers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.numerics.expressivity.sawtooth import (
    best_shallow,
    error,
    random_network,
    triangle,
)
from backproof.theory.expressivity import pieces, runs

COMPOSED = tuple(range(1, 11))
CASES = ((10, 2, 5), (10, 1, 64), (12, 3, 4), (13, 2, 16), (9, 2, 4))  # k, l, m
SHAPES = ((1, 3), (2, 2), (3, 1))  # l, m with m ≤ 2^((k − 3)/l − 1) for k = 7
DRAWN = 25  # networks of each shape
POINTS = 7  # 2^7 points for the networks that are drawn


def admissible(k: int, l: int, m: int) -> bool:
    """m ≤ 2^((k−3)/l − 1), in integers: (2m)^l ≤ 2^(k−3).

    >>> admissible(10, 2, 5), admissible(10, 2, 6)
    (True, False)
    """
    return pieces.telgarsky_pieces(l, m) * 8 <= 2**k


def check(progress: Progress | None = None) -> Evidence:
    """The deep network, the bound, and shallow networks that try to do better."""
    report = progress or silent
    rows = _deep(report)
    for k, l, m in CASES:
        t, n = pieces.telgarsky_pieces(l, m), 2**k
        what = f"bound (n − 4t)/(3n) for k = {k}, l = {l}, m = {m}"
        rows.append(Row(what, Fraction(1, 6), "≤", runs.telgarsky(n, t)))
    rng = np.random.default_rng(2015)
    for number, (l, m) in enumerate(SHAPES, 1):
        report("random networks", number, len(SHAPES))
        found = [error(random_network(rng, l, m).function(), POINTS) for _ in range(DRAWN)]
        bound = runs.telgarsky(2**POINTS, pieces.telgarsky_pieces(l, m))
        what = f"least error of {DRAWN} random networks, l = {l}, m = {m}, k = {POINTS}"
        rows.append(Row(what, bound, "≤", min(found)))
    best = error(best_shallow(10, 64).function(), 10)
    rows.append(Row("error of a good network of l = 1, m = 64, k = 10", Fraction(1, 6), "≤", best))
    curves, axes = _figure()
    caption = (
        "Left: compositions of the triangle map. Right: lower bounds on the error of a network of "
        "width m on 1024 alternating points; the deep network errs nowhere."
    )
    return Evidence(rows, curves, axes, caption)


def _deep(report: Progress) -> list[Row]:
    """What f^k does."""
    found = []
    for k in COMPOSED:
        report("compositions", k, len(COMPOSED))
        found.append(triangle(k).function())
    last = COMPOSED[-1]
    network, values = triangle(last), found[-1]
    grid = [values(Fraction(i, 2**last)) for i in range(2**last + 1)]
    alternate = [i % 2 for i in range(2**last + 1)]
    shape = (len(network.layers), max(network.rectified))
    return [
        Row("pieces of f^k, k = 1 … 10", [2**k for k in COMPOSED], "=", [f.pieces for f in found]),
        Row("its teeth", [2 ** (k - 1) for k in COMPOSED], "=", [f.maxima for f in found]),
        Row("i with f^10(i/2^10) ≠ i mod 2", 0, "=", _differ(grid, alternate), level="enumerated"),
        Row("error of f^10 on 2^10 points", 0, "=", error(values, last)),
        Row("layers of f^10, and nodes of the widest", (2 * last, 2), "=", shape),
    ]


def _differ(a: list[Fraction], b: list[int]) -> int:
    return sum(x != y for x, y in zip(a, b, strict=True))


def _figure() -> tuple[list[Curve], list[Axes]]:
    curves = []
    for k in (1, 2, 4):
        f = triangle(k).function()
        name = "f" if k == 1 else f"f∘…∘f, {k} times"
        curves.append(Curve(name, f.knots, f.values))
    n, widths = 2**10, sorted({round(2 ** (e / 2)) for e in range(20)})
    for l in (1, 2, 3):
        bound = [runs.telgarsky(n, pieces.telgarsky_pieces(l, m)) for m in widths]
        positive = [b for b in bound if b > 0]  # it falls with the width
        name = f"l = {l}, (n − 4t)/(3n)"
        curves.append(Curve(name, widths[: len(positive)], positive, panel=1))
        sharp = [runs.continuous(n, pieces.most_pieces([m] * l)) for m in widths]
        curves.append(Curve(f"l = {l}, counted exactly", widths, sharp, panel=1))
    return curves, [Axes("x", "f(x)"), Axes("width m", "error at least", log_x=True)]
