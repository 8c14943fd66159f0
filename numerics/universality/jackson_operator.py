"""The Jackson theorem for logistic staircases, computed."""

from __future__ import annotations

import sympy as sp

from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.numerics.universality.jackson import least_weight, mean_distance
from backproof.numerics.universality.target import TARGETS
from backproof.numerics.universality.witnesses.jackson import MEAN_DISTANCE, jackson
from backproof.theory.universality import jackson as densities

PIECES = 8


def check(progress: Progress | None = None) -> Evidence:
    """The constant for every n, and the certified errors of the operator."""
    report = progress or silent
    constant = mean_distance()
    rows = [Row("K_n for every n", MEAN_DISTANCE, "≥", constant.bound, level="certified")]
    for part, claim in constant.parts.items():
        what = f"largest mean of |u − k|, {part}"
        rows.append(Row(what, MEAN_DISTANCE, "≥", claim.upper, level="certified"))
    for n in (1, 5):
        least = 1 - least_weight(n).upper
        at_end = float(densities.weight(0, n).subs(densities.U, 0).evalf(20))
        what = f"least sum of densities, n = {n}, is that at the end"
        rows.append(Row(what, at_end, "~", least, 1e-8, "certified"))
    rows += _printed()
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


def _printed() -> list[Row]:
    """Published constants: the values of their formulas at e² = 7.3984, not at e²."""
    square, slipped = sp.exp(2), sp.Rational(73984, 10000)
    inverse = 1 / densities.density(sp.S.One).rewrite(sp.exp)
    rows = []
    for name, formula, printed in (
        ("1/φ(1)", lambda s: 4 * (s + 1) / (s - 1), "5.2503"),
        ("(e² − 1)/2", lambda s: (s - 1) / 2, "3.1992"),
    ):
        places = sp.Rational(1, 20000)
        what = f"{name} with 7.3984 for e², to the four digits that are printed"
        rows.append(Row(what, sp.Rational(printed), "~", formula(slipped), places))
        what = f"{name}: by how much the printed value is off"
        gap = float(sp.N(abs(sp.Rational(printed) - formula(square)), 20))
        rows.append(Row(what, 1e-3, "≤", gap, level="computed"))
    exact = float(sp.N(4 * (square + 1) / (square - 1), 25))
    rows.append(Row("1/φ(1)", exact, "~", float(sp.N(inverse, 25)), 1e-14, "computed"))
    return rows
