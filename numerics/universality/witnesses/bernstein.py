"""Bernstein polynomials: the mean of f at a binomial variable K/n, near x.

E|K/n − x| ≤ √(x(1−x)/n) ≤ 1/2√n gives H (1/4n)^{s/2}; for f″ bounded, E(K/n − x)² = x(1−x)/n gives
sup|f″|/8n.
"""

import sympy as sp

from backproof.numerics.universality.target import Target, X
from backproof.numerics.universality.witnesses.witness import Witness


def bernstein(target: Target, degree: int) -> Witness:
    """Σ f(k/n) C(n, k) x^k (1 − x)^{n−k}."""
    n = degree
    polynomial = sp.Add(
        *(
            sp.Float(float(target(k / n)), 17) * sp.binomial(n, k) * X**k * (1 - X) ** (n - k)
            for k in range(n + 1)
        )
    )
    if target.smooth:
        bound, because = target.curvature / (8 * n), "sup|f″|/8n"
    else:
        bound, because = target.modulus((0.25 / n) ** 0.5), "H (1/4n)^{s/2}"
    return Witness(
        "bernstein", polynomial, target.expression, n + 1, bound * (1 + 1e-12) + 1e-14, because
    )
