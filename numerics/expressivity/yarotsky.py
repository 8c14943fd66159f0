"""The square by a deep network: its pieces, and its error on every one of them."""

from __future__ import annotations

import itertools
from fractions import Fraction

from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.numerics.expressivity.piecewise import PiecewiseAffine, ReluNetwork
from backproof.numerics.universality.witnesses.yarotsky import network
from backproof.theory.universality import triangle

LEVELS = (1, 2, 3, 4, 6, 8)


def distance_from_square(f: PiecewiseAffine) -> Fraction:
    """sup |x² − f|, exactly: at a knot, or where 2x is the slope of a piece.

    >>> distance_from_square(ReluNetwork.of(network(3)).function())
    Fraction(1, 256)
    """
    candidates = list(f.knots)
    for (a, b), slope in zip(itertools.pairwise(f.knots), f.slopes, strict=True):
        if a < slope / 2 < b:
            candidates.append(slope / 2)
    return max(abs(x * x - f(x)) for x in candidates)


def check(progress: Progress | None = None) -> Evidence:
    """Exact errors of the networks, and of the formula that they carry out."""
    report = progress or silent
    rows, curves = [], []
    for number, m in enumerate(LEVELS, 1):
        report("levels", number, len(LEVELS))
        net = ReluNetwork.of(network(m))
        f = net.function()
        rows.append(
            Row(f"sup error, m = {m}", Fraction(1, 4 ** (m + 1)), "=", distance_from_square(f))
        )
        rows.append(Row(f"pieces and widest layer, m = {m}", (2**m, 3), "=", _shape(net, f)))
        if m <= 3:
            x = [Fraction(n, 128) for n in range(129)]
            curves.append(Curve(f"m = {m}", x, [f(t) - t * t for t in x]))
    stated = [triangle.square_error(m) for m in LEVELS]
    predicted = [Fraction(1, 4 ** (m + 1)) for m in LEVELS]
    names = ", ".join(map(str, LEVELS))
    rows.append(
        Row(f"x − Σ Tˢ(x)/4ˢ at the middles of chords, m = {names}", predicted, "=", stated)
    )
    caption = "What is above x²: each layer takes away three quarters of the error."
    return Evidence(rows, curves, Axes("x", "network − x²"), caption)


def _shape(net: ReluNetwork, f: PiecewiseAffine) -> tuple[int, int]:
    return f.pieces, max(net.rectified)
