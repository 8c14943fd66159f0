"""The Fourier transform of σ′ for the logistic function: πξ/sinh πξ, never zero.

    ∫ σ′(t) e^{−iξt} dt = ∫₀¹ (s/(1−s))^{−iξ} ds      s = σ(t), t = log(s/(1−s)), ds = σ′ dt
                        = B(1 − iξ, 1 + iξ)            Euler's beta integral
                        = Γ(1 − iξ) Γ(1 + iξ) / Γ(2)   beta by gamma
                        = πξ / sinh πξ                 reflection, Γ(1+z)Γ(1−z) = πz/sin πz at iξ

As it has no zero, the closed ideal of the translates of σ′ is all of L¹ (Wiener).
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

XI = sp.Symbol("xi", real=True, nonzero=True)
S = sp.Symbol("s", positive=True)
POSITION = sp.Symbol("t", real=True)


@dataclass(frozen=True)
class Link:
    """One equality of a chain: what follows, and by what."""

    rule: str
    value: sp.Expr


def chain() -> tuple[Link, ...]:
    """The derivation, each link an expression in ξ.

    >>> chain()[-1].value
    pi*xi/sinh(pi*xi)
    """
    sigma = 1 / (1 + sp.exp(-POSITION))
    slope = sp.diff(sigma, POSITION)
    start = sp.Integral(slope * sp.exp(-sp.I * XI * POSITION), (POSITION, -sp.oo, sp.oo))
    inverse = sp.log(S / (1 - S))
    integrand = sp.Pow(S, -sp.I * XI) * sp.Pow(1 - S, sp.I * XI)
    a, b = 1 - sp.I * XI, 1 + sp.I * XI
    product = sp.gamma(a) * sp.gamma(b)
    reflected = _reflected(product)
    return (
        Link("definition", start),
        Link(f"substitution s = σ(t), t = {inverse}", sp.Integral(integrand, (S, 0, 1))),
        Link("Euler's beta integral ∫ s^(a−1) (1−s)^(b−1) ds = B(a, b)", sp.beta(a, b)),
        Link("B(a, b) = Γ(a) Γ(b)/Γ(a + b), Γ(2) = 1", product / sp.gamma(sp.expand(a + b))),
        Link("reflection Γ(1 + z) Γ(1 − z) = πz/sin πz at z = iξ, sin iy = i sinh y", reflected),
    )


def _reflected(product: sp.Expr) -> sp.Expr:
    """πz/sin πz at the z for which the product is Γ(1 − z) Γ(1 + z)."""
    arguments = [f.args[0] - 1 for f in sp.Mul.make_args(product)]
    assert sp.expand(sum(arguments)) == 0
    z = sp.I * XI
    assert z in arguments
    return sp.pi * z / sp.sin(sp.pi * z)


def transform(xi: sp.Expr) -> sp.Expr:
    """πξ/sinh πξ, which is 1 at ξ = 0.

    >>> transform(sp.Integer(0)), transform(sp.Integer(1))
    (1, pi/sinh(pi))
    """
    if sp.sympify(xi).is_zero:
        return sp.S.One
    return chain()[-1].value.subs(XI, xi)
