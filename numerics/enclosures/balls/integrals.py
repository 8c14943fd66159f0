"""∫|q|^p over the boxes of a cover, in ball arithmetic.

On a box [a, b] with centre m and radius r, as exact numbers, t runs from (a − m)/r to (b − m)/r in
each variable, and a monomial has the integral Π r (t₁^{k+1} − t₀^{k+1})/(k + 1).
"""

from __future__ import annotations

from math import prod

import sympy as sp

from backproof.numerics.enclosures.balls.arithmetic import Ball, Precision, arb, float_above
from backproof.numerics.enclosures.balls.enclosing import enclose
from backproof.numerics.enclosures.balls.model import RULES, Box, Model
from backproof.numerics.enclosures.balls.verification import box_of
from backproof.numerics.enclosures.rounding import Array
from backproof.numerics.enclosures.search import DEGREES, Enclosed


def integrated(
    q: Enclosed, low: Array, high: Array, p: sp.Rational, derivatives: int = 0
) -> tuple[float, float]:
    """Bounds of ∫|q|^p over disjoint boxes; 0 and ∞ where one of them cannot be enclosed."""
    order = DEGREES[low.shape[1]]
    total = arb(0)
    with Precision(order + 2 + derivatives):
        for a, b in zip(low.tolist(), high.tolist(), strict=True):
            box = box_of(tuple(a), tuple(b), order)
            total = total + integral(power(box, enclose(q, box), p), box, a, b)
        if not total.is_finite():
            return 0.0, float("inf")
        return max(0.0, -float_above((-total).upper())), float_above(total.upper())


def power(box: Box, q: Model, p: sp.Rational) -> Model:
    """|q|^p."""
    if p.is_Integer and p.p % 2 == 0:
        return RULES["natural"](box, int(p), q)
    size = RULES["absolute"](box, q)
    if p.is_Integer:
        return RULES["natural"](box, int(p), size)
    return RULES["composed"](box, sp.Pow, p, size)


def integral(q: Model, box: Box, low: list[float], high: list[float]) -> Ball:
    """∫ Σ C_α t^α over [low, high]."""
    ends = [
        ((arb(a) - m) / r, (arb(b) - m) / r, r)
        for a, b, m, r in zip(low, high, box.centre, box.radius, strict=True)
    ]
    total = arb(0)
    for exponent, c in zip(box.basis.exponents, q.c, strict=False):
        sides = [
            r * (t1 ** (k + 1) - t0 ** (k + 1)) / (k + 1)
            for k, (t0, t1, r) in zip(exponent, ends, strict=True)
        ]
        total = total + c * prod(sides, start=arb(1))
    return total


def root(low: float, high: float, p: sp.Rational) -> tuple[float, float]:
    """Bounds of the p-th roots."""
    with Precision(2):
        power_ = arb(int(p.q)) / int(p.p)
        below = arb(low) ** power_ if low else arb(0)
        above = (arb(high) ** power_).upper()
        return max(0.0, -float_above((-below).upper())), float_above(above)
