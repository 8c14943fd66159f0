"""sup|σ⁽ᵏ⁾| of the logistic function, exactly: a polynomial in s = σ and its critical points."""

from __future__ import annotations

from functools import cache

import sympy as sp

S = sp.Symbol("s", real=True)


@cache
def polynomial(order: int) -> sp.Expr:
    """p_k with σ⁽ᵏ⁾ = p_k(σ): p_0 = s, p_{k+1} = p_k′ s (1 − s).

    >>> sp.factor(polynomial(2))
    s*(s - 1)*(2*s - 1)
    """
    if order == 0:
        return S
    return sp.expand(sp.diff(polynomial(order - 1), S) * S * (1 - S))


@cache
def supremum(order: int) -> sp.Expr:
    """max over 0 < s < 1 of |p_k(s)|, attained at a root of p_k′, as an algebraic number.

    >>> supremum(1), supremum(2), supremum(3)
    (1/4, sqrt(3)/18, 1/8)
    """
    p = sp.Poly(polynomial(order), S)
    critical = [r for r in sp.real_roots(p.diff(S)) if bool(r > 0) and bool(r < 1)]
    values = [abs(p.as_expr().subs(S, r)) for r in critical]
    best = max(values, key=lambda v: sp.N(v, 40))
    return sp.radsimp(sp.expand(best))
