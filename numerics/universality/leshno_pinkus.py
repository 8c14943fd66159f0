"""The theorem of Leshno, Lin, Pinkus and Schocken, computed in both directions.

Only if: for σ = t² every network is a quadratic polynomial, and the signed measure

    L(f) = Σ_i ± f(x_i)     over the extrema x_i = cos(iπ/3) of the cubic Chebyshev polynomial,

with half the weight at both ends, vanishes on all of them and not on x³: it keeps every such
network 1/4 away from x³ on [−1, 1].
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.certify import certify
from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.numerics.universality.target import TARGETS, X
from backproof.numerics.universality.witnesses.bernstein_network import bernstein_network
from backproof.numerics.universality.witnesses.monomials import monomial
from backproof.numerics.universality.witnesses.product import product
from backproof.numerics.universality.witnesses.relu_interpolation import relu_interpolation
from backproof.theory.scalars import sigmoid
from backproof.theory.theorems.universality.leshno_pinkus import LESHNO_PINKUS
from backproof.theory.universality import slopes
from backproof.theory.universality.polarisation import ridges

NODES = tuple(sp.cos(i * sp.pi / 3) for i in range(4))
WEIGHTS = (sp.Rational(1, 6), -sp.Rational(1, 3), sp.Rational(1, 3), -sp.Rational(1, 6))
DEGREES = (1, 2, 3, 4)
EXPONENTS = ((1, 1), (2, 1), (1, 1, 1), (2, 2), (1, 2, 1))
PIECES = 20


def check(progress: Progress | None = None) -> Evidence:
    """The functional, the derivative in w, polarisation, and the chain to any continuous f."""
    report = progress or silent
    rows = _only_if() + _derivatives() + _polarised()
    for k in DEGREES:
        report("powers", k, len(DEGREES))
        witness = monomial(k)
        what = f"sup |N − x^{k}|, {k + 1} units σ"
        rows.append(Row(what, witness.predicted, "≥", witness.claim.upper, level="certified"))
    for d in (2, 3):
        witness = product(d)
        what = f"sup |N − {'xyz'[:d]}| on the cube, {witness.units} ridge functions"
        rows.append(Row(what, witness.predicted, "≥", witness.claim.upper, level="certified"))
    for number, target in enumerate(TARGETS, 1):
        report("targets", number, len(TARGETS))
        for witness in (bernstein_network(target), relu_interpolation(target, PIECES)):
            what = f"sup |N − f| for {target.name}, {witness.units} units, {witness.name}"
            rows.append(Row(what, witness.predicted, "≥", witness.claim.upper, 1e-6, "certified"))
    steps = [2.0**-k for k in range(2, 8)]
    curves = []
    for k in (1, 2, 3):
        built = [monomial(k, h) for h in steps]
        curves.append(Curve(f"x^{k}, predicted", steps, [w.predicted for w in built]))
        certified = [w.claim.upper for w in built]
        curves.append(Curve(f"x^{k}, certified", steps, certified, "points"))
    caption = "Powers by divided differences of σ: the error falls with h²."
    return Evidence(rows, curves, Axes("h", "sup |N − x^k|", True, True), caption)


def functional(f: sp.Expr, x: sp.Symbol = X) -> sp.Expr:
    """L(f), of norm one."""
    return sp.expand(sum(w * f.subs(x, node) for w, node in zip(WEIGHTS, NODES, strict=True)))


def _only_if() -> list[Row]:
    w, b = sp.symbols("w b", real=True)
    status = LESHNO_PINKUS.judge("square").status
    rows = [
        Row("the theorem for σ = t²", "does not apply", "=", status),
        Row("L((wx + b)²), all w and b", sp.S.Zero, "=", functional((w * X + b) ** 2)),
        Row("L(1)", sp.S.Zero, "=", functional(sp.S.One)),
        Row("‖L‖", sp.S.One, "=", sum(map(abs, WEIGHTS))),
        Row("L(x³)", sp.Rational(1, 4), "=", functional(X**3)),
    ]
    grid = np.cos(np.linspace(0, np.pi, 400))
    a, linear, c = np.polyfit(grid, grid**3, 2)
    best = sp.Rational(float(a)) * X**2 + sp.Rational(float(linear)) * X + sp.Rational(float(c))
    found = certify(best, X**3, (-1, 1), 1e-4)
    what = "sup |N − x³| on [−1, 1] for a good network of squares"
    return [*rows, Row(what, 0.25, "≤", found.upper, level="certified")]


def _derivatives() -> list[Row]:
    """d^k/dw^k σ(wx + b) at w = 0, by SymPy, against x^k p_k(σ(b))."""
    w, b = sp.symbols("w b", real=True)
    rows = []
    for k in DEGREES:
        left = sp.diff(sigmoid(w * X + b), w, k).subs(w, 0)
        right = X**k * slopes.polynomial(k).subs(slopes.S, sigmoid(b))
        gap = sp.expand(left.rewrite(sp.exp) - right.rewrite(sp.exp)).subs(b, sp.log(3))
        what = f"d^{k}/dw^{k} σ(wx + b) at w = 0 less x^{k} σ^({k})(b), at b = log 3"
        rows.append(Row(what, sp.S.Zero, "=", sp.nsimplify(sp.expand(gap))))
    return rows


def _polarised() -> list[Row]:
    rows = []
    for exponents in EXPONENTS:
        variables = sp.symbols(f"x1:{len(exponents) + 1}", real=True)
        terms = ridges(exponents)
        total = sp.expand(sp.Add(*(ridge.expression(variables) for ridge in terms)))
        exact = sp.prod(x**k for x, k in zip(variables, exponents, strict=True))
        rows.append(Row(f"{len(terms)} powers of ridge functions add up", exact, "=", total))
    return rows
