"""Taylor's polynomial at zero by logistic units, with derivatives: density in C^m.

|∂^j (f − T_n)| ≤ sup|f⁽ⁿ⁺¹⁾|/(n + 1 − j)! on [0, 1], and the polynomial's own error is added.
"""

from math import factorial

import sympy as sp

from backproof.numerics.universality.target import Target, X
from backproof.numerics.universality.witnesses import polynomials
from backproof.numerics.universality.witnesses.witness import Witness


def taylor(target: Target, degree: int = 4, derivatives: int = 0) -> Witness:
    """Σ_{k ≤ n} f⁽ᵏ⁾(0) x^k/k!, each power by k + 1 units."""
    slopes = [sp.diff(target.expression, X, k).subs(X, 0) for k in range(degree + 1)]
    coefficients = [float(s) / factorial(k) for k, s in enumerate(slopes)]
    highest = target.derivative(degree + 1)
    predicted = max(
        highest / factorial(degree + 1 - j) + polynomials.bound(coefficients, j)
        for j in range(derivatives + 1)
    )
    network = polynomials.network(coefficients)
    units = len(network.layers[0].bias)
    because = f"sup|f^({degree + 1})|/({degree + 1} − j)! + polynomial"
    return Witness(
        "taylor", network, target.expression, units, predicted + 1e-15, because, derivatives
    )
