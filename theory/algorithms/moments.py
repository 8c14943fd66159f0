"""Moments of a network against the score: E[y S_m] = Σ_j a_j κ_m(b_j) w_j^{⊗m}.

For y = Σ_j a_j σ(w_j·x + b_j) the chain rule gives ∇^m y = Σ_j a_j σ^(m)(w_j·x + b_j) w_j^{⊗m};
with Stein's identity E[y S_m] is its mean.  For x ~ N(0, I) and |w_j| = 1 the argument w_j·x is a
standard normal Z, and Stein's identity once more, in one dimension and backwards, needs no
derivative of σ:

    κ_m(b) = E σ^(m)(Z + b) = E[σ(Z + b) He_m(Z)] = κ_0^(m)(b),

the last because ∂/∂b = ∂/∂Z.  So one function κ_0 holds all of them.
Reference: M. Janzamin, H. Sedghi, A. Anandkumar, Beating the perils of non-convexity,
arXiv:1506.08473 (2016), lemma 6 (number from memory, unconfirmed).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import product

import sympy as sp

from backproof.theory.algorithms.score import hermite

Z = sp.Symbol("z", real=True)
B = sp.Symbol("b", real=True)


def network_derivative(d: int, order: int) -> dict[tuple[int, ...], sp.Expr]:
    """∂^m σ(w·x + b) by SymPy's chain rule, over σ^(m)(t) at t = w·x + b: w^{⊗m} entry by entry.

    >>> w = sp.symbols("w1:3")
    >>> network_derivative(2, 2)[0, 1] == w[0] * w[1]
    True
    """
    w = sp.symbols(f"w1:{d + 1}")
    x = sp.symbols(f"x1:{d + 1}")
    t = sp.Symbol("t")
    sigma = sp.Function("sigma")
    inner = sum(p * q for p, q in zip(w, x, strict=True)) + B
    outer = sp.diff(sigma(t), t, order).subs(t, inner).doit()
    found = {}
    for index in product(range(d), repeat=order):
        whole = sp.diff(sigma(inner), *(x[i] for i in index)) if order else sigma(inner)
        found[index] = sp.cancel(whole.doit() / outer)
    return found


@cache
def gaussian_mean(
    activation: Callable[[sp.Expr], sp.Expr], order: int, bias: sp.Expr = sp.S.Zero
) -> sp.Expr:
    """κ_m(b) = E[σ(Z + b) He_m(Z)], integrated exactly.

    ``activation`` maps a symbol to an expression; relu is Max(0, ·).

    >>> relu = lambda t: sp.Max(0, t)
    >>> [gaussian_mean(relu, m) for m in range(5)]
    [sqrt(2)/(2*sqrt(pi)), 1/2, sqrt(2)/(2*sqrt(pi)), 0, -sqrt(2)/(2*sqrt(pi))]
    """
    density = sp.exp(-(Z**2) / 2) / sp.sqrt(2 * sp.pi)
    value = activation(Z + bias)
    pieces = [(value, -sp.oo, sp.oo)]
    if isinstance(value, sp.Max) and value.has(Z):
        # A maximum of zero and an increasing line: nothing below the kink, the line above.
        line = next(a for a in value.args if a.has(Z))
        kink = sp.solve(line, Z)[0]
        pieces = [(line, kink, sp.oo)]
    total = sp.S.Zero
    for function, low, high in pieces:
        total += sp.integrate(sp.expand(function * hermite(order, Z)) * density, (Z, low, high))
    if total.has(sp.Integral) and order:
        # κ_m = ∂κ_{m−1}/∂b, and κ_1 = E σ′(Z + b) may have a closed form where κ_0 has none.
        slope = sp.integrate(sp.diff(value, Z) * density, (Z, -sp.oo, sp.oo))
        total = sp.diff(slope, bias, order - 1) if order > 1 else slope
    return sp.powsimp(sp.expand(total))
