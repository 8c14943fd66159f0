"""λ-limits: σ(λ(wx + b) + φ) → {1, σ(φ), 0} as λ → ∞."""

from __future__ import annotations

from typing import Any

import sympy as sp

from backproof.theory.hypotheses.activation import T, plain, read

PHI = sp.Symbol("phi", real=True)
LAMBDA = sp.Symbol("lambda", positive=True)


def limits(activation: Any) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """The limits where wx + b is positive, zero and negative.

    >>> limits("sigmoid")
    (1, sigmoid(phi), 0)
    """
    sigma = read(activation)
    above, below = (
        sp.limit(plain(sigma).subs(T, sign * LAMBDA + PHI), LAMBDA, sp.oo) for sign in (1, -1)
    )
    return above, sigma.subs(T, PHI), below
