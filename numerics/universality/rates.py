"""Checks of the theorems of universality that name a rate: Jackson's and Barron's."""

from __future__ import annotations

import numpy as np
import sympy as sp

from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.numerics.universality.greedy import relaxed, step_dictionary
from backproof.numerics.universality.jackson import least_weight, mean_distance
from backproof.numerics.universality.target import TARGETS
from backproof.numerics.universality.witnesses.jackson import MEAN_DISTANCE, jackson
from backproof.theory.universality import barron
from backproof.theory.universality import jackson as densities

DIMENSIONS = (1, 2, 3, 4, 10)
PIECES = 8
STEPS = 60
POINTS = 200


def check_jackson(progress: Progress | None = None) -> Evidence:
    """The constant for every n, and the certified errors of the operator."""
    report = progress or silent
    constant = mean_distance()
    rows = [Row("K_n for every n", MEAN_DISTANCE, "≥", constant.bound, level="certified")]
    for n in (1, 5):
        least = 1 - least_weight(n).upper
        at_end = float(densities.weight(0, n).subs(densities.U, 0).evalf(20))
        what = f"least sum of densities, n = {n}, is that at the end"
        rows.append(Row(what, at_end, "~", least, 1e-8, "certified"))
    predicted, found = [], []
    for number, target in enumerate(TARGETS, 1):
        report("targets", number, len(TARGETS))
        witness = jackson(target, PIECES)
        predicted.append(witness.predicted)
        found.append(witness.claim.upper)
        what = f"sup |F_n f − f| for {target.name}, n = {PIECES}"
        rows.append(Row(what, witness.predicted, "≥", witness.claim.upper, level="certified"))
    low, high = min(found) / 2, max(predicted) * 2
    curves = [
        Curve("equal", (low, high), (low, high)),
        Curve("targets", predicted, found, "points"),
    ]
    caption = "Certified errors against the bound (1 + K_n) ω(f, 1/n)."
    return Evidence(rows, curves, Axes("bound", "certified error", True, True), caption)


def check_barron(progress: Progress | None = None) -> Evidence:
    """The constants C_f, and a greedy network that keeps the bound."""
    report = progress or silent
    rows = []
    for number, d in enumerate(DIMENSIONS, 1):
        report("constants", number, len(DIMENSIONS))
        stated = sp.sqrt(2) * sp.gamma(sp.Rational(d + 1, 2)) / sp.gamma(sp.Rational(d, 2))
        same = sp.expand((barron.gaussian(d) / stated) ** 2)
        rows.append(Row(f"(C_f of the Gaussian / √2 Γ((d+1)/2)/Γ(d/2))², d = {d}", 1, "=", same))
    x = sp.Symbol("x", real=True)
    wave = barron.sinusoid(sp.sin(2 * sp.pi * x), (x,))
    rows.append(Row("C_f of sin 2πx", 2 * sp.pi, "=", wave))
    report("greedy", 0, 1)
    values = np.sin(2 * np.pi * np.arange(POINTS) / POINTS)
    run = relaxed(*step_dictionary(values), STEPS)
    bounds = [float(barron.bound(wave, sp.Rational(1, 2), n)) for n in range(1, STEPS + 1)]
    for n in (1, 5, 20, 60):
        rows.append(
            Row(
                f"mean square error of {n} steps for sin 2πx",
                bounds[n - 1],
                "≥",
                float(run.errors[n - 1]),
                level="computed",
            )
        )
    report("greedy", 1, 1)
    units = range(1, STEPS + 1)
    curves = [
        Curve("Barron's bound (2 r C)²/n", units, bounds),
        Curve("variation squared over n", units, run.bounds),
        Curve("relaxed greedy steps", units, run.errors, "points"),
    ]
    caption = "Networks of n steps for sin 2πx on 200 points of [0, 1], chosen one by one."
    return Evidence(rows, curves, Axes("units n", "mean square error", True, True), caption)
