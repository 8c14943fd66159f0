"""Hornik's theorem in L^p(μ), computed: steps, a jump by steep units, a measure with an atom."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from backproof.numerics.enclosures.certify import certify
from backproof.numerics.enclosures.feedforward import FeedForward, shallow
from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.numerics.universality.line_measures import LineMeasure, Piece
from backproof.numerics.universality.signed_examples import EXAMPLES
from backproof.numerics.universality.target import TARGETS, X
from backproof.numerics.universality.witnesses.steps import steps
from backproof.theory.theorems.universality.hornik_lp import HORNIK_LP

PIECES = 16
EXPONENTS = (1, 2, 3)
STEEPNESS = (16, 64, 256)
LOW, HIGH = sp.Rational(1, 4), sp.Rational(3, 4)
INDICATOR = sp.Piecewise((0, X < LOW), (1, X < HIGH), (0, True))


def check(progress: Progress | None = None) -> Evidence:
    """The easy case of a step, continuous targets, a target that jumps, and an atom."""
    report = progress or silent
    rows = _activations() + _intervals()
    for number, target in enumerate(TARGETS, 1):
        report("targets", number, len(TARGETS))
        witness = steps(target, PIECES)
        p = EXPONENTS[number % len(EXPONENTS)]
        found = certify(witness.network, target.expression, rtol=1e-2, norm=p)
        what = f"‖N − f‖ in L^{p}(dx) for {target.name}, {PIECES - 1} steps"
        rows.append(Row(what, witness.predicted, "≥", found.upper, level="certified"))
    report("a jump", 0, 1)
    predicted, measured = [], []
    for steep in STEEPNESS:
        network = bump(steep)
        found = certify(network, INDICATOR, rtol=1e-2, norm=2)
        predicted.append(jump_bound(steep, 2))
        measured.append(found.upper)
        what = f"‖N − 1[1/4, 3/4]‖ in L²(dx), two logistic units, λ = {steep}"
        rows.append(Row(what, predicted[-1], "≥", found.upper, level="certified"))
    apart = certify(bump(STEEPNESS[-1]), INDICATOR, rtol=1e-2)
    what = "sup |N − 1[1/4, 3/4]|: no continuous N comes nearer than 1/2, in C(X) there is no hope"
    rows.append(Row(what, 0.5, "≤", apart.upper, level="certified"))
    rows.append(_atom())
    report("a jump", 1, 1)
    curves = [
        Curve("2 (2/pλ)^{1/p}, p = 2", STEEPNESS, predicted),
        Curve("certified", STEEPNESS, measured, "points"),
    ]
    caption = "Two logistic units against the indicator of [1/4, 3/4], in L²."
    return Evidence(rows, curves, Axes("λ", "‖N − f‖", True, True), caption)


def _activations() -> list[Row]:
    """Bounded and nonconstant is all that is asked: a step will do, ReLU is not bounded."""
    expected = {"step": "applies", "sigmoid": "applies", "relu": "does not apply"}
    return [
        Row(f"the theorem for σ = {name}", status, "=", HORNIK_LP.judge(name).status)
        for name, status in expected.items()
    ]


def _intervals() -> list[Row]:
    """∫ (1[x > a] − 1[x > b]) dμ = μ(a, b]: differences of steps are intervals."""
    line = EXAMPLES[2].measure
    assert isinstance(line, LineMeasure)
    rows = []
    for a, b in ((Fraction(-1, 2), Fraction(1, 3)), (Fraction(0), Fraction(1))):
        x = sp.Symbol("x", real=True)
        mass = sp.integrate(3 * x**2 - 1, (x, sp.Rational(a), sp.Rational(b)))
        what = f"∫ (1[x > {a}] − 1[x > {b}]) (3x² − 1) dx"
        rows.append(Row(what, mass, "=", sp.Rational(line.above(a) - line.above(b))))
    return rows


def bump(steep: float) -> FeedForward:
    """σ(λ(x − 1/4)) − σ(λ(x − 3/4))."""
    return shallow([1.0, -1.0], [steep, steep], [-steep / 4, -3 * steep / 4])


def jump_bound(steep: float, p: int) -> float:
    """|σ(λu) − 1[u > 0]| ≤ e^{−λ|u|}, so ‖·‖_p ≤ (2/pλ)^{1/p} a jump, and two jumps."""
    return float(2 * (2 / (p * steep)) ** (1 / p))


def _atom() -> Row:
    """μ = ½ dx + ½ δ at 1/3: the square of the norm is the mean of the two parts'."""
    target = TARGETS[1]
    witness = steps(target, PIECES)
    spread = certify(witness.network, target.expression, rtol=1e-3, norm=2).upper
    near = (sp.Rational(1, 3) - sp.Rational(1, 2**30), sp.Rational(1, 3) + sp.Rational(1, 2**30))
    there = certify(witness.network, target.expression, near, rtol=1e-3).upper
    found = (0.5 * spread**2 + 0.5 * there**2) ** 0.5 * (1 + 1e-12)
    assert not LineMeasure.of([("1/3", "1/2")], [Piece.of(0, 1, ["1/2"])]).is_zero
    what = f"‖N − x²‖ in L²(½ dx + ½ δ at 1/3), {PIECES - 1} steps"
    return Row(what, witness.predicted, "≥", found, level="certified")
