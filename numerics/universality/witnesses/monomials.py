"""Monomials by divided differences of σ (Pinkus): x^k from k + 1 units.

The k-th central difference of w ↦ σ(wx + b) at 0 is h^k times a mean of its k-th derivative
x^k σ⁽ᵏ⁾ with the variance k h²/12 of a B-spline, so that the quotient misses x^k by at most
k h²/24 · |x|^{k+2} sup|σ⁽ᵏ⁺²⁾|/|σ⁽ᵏ⁾(b)|.
"""

from math import comb

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.feedforward import shallow
from backproof.numerics.universality.target import X
from backproof.numerics.universality.witnesses.witness import Witness
from backproof.theory.universality.slopes import S, polynomial, supremum


def monomial(degree: int, h: float = 2.0**-5, bias: float = 1.0) -> Witness:
    """Σ_j (−1)^{k−j} C(k, j) σ((j − k/2) h x + b)/(h^k σ⁽ᵏ⁾(b)) against x^k on [0, 1]."""
    k = degree
    exact = polynomial(k).subs(S, 1 / (1 + sp.exp(-sp.Rational(bias))))
    slope = float(sp.N(exact, 30))
    j = np.arange(k + 1)
    signs = np.array([(-1) ** (k - i) * comb(k, i) for i in j], float)
    weights = signs / (h**k * slope)
    network = shallow(weights, (j - k / 2) * h, np.full(k + 1, bias))
    highest = float(sp.N(supremum(k + 2), 20))
    bound = k * h**2 / 24 * highest / abs(slope) * (1 + 1e-9)
    bound += 2.0**-50 * float(np.abs(weights).sum())  # weights are rounded
    return Witness("monomials", network, X**k, k + 1, bound, "k h² sup|σ⁽ᵏ⁺²⁾|/24|σ⁽ᵏ⁾(b)|")
