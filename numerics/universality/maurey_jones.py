"""The theorem of Maurey and Jones, computed: the mean over all draws, every iterate."""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import prod

import numpy as np

from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.numerics.universality.greedy import Run, orthogonal, relaxed, step_dictionary
from backproof.numerics.universality.target import TARGETS

POINTS = 128
STEPS = 30
# Units on four points with equal weights, and the weights of f.
UNITS = ((1, 1, 1, 1), (0, 1, 1, 1), (0, 0, 1, -1), (0, 0, 0, 1))
SHARES = (Fraction(1, 6), Fraction(1, 3), Fraction(1, 4), Fraction(1, 4))


def check(progress: Progress | None = None) -> Evidence:
    """Maurey's average in rational numbers, and the two algorithms on every target."""
    report = progress or silent
    rows = [_average(n) for n in (1, 2, 3, 4)]
    curves = []
    for number, target in enumerate(TARGETS, 1):
        report("targets", number, len(TARGETS))
        dictionary, f, total = step_dictionary(target(np.arange(POINTS) / POINTS))
        for algorithm in (relaxed, orthogonal):
            run = algorithm(dictionary, f, total, STEPS)
            what = f"largest of {STEPS} errors over their bounds, {run.name}, {target.name}"
            worst = float((run.errors / run.bounds).max())
            rows.append(Row(what, 1.0, "≥", worst, 1e-12, "computed"))
            worst = recursion(run, total)
            what = f"largest violation of the recursion, {run.name}, {target.name}"
            rows.append(Row(what, 0.0, "≥", worst, 1e-12 * total**2, "computed"))
            if number == 1:
                n = np.arange(len(run.errors)) + (run.name == "relaxed")
                curves.append(Curve(f"bound, {run.name}", n, run.bounds))
                curves.append(Curve(f"error, {run.name}", n, run.errors, "points"))
    caption = f"Greedy steps for {TARGETS[0].name}: the error of every iterate under its bound."
    return Evidence(rows, curves, Axes("units n", "mean square error", log_y=True), caption)


def recursion(run: Run, total: float) -> float:
    """By how much an iterate exceeds what the last one allows, at most."""
    e = run.errors
    if run.name == "relaxed":
        n = np.arange(2, len(e) + 1)
        allowed = (1 - 1 / n) ** 2 * e[:-1] + total**2 / n**2
    else:
        allowed = e[:-1] * (1 - e[:-1] / total**2)
    return float((e[1:] - allowed).max())


def _average(n: int) -> Row:
    """E‖f − mean of n draws‖² over all draws, each with its probability."""
    f = [sum((p * g[i] for p, g in zip(SHARES, UNITS, strict=True)), Fraction(0)) for i in range(4)]
    mean = Fraction(0)
    for draw in itertools.product(range(len(UNITS)), repeat=n):
        chance = prod((SHARES[j] for j in draw), start=Fraction(1))
        gaps = [f[i] - Fraction(sum(UNITS[j][i] for j in draw), n) for i in range(4)]
        mean += chance * sum((gap**2 for gap in gaps), Fraction(0)) / 4
    sizes = [Fraction(sum(v * v for v in g), 4) for g in UNITS]
    spread = sum((p * s for p, s in zip(SHARES, sizes, strict=True)), Fraction(0))
    expected = (spread - sum((v * v for v in f), Fraction(0)) / 4) / n
    return Row(f"E‖f − average‖² over all {len(UNITS)}^{n} draws", expected, "=", mean)
