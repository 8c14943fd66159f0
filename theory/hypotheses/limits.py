"""Limits at plus and minus infinity, and boundedness."""

from __future__ import annotations

import itertools

import sympy as sp
from sympy.core.function import PoleError

from backproof.theory.hypotheses.activation import T, pieces, plain
from backproof.theory.hypotheses.smoothness import continuous, differentiable, is_smooth
from backproof.theory.hypotheses.verdict import Verdict, fails, holds, unknown
from backproof.theory.scalars import relu, sgn, sigmoid, softplus, step

BOUNDED = (sp.sin, sp.cos, sp.tanh, sp.erf, sp.atan, sigmoid, step, sgn, sp.sign, sp.Heaviside)


def limit(e: sp.Expr, towards: sp.Expr) -> sp.Expr | None:
    """SymPy's limit of the outermost piece; `None` where it has none to offer."""
    parts = pieces(e)
    if parts is None:
        return None
    value = parts[-1][0] if towards is sp.oo else parts[0][0]
    try:
        found = sp.limit(value, T, towards)
    except (NotImplementedError, TypeError, ValueError, PoleError):
        return None
    return None if found.has(sp.Limit, sp.nan) else found


def sigmoidal(e: sp.Expr) -> Verdict:
    """σ(t) → 0 as t → −∞ and σ(t) → 1 as t → +∞."""
    low, high = limit(e, -sp.oo), limit(e, sp.oo)
    if low is None or high is None:
        return unknown("SymPy finds no limits at ±∞")
    if low == 0 and high == 1:
        return holds("the limits at −∞ and +∞ are 0 and 1")
    move = ""
    if low.is_finite and high.is_finite and low != high and not low.has(sp.AccumBounds):
        shifted = f"σ − {low}" if low.is_nonnegative else f"σ + {-low}"
        move = f"; ({shifted})/{high - low} has 0 and 1"
    return fails(f"the limits at −∞ and +∞ are {_said(low)} and {_said(high)}{move}")


def _said(limit: sp.Expr) -> str:
    """A limit in a sentence."""
    return {sp.oo: "+∞", -sp.oo: "−∞"}.get(limit, str(limit).replace("-", "−"))


def structurally_bounded(e: sp.Expr) -> bool:
    """Sums and products of bounded functions are bounded, and so is sin of anything."""
    if not e.has(T) or isinstance(e, BOUNDED):
        return True
    if e.is_Add or e.is_Mul:
        return all(structurally_bounded(a) for a in e.args)
    if isinstance(e, sp.Pow) and e.exp.is_Integer and e.exp > 0:
        return structurally_bounded(e.base)
    if isinstance(e, sp.exp):
        inner = e.args[0]
        if inner.is_polynomial(T):
            polynomial = sp.Poly(inner, T)
            return bool(polynomial.degree() % 2 == 0 and polynomial.LC().is_negative)
        return structurally_bounded(inner)
    if isinstance(e, relu | softplus):
        return structurally_bounded(e.args[0])
    return False


def bounded(e: sp.Expr) -> Verdict:
    """sup|σ| < ∞."""
    if structurally_bounded(e):
        return holds("it is made of bounded functions by sums and products")
    for end in (-sp.oo, sp.oo):
        if (found := limit(e, end)) is not None and found.is_infinite:
            return fails(f"the limit at {'+' if end is sp.oo else '−'}∞ is {_said(found)}")
    parts = pieces(e)
    ends = [limit(e, -sp.oo), limit(e, sp.oo)]
    finite = all(x is not None and (x.is_finite or _oscillates(x)) for x in ends)
    if finite and parts is not None and all(is_smooth(value) for value, _ in parts):
        return holds("it is continuous on finitely many pieces with finite limits at both ends")
    if finite and continuous(e).status == "holds":
        return holds("it is continuous with finite limits at both ends")
    return unknown("neither its parts nor its limits decide")


def _oscillates(x: sp.Expr) -> bool:
    return isinstance(x, sp.AccumBounds) and bool(x.min.is_finite and x.max.is_finite)


def nonconstant(e: sp.Expr) -> Verdict:
    """σ takes two different values."""
    if not e.has(T):
        return fails(f"it is {e} everywhere")
    points = [sp.Integer(0), sp.Integer(1), sp.Rational(-7, 3), sp.Integer(5)]
    values = [(p, sp.N(plain(e).subs(T, p), 30)) for p in points]
    for (p, a), (q, b) in itertools.pairwise(values):
        if a.is_real and b.is_real and abs(a - b) > sp.Float("1e-20"):
            return holds(f"σ({p}) ≠ σ({q}): {sp.N(a, 6)} and {sp.N(b, 6)}")
    return unknown("it has equal values at the points that were tried")


def not_polynomial(e: sp.Expr) -> Verdict:
    """σ is no polynomial (almost everywhere)."""
    if e.is_polynomial(T):
        return fails(f"{e} is a polynomial")
    parts = pieces(e)
    if parts is not None and len(parts) > 1:
        first, *rest = [sp.expand(value) for value, _ in parts]
        if first.is_polynomial(T) and any(r != first for r in rest):
            return holds("it is a polynomial on one piece and another function on the next")
    if nonconstant(e).status == "holds":
        if bounded(e).status == "holds":
            return holds("it is bounded and not constant, as no polynomial is")
        for end in (-sp.oo, sp.oo):
            found = limit(e, end)
            if found is not None and found.is_finite:
                return holds(f"it is not constant and tends to {found}, as no polynomial does")
    return unknown("it has no form that tells")


def derivatives_bounded(e: sp.Expr, order: int) -> Verdict:
    """sup|σ⁽ᵏ⁾| < ∞ for all k ≤ order."""
    smooth = differentiable(e, order)
    if smooth.status != "holds":
        return smooth
    for k in range(order + 1):
        derivative = sp.diff(e if is_smooth(e) else plain(e), T, k)
        verdict = bounded(derivative)
        if verdict.status != "holds":
            return Verdict(verdict.status, f"derivative of order {k}: {verdict.reason}")
    return holds(f"the derivatives up to order {order} are bounded")
