"""The exact count of errors on alternating points, and networks that attain it."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np

from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.numerics.expressivity.piecewise import HALF
from backproof.numerics.expressivity.sawtooth import (
    best_shallow,
    error,
    random_network,
    triangle,
)
from backproof.theory.expressivity import pieces, runs, triangle_map

K = 7  # 2^7 points
WIDTHS = (1, 2, 5, 20, 60)
SHAPES = ((1, 3), (1, 8), (2, 3), (2, 4), (3, 2), (3, 3))  # l, m of networks that are drawn
DRAWN = 12
COMPOSED = tuple(range(1, 9))
PROGRAMMED, ENUMERATED = 24, 12  # points, at most


def check(progress: Progress | None = None) -> Evidence:
    """⌈(n − r)/2⌉ as a minimum, found twice; attained by networks, and never undercut."""
    report = progress or silent
    n = 2**K
    counted = [(p, r) for p in range(1, PROGRAMMED + 1) for r in range(1, p + 1)]
    formula = {case: runs.least_errors(*case) for case in counted}
    programmed = sum(runs.by_dynamic_programming(*case) != formula[case] for case in counted)
    report("counting", 1, 2)
    by_hand = enumerated(ENUMERATED)
    wrong = sum(formula[case] != least for case, least in by_hand.items())
    report("counting", 2, 2)
    rows = [
        Row(f"pairs n ≤ {PROGRAMMED}, r where the minimum is not ⌈(n − r)/2⌉", 0, "=", programmed),
        Row(
            f"the same among all 2^n labellings, n ≤ {ENUMERATED}",
            0,
            "=",
            wrong,
            level="enumerated",
        ),
        Row(
            f"least error of t = {', '.join(map(str, WIDTHS))} pieces on 2^{K} points",
            [runs.continuous(n, m) for m in WIDTHS],
            "=",
            [error(best_shallow(K, m).function(), K) for m in WIDTHS],
        ),
    ]
    rng = np.random.default_rng(3)
    for number, (l, m) in enumerate(SHAPES, 1):
        report("random networks", number, len(SHAPES))
        found = [error(random_network(rng, l, m).function(), K) for _ in range(DRAWN)]
        bound = runs.continuous(n, pieces.most_pieces([m] * l))
        what = f"least error of {DRAWN} random networks, l = {l}, m = {m}"
        rows.append(Row(what, bound, "≤", min(found)))
    sharper = runs.continuous(2**10, 2**7)  # (2m)^l = 2^(k−3) pieces, k = 10
    least = Fraction(7, 16) - Fraction(1, 2**11)
    rows.append(Row("7/16 − 2^(−k−1) under Telgarsky's hypothesis, k = 10", least, "≤", sharper))
    distances = [triangle(k).function().distance(HALF) for k in COMPOSED]
    rows.append(Row("∫|f^k − ½|, k = 1 … 8", [Fraction(1, 4)] * len(COMPOSED), "=", distances))
    every = triangle_map.distance_from_half()
    rows.append(Row("the same for every k, by substitution", Fraction(1, 4), "=", every))
    widths = (1, 2, 4, 8, 16, 32, 64, 126)
    attained = [error(best_shallow(K, m).function(), K) for m in widths]
    published = [max(Fraction(0), runs.telgarsky(n, m)) for m in widths]
    curves = [
        Curve("⌈(n − t − 1)/2⌉/n", widths, [runs.continuous(n, m) for m in widths]),
        Curve("networks of one layer", widths, attained, "points"),
        Curve("(n − 4t)/(3n)", widths, published),
    ]
    caption = f"The least error of t pieces on 2^{K} alternating points: attained by networks."
    return Evidence(rows, curves, Axes("pieces t", "error"), caption)


def enumerated(points: int) -> dict[tuple[int, int], int]:
    """The fewest errors by number of points and runs, from every labelling."""
    least: dict[tuple[int, int], int] = {}
    for n in range(1, points + 1):
        for labels in itertools.product((0, 1), repeat=n):
            r = 1 + sum(a != b for a, b in itertools.pairwise(labels))
            errors = sum(b != i % 2 for i, b in enumerate(labels))
            least[n, r] = min(least.get((n, r), n), errors)
    return least
