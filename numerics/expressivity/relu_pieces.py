"""The pieces of ReLU networks of one input: the bound, networks that attain it, random ones."""

from __future__ import annotations

import numpy as np

from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.numerics.expressivity.piecewise import ReluNetwork
from backproof.numerics.expressivity.sawtooth import random_network
from backproof.theory.expressivity import pieces

FOLDED = ((3, 1), (3, 4), (4, 3), (5, 3), (8, 2))  # m, l of networks that attain (m + 1)^l
SHAPES = ((1, 3), (1, 8), (2, 3), (2, 4), (3, 2), (3, 3), (4, 3))  # l, m of networks drawn
DRAWN = 15
NARROW = {  # networks of two layers that attain the bound for m = 1 and m = 2, below (m + 1)²
    1: [([[1]], [0]), ([[-1]], [1]), ([[1]], [0])],
    2: [
        ([[2], [-2]], [1, -5]),
        ([[-2, -3], [-3, -5]], [3, 4]),
        ([[1, -3]], [0]),
    ],
}


def check(progress: Progress | None = None) -> Evidence:
    """Pieces counted by exact propagation of breakpoints."""
    report = progress or silent
    _, difference = pieces.recursion()
    rows = [Row("(m + 1)(K + 1) − (K + m(K + 1) + 1)", 0, "=", difference)]
    most = []
    for n, (m, l) in enumerate(FOLDED, 1):
        report("folded networks", n, len(FOLDED))
        most.append(ReluNetwork.of(pieces.folded(m, l)).function().pieces)
    names = ", ".join(map(str, FOLDED))
    bound = [pieces.most_pieces([m] * l) for m, l in FOLDED]
    rows.append(Row(f"pieces of folded networks, (m, l) = {names}", bound, "=", most))
    rng = np.random.default_rng(1)
    for n, (l, m) in enumerate(SHAPES, 1):
        report("random networks", n, len(SHAPES))
        found = [random_network(rng, l, m).function((-4, 4)).pieces for _ in range(DRAWN)]
        what = f"most pieces of {DRAWN} random networks, l = {l}, m = {m}"
        rows.append(Row(what, pieces.most_pieces([m] * l), "≥", max(found)))
    for m in (1, 2, 3):
        patterns = len(pieces.alternating(m))
        what = f"orientations of {m} ReLUs for which slopes can alternate"
        rows.append(Row(what, (0, 0, 2)[m - 1], "=", patterns, level="enumerated"))
    for m, layers in NARROW.items():
        attained = ReluNetwork.of(layers).function((-20, 20)).pieces
        what = f"pieces of a network, l = 2, m = {m}: the most there are, below {(m + 1) ** 2}"
        rows.append(Row(what, pieces.narrow_pieces(2, m), "=", attained))
        found = [random_network(rng, 2, m).function((-20, 20)).pieces for _ in range(DRAWN)]
        what = f"most pieces of {DRAWN} random networks, l = 2, m = {m}"
        rows.append(Row(what, pieces.narrow_pieces(2, m), "≥", max(found)))
    curves = [
        Curve(f"folded, {l} layers", function.knots, function.values, panel=panel)
        for panel, l in enumerate((1, 3))
        for function in [ReluNetwork.of(pieces.folded(3, l)).function()]
    ]
    caption = "Networks of width three that attain the bound: 4 pieces a layer, 4³ in three."
    return Evidence(rows, curves, [Axes("x", "N(x)"), Axes("x", "N(x)")], caption)
