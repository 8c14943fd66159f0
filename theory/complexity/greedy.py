"""GECO, a greedy algorithm for networks of squared units, and the bound of its error.

A network Σ_j α_j (v_j·x)² is ⟨A, x xᵀ⟩ with A = Σ α_j v_j v_jᵀ, and a convex loss R is convex in
A.  Each step adds the unit v vᵀ of the eigenvector v of ∇R(A) that is largest in size, g = vᵀ∇R v,
and refits all α.  With R(A + η vvᵀ) ≤ R(A) + η g + β η²/2 along every such line,

1. the best η gains g²/(2β);
2. ε = R(A) − R(A*) ≤ ⟨∇R, A − A*⟩ = −⟨∇R, A*⟩ ≤ |g| ‖A*‖_tr, as after a refit ⟨∇R, A⟩ = 0;
3. so ε' ≤ ε − ε²/(2βτ²) with τ = ‖A*‖_tr, hence 1/ε' ≥ 1/ε + 1/(2βτ²), and after r steps

       ε_r ≤ 1/(1/ε_0 + r/(2βτ²)) ≤ 2βτ²/r.

So r = ⌈2βτ²/ε⌉ units compete with every A* of trace norm τ up to ε.  Affine terms are had by
giving x a coordinate that is one.
References: S. Shalev-Shwartz, A. Gonen, O. Shamir, Large-scale convex minimization with a low-rank
constraint, ICML 2011; R. Livni, S. Shalev-Shwartz, O. Shamir, NeurIPS 2014, section 4.
"""

from __future__ import annotations

import sympy as sp

ETA = sp.Symbol("eta", real=True)
G = sp.Symbol("g", real=True)
BETA, EPS, TAU = sp.symbols("beta epsilon tau", positive=True)
STEPS = sp.Symbol("r", integer=True, nonnegative=True)


def gain() -> sp.Expr:
    """−min over η of η g + βη²/2.

    >>> gain()
    g**2/(2*beta)
    """
    above = ETA * G + BETA * ETA**2 / 2
    (best,) = sp.solve(sp.diff(above, ETA), ETA)
    return sp.expand(-above.subs(ETA, best))


def recursion() -> sp.Expr:
    """What ε is at most after a step: ε less the gain at |g| = ε/τ.

    >>> recursion()
    epsilon - epsilon**2/(2*beta*tau**2)
    """
    return EPS - gain().subs(G, EPS / TAU)


def inverse_growth() -> sp.Expr:
    """1/ε' − 1/ε for the recursion: at least 1/(2βτ²) while ε < 2βτ².

    >>> inverse_growth()
    1/(2*beta*tau**2 - epsilon)
    """
    return sp.factor(sp.cancel(1 / recursion() - 1 / EPS))


def bound() -> sp.Expr:
    """ε_r ≤ 1/(1/ε_0 + r/(2βτ²)).

    >>> bound()
    1/(1/epsilon + r/(2*beta*tau**2))
    """
    least = inverse_growth().limit(EPS, 0)  # it increases with ε
    return 1 / (1 / EPS + STEPS * least)


def square_curvature() -> sp.Expr:
    """The second derivative along η of ½(q + η s² − y)², s = v·x: s⁴, at most |x|⁴.

    >>> square_curvature()
    s**4
    """
    q, s, target = sp.symbols("q s y", real=True)
    return sp.diff((q + ETA * s**2 - target) ** 2 / 2, ETA, 2)
