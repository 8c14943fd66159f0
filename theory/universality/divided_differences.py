"""Monomials from divided differences of the logistic function, derivatives of the error included.

The k-th central difference of w ↦ σ(wx + b) at 0, divided by h^k σ⁽ᵏ⁾(b), is

    q(x) = x^k E σ⁽ᵏ⁾(b + V h x) / σ⁽ᵏ⁾(b)

with V distributed as the B-spline of k unit intervals: mean 0, variance k/12, |V| ≤ k/2. So
q − x^k = x^k g with σ⁽ᵏ⁾(b) g(x) = E[σ⁽ᵏ⁾(b + V h x) − σ⁽ᵏ⁾(b)], and by Taylor, as E V = 0,

    |σ⁽ᵏ⁾(b) g|   ≤ h² E V²/2 · x² sup|σ⁽ᵏ⁺²⁾|,
    |σ⁽ᵏ⁾(b) g′|  ≤ h² E V² · |x| sup|σ⁽ᵏ⁺²⁾|,
    |σ⁽ᵏ⁾(b) g⁽ⁱ⁾| ≤ h^i E|V|^i sup|σ⁽ᵏ⁺ⁱ⁾| ≤ h^i (k/2)^{i−2} (k/12) sup|σ⁽ᵏ⁺ⁱ⁾|,   i ≥ 2.

Leibniz' rule gives the derivatives of x^k g.
Reference: A. Pinkus, Approximation theory of the MLP model, Acta Numerica 8 (1999), section 3.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from backproof.theory.universality.slopes import S, polynomial, supremum


@cache
def slope(order: int, bias: sp.Rational) -> sp.Expr:
    """σ⁽ᵏ⁾(b), exactly.

    >>> slope(1, sp.Integer(0))
    1/4
    """
    return polynomial(order).subs(S, 1 / (1 + sp.exp(-bias)))


def variance(degree: int) -> sp.Rational:
    """E V² of a sum of k independent variables that are uniform on [−1/2, 1/2].

    >>> variance(3)
    1/4
    """
    v = sp.Symbol("v", real=True)
    return degree * sp.integrate(v**2, (v, -sp.S.Half, sp.S.Half))


def deviation(
    degree: int, h: sp.Rational, bias: sp.Rational, order: int = 0, radius: int = 1
) -> sp.Expr:
    """A bound of |∂^m (q − x^k)| for |x| ≤ r.

    >>> float(deviation(1, sp.Rational(1, 32), sp.Integer(1))) < 1e-4
    True
    """
    k, r = degree, sp.Integer(radius)
    second = variance(k)
    total = sp.S.Zero
    for i in range(order + 1):
        lost = order - i  # derivatives that fall on x^k
        if lost > k:
            continue
        highest = supremum(k + max(i, 2))
        size = {0: h**2 * second / 2 * r**2, 1: h**2 * second * r}.get(
            i, h**i * (sp.Rational(k, 2)) ** (i - 2) * second
        )
        total += sp.binomial(order, i) * sp.ff(k, lost) * r ** (k - lost) * size * highest
    return total / sp.Abs(slope(k, bias))
