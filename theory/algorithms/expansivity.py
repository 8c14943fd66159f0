"""How far apart a gradient step can drive two points: G(w) = w − α∇f(w).

For d = v − w and g = ∇f(v) − ∇f(w), a function whose curvature lies in [γ, β] has

    ⟨g − γd, βd − g⟩ ≥ 0        (for C² functions g = Hd, γ ≤ H ≤ β, and both factors commute).

γ = 0 is convexity; γ = −β is β-smoothness alone (|g| ≤ β|d|).  Everything here follows from that
one inequality.
Reference: Hardt, Recht and Singer, Train faster, generalize better: stability of stochastic
gradient descent, ICML 2016, lemma 3.7; Nesterov, Introductory lectures on convex optimization,
2004, theorem 2.1.12.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

ALPHA = sp.Symbol("alpha", positive=True)
BETA = sp.Symbol("beta", positive=True)
GAMMA = sp.Symbol("gamma", real=True)
DD, DG, GG = sp.symbols("d·d d·g g·g", real=True)  # the Gram matrix of d and g


def inner(left: tuple[sp.Expr, sp.Expr], right: tuple[sp.Expr, sp.Expr]) -> sp.Expr:
    """⟨a d + b g, a′ d + b′ g⟩ in the entries of the Gram matrix."""
    (a, b), (c, e) = left, right
    return a * c * DD + (a * e + b * c) * DG + b * e * GG


CURVATURE = inner((-GAMMA, sp.S.One), (BETA, -sp.S.One))  # ⟨g − γd, βd − g⟩ ≥ 0
STEP = inner((sp.S.One, -ALPHA), (sp.S.One, -ALPHA))  # |G(v) − G(w)|²


@dataclass(frozen=True)
class Certificate:
    """η²|d|² − |d − αg|² = κ⟨g − γd, βd − g⟩ + c|square|², with κ, c ≥ 0 where ``condition`` ≥ 0.

    ``squared`` is η²; ``square`` the vector (a, b) of a d + b g.
    """

    squared: sp.Expr
    curvature: sp.Expr
    slack: sp.Expr
    square: tuple[sp.Expr, sp.Expr]
    condition: sp.Expr

    @property
    def factor(self) -> sp.Expr:
        """η, the root of η² that is positive for short steps or, of the other, for long ones."""
        root = sp.expand(self.squared.base)
        leading = root.coeff(ALPHA, 0) if self.square[0] == -GAMMA else root.coeff(ALPHA, 1) / BETA
        return sp.expand(root * leading)

    def remainder(self) -> sp.Expr:
        """Left side minus right side of the identity: 0."""
        left = self.squared * DD - STEP
        right = self.curvature * CURVATURE + self.slack * inner(self.square, self.square)
        return sp.cancel(sp.expand(left - right))


def _certificate(square: tuple[sp.Expr, sp.Expr]) -> Certificate:
    """η², κ and c by matching the coefficients of |d|², ⟨d, g⟩ and |g|²."""
    squared, kappa, slack = sp.symbols("eta2 kappa c")
    identity = squared * DD - STEP - kappa * CURVATURE - slack * inner(square, square)
    conditions = sp.Poly(sp.expand(identity), DD, DG, GG).coeffs()
    (found,) = sp.solve(conditions, [squared, kappa, slack], dict=True)
    values = [sp.factor(found[s]) for s in (squared, kappa, slack)]
    small = square[0] == -GAMMA
    condition = (1 if small else -1) * (2 - ALPHA * (BETA + GAMMA))
    return Certificate(values[0], values[1], values[2], square, condition)


@cache
def short_steps() -> Certificate:
    """α ≤ 2/(β + γ): the step is (1 − αγ)-Lipschitz, and no smaller factor holds.

    >>> certificate = short_steps()
    >>> certificate.factor, certificate.slack
    (-alpha*gamma + 1, -alpha*(alpha*beta + alpha*gamma - 2)/(beta - gamma))
    >>> certificate.remainder()
    0
    """
    return _certificate((-GAMMA, sp.S.One))


@cache
def long_steps() -> Certificate:
    """α ≥ 2/(β + γ): the factor is αβ − 1.

    >>> long_steps().factor
    alpha*beta - 1
    """
    return _certificate((BETA, -sp.S.One))


def factor(alpha: sp.Expr, beta: sp.Expr, gamma: sp.Expr) -> sp.Expr:
    """The least η with |G(v) − G(w)| ≤ η|v − w| for every f of curvature in [γ, β].

    η = 1 − αγ for α ≤ 2/(β + γ), else αβ − 1; so 1 + αβ for γ = −β and 1 for convex f, α ≤ 2/β.
    Attained by ½γw² or ½βw².

    >>> factor(sp.Rational(1, 2), 1, 0), factor(sp.Rational(1, 2), 1, -1)
    (1, 3/2)
    >>> factor(3, 1, 0)
    2
    """
    alpha, beta, gamma = map(sp.sympify, (alpha, beta, gamma))
    values = {ALPHA: alpha, BETA: beta, GAMMA: gamma}
    chosen = short_steps() if (alpha * (beta + gamma) <= 2) == sp.true else long_steps()
    return chosen.factor.subs(values)


@cache
def published_factor() -> sp.Expr:
    """1 − αβγ/(β + γ), the factor of lemma 3.7.3, derived: |g|² is dropped, not bounded below.

    The same inequality is ⟨d, g⟩ ≥ (γβ|d|² + |g|²)/(β + γ).  In |d|² − 2α⟨d, g⟩ + α²|g|² it
    leaves α(α − 2/(β + γ))|g|² ≤ 0, which the lemma drops, and √(1 − 2x) ≤ 1 − x.

    >>> published_factor()
    -alpha*beta*gamma/(beta + gamma) + 1
    """
    least = sp.solve(CURVATURE, DG)[0]
    kept = sp.expand(STEP.subs(DG, least)).coeff(DD)
    return 1 + sp.cancel(kept - 1) / 2


def looseness() -> tuple[sp.Expr, sp.Expr]:
    """By how much the published factor, and its square before the last step, exceed the least.

    (1 − αβγ/(β+γ)) − (1 − αγ) = αγ²/(β+γ), and
    (1 − 2αβγ/(β+γ)) − (1 − αγ)² = αγ²(2 − α(β+γ))/(β+γ), which is 0 only for α = 2/(β+γ).

    >>> looseness()[0]
    alpha*gamma**2/(beta + gamma)
    """
    least, published = short_steps().factor, published_factor()
    first = sp.factor(published - least)
    second = sp.factor((2 * published - 1) - least**2)
    return first, second
