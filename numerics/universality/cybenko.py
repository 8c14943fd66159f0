"""Cybenko's theorem, computed: steep units, measures that a unit sees, staircases to order."""

from __future__ import annotations

from fractions import Fraction
from math import exp

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.certify import certify
from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.numerics.universality.measures import SignedMeasure
from backproof.numerics.universality.signed_examples import EXAMPLES, curve_of
from backproof.numerics.universality.target import TARGETS, Target, X
from backproof.numerics.universality.witnesses.product import product
from backproof.numerics.universality.witnesses.staircase import staircase
from backproof.theory.scalars import sigmoid
from backproof.theory.universality import steepening

WANTED = 0.05  # the accuracy that a staircase is made for
STEEP = (10, 40)
QUARTER = sp.Rational(1, 4)
MOST = 4096  # pieces


def check(progress: Progress | None = None) -> Evidence:
    """The limits, the measures, and a network within a given distance of each target."""
    report = progress or silent
    rows = _limits()
    for number, example in enumerate(EXAMPLES, 1):
        report("measures", number, len(EXAMPLES))
        rows.append(example.row())
    rows += _projections()
    for number, target in enumerate(TARGETS, 1):
        report("targets", number, len(TARGETS))
        pieces = pieces_for(target, WANTED)
        witness = staircase(target, pieces)
        what = f"sup |N − f| for {target.name}, {witness.units} units made for {WANTED}"
        rows.append(Row(what, WANTED, "≥", witness.claim.upper, level="certified"))
    plane = product(2)
    what = f"sup |N − xy| on the square, {plane.units} units"
    rows.append(Row(what, plane.predicted, "≥", plane.claim.upper, level="certified"))
    curves, axes = _figure()
    caption = (
        "Left: staircases for sin 2πx, their certified errors under the predicted bound. Right: "
        "what units σ(w(x − s)) see of δ₋₁ − 2δ₀ + δ₁; by symmetry nothing at s = 0, but elsewhere."
    )
    return Evidence(rows, curves, axes, caption)


def pieces_for(target: Target, wanted: float) -> int:
    """The least N = 2, 4, 8, … or three quarters of one for which the bound is small enough."""
    for power in range(1, 14):
        for pieces in (3 * 2 ** (power - 1), 2 ** (power + 1)):
            if staircase(target, pieces).predicted <= wanted:
                return pieces
    raise AssertionError(f"no staircase of {MOST} pieces comes within {wanted}")


def _limits() -> list[Row]:
    """λ → ∞, and how fast: |σ(λu + φ) − 1[u > 0]| ≤ e^{−λ|u| + |φ|}."""
    expected = (sp.S.One, sigmoid(steepening.PHI), sp.S.Zero)
    what = "limits of σ(λu + φ) for u > 0, u = 0, u < 0"
    rows = [Row(what, expected, "=", steepening.limits("sigmoid"))]
    for steep in STEEP:
        unit = sigmoid(steep * X + 1)
        for limit, ends in ((1, (QUARTER, 1)), (0, (-1, -QUARTER))):
            found = certify(unit, limit, ends, 1e-3)
            what = f"sup |σ({steep}u + 1) − {limit}| for {ends[0]} ≤ u ≤ {ends[1]}"
            rows.append(Row(what, exp(-steep / 4 + 1), "≥", found.upper, level="certified"))
    return rows


def _projections() -> list[Row]:
    """The Fourier transform along a line is that of the projection."""
    rows = []
    for example in EXAMPLES:
        measure = example.measure
        if not isinstance(measure, SignedMeasure):
            continue
        a = tuple(Fraction(k + 1) for k in range(len(measure.atoms[0][0])))
        whole = measure.fourier([0.7 * float(k) for k in a])
        gap = float(abs(whole - measure.projected(a).fourier([0.7])))
        what = f"{example.name}: |μ̂(ξa) − μ̂_a(ξ)| at ξ = 0.7"
        rows.append(Row(what, 0.0, "~", gap, 1e-12, "computed"))
    return rows


def _figure() -> tuple[list[Curve], list[Axes]]:
    wave = TARGETS[0]
    sizes = (4, 8, 16, 32, 64, 128)
    built = [staircase(wave, n) for n in sizes]
    places = np.linspace(-2, 2, 81)
    second_difference = EXAMPLES[0].measure
    assert isinstance(second_difference, SignedMeasure)
    curves = [
        Curve("predicted", sizes, [w.predicted for w in built]),
        Curve("certified", sizes, [w.claim.upper for w in built], "points"),
    ]
    for weight in (1, 4, 16):
        seen = curve_of(second_difference, weight)
        curves.append(Curve(f"w = {weight}", places, seen, panel=1))
    return curves, [
        Axes("pieces N", "sup |N − f|", True, True),
        Axes("s", "∫ σ(w(x − s)) dμ"),
    ]
