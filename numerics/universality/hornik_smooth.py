"""Hornik's theorem with derivatives, computed: powers, polynomials and smooth targets in C^m."""

from __future__ import annotations

import sympy as sp

from backproof.numerics.enclosures.certify import certify
from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.numerics.universality.target import TARGETS, Target, X
from backproof.numerics.universality.witnesses.monomials import monomial
from backproof.numerics.universality.witnesses.polynomials import polynomial
from backproof.numerics.universality.witnesses.taylor import taylor
from backproof.theory.universality import smoothing

ORDERS = (0, 1, 2)
SMOOTH = (
    TARGETS[3],  # e⁻ˣ
    Target("sin x", sp.sin(X)),
    Target("cos x", sp.cos(X)),
    Target("eˣ", sp.exp(X)),
    Target("1/(2 + x)", 1 / (2 + X)),
    Target("σ(x)", 1 / (1 + sp.exp(-X))),
)
EXPONENTS = (1, 2)
STEPS = tuple(2.0**-k for k in range(2, 8))


def check(progress: Progress | None = None) -> Evidence:
    """Derivatives commute with smoothing; predicted and certified distances in C^m and C^{m,p}."""
    report = progress or silent
    rows = _moved()
    for m in ORDERS:
        report("powers", m + 1, len(ORDERS))
        for k in (1, 2, 3, 4):
            witness = monomial(k, 2.0**-5, m)
            what = f"‖N − x^{k}‖ in C^{m}[0, 1], {k + 1} units, h = 1/32"
            rows.append(Row(what, witness.predicted, "≥", witness.claim.upper, level="certified"))
        witness = polynomial((1, 0, -2, 0, 0.5), m)
        what = f"‖N − (1 − 2x² + x⁴/2)‖ in C^{m}[0, 1], {witness.units} units"
        rows.append(Row(what, witness.predicted, "≥", witness.claim.upper, level="certified"))
    for number, target in enumerate(SMOOTH, 1):
        report("targets", number, len(SMOOTH))
        for m in ORDERS:
            witness = taylor(target, 4, m)
            what = f"‖N − f‖ in C^{m}[0, 1] for {target.name}, {witness.units} units"
            rows.append(Row(what, witness.predicted, "≥", witness.claim.upper, level="certified"))
        for p in EXPONENTS:
            # Three derivatives at most `predicted` on an interval of length one.
            mean = certify(witness.network, target.expression, norm=p, derivatives=2)
            bound = witness.predicted * 3 ** (1 / p) * (1 + 1e-12)
            what = f"‖N − f‖ in C^{{2,{p}}}(dx) for {target.name}"
            rows.append(Row(what, bound, "≥", mean.upper, level="certified"))
    caption = "x² by three units σ, in value and with derivatives: second order in h in C^m too."
    return Evidence(rows, _figure(), Axes("h", "distance from x² in C^m", True, True), caption)


def _moved() -> list[Row]:
    """(f_h)′ = (f′)_h, by which the derivatives move from f to the Gaussian."""
    h, rows = sp.Symbol("h", positive=True), []
    for f in (X**4, sp.exp(-X), X**3 - X):
        left = sp.diff(smoothing.smoothed(f, X, h), X)
        right = smoothing.smoothed(sp.diff(f, X), X, h)
        rows.append(Row(f"(f_h)′ − (f′)_h for f = {f}", sp.S.Zero, "=", sp.expand(left - right)))
    return rows


def _figure() -> list[Curve]:
    curves = []
    for m in ORDERS:
        built = [monomial(2, h, m) for h in STEPS]
        curves.append(Curve(f"predicted, C^{m}", STEPS, [w.predicted for w in built]))
        certified = [w.claim.upper for w in built]
        curves.append(Curve(f"certified, C^{m}", STEPS, certified, "points"))
    return curves
