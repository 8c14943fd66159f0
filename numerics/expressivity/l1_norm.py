"""[‖x‖₁ − 1]₊ by its network of depth three, at rational points in growing dimension."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import sympy as sp

from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.theory.evaluation.exact import evaluate
from backproof.theory.expressivity import l1_norm

DIMENSIONS = (1, 2, 3, 5, 8)
POINTS = 20


def check(progress: Progress | None = None) -> Evidence:
    """Exact values of the network's equations against those of the target's."""
    report = progress or silent
    rng = np.random.default_rng(7)
    network, target = l1_norm.network(), l1_norm.target()
    p = sp.Symbol("p", nonnegative=True)
    rows = [
        Row("relu(t) + relu(−t) for t = p and t = −p, p ≥ 0", (p, p), "=", l1_norm.both_sides())
    ]
    for number, d in enumerate(DIMENSIONS, 1):
        report("dimensions", number, len(DIMENSIONS))
        W, u = l1_norm.weights(d)
        points = [rational_point(rng, d) for _ in range(POINTS)]
        found = [evaluate(network, {"W": W, "u": u, "x": x})["f"] for x in points]
        stated = [evaluate(target, {"x": x})["f"] for x in points]
        positive = sum(bool(value > 0) for value in stated)
        what = f"network and target differ, d = {d}, {POINTS} rational points ({positive} positive)"
        rows.append(Row(what, 0, "=", sum(a != b for a, b in zip(found, stated, strict=True))))
        rows.append(Row(f"nodes of its layers, d = {d}", (2 * d, 1), "=", (len(u), 1)))
    half, three = sp.Rational(1, 2), sp.Integer(3)
    jumps = l1_norm.slope_jump([half, half]), l1_norm.slope_jump([three, 1 - three])
    rows.append(Row("jump of the slope across x + y = 1, on and off the face", (2, 0), "=", jumps))
    t = [Fraction(n, 20) for n in range(-40, 41)]
    curves = [
        Curve(f"x₂ = {c}", t, [max(abs(x) + abs(c) - 1, Fraction(0)) for x in t])
        for c in (Fraction(0), Fraction(1, 2), Fraction(1))
    ]
    caption = "[‖x‖₁ − 1]₊ along lines: its kinks end, those of a network of depth two do not."
    return Evidence(rows, curves, Axes("x₁", "[|x₁| + |x₂| − 1]₊"), caption)


def rational_point(rng: np.random.Generator, d: int) -> list[sp.Rational]:
    """Halves of the points have a norm above one, about."""
    return [sp.Rational(int(k), 8 * d) for k in rng.integers(-18, 19, d)]
