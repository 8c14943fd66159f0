"""Monomials by divided differences of σ (Pinkus): x^k from k + 1 units, with derivatives.

`backproof.theory.universality.divided_differences` derives the bound.
"""

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.feedforward import shallow
from backproof.numerics.universality.target import X
from backproof.numerics.universality.witnesses.polynomials import BIAS, power_units
from backproof.numerics.universality.witnesses.witness import Witness
from backproof.theory.universality.divided_differences import deviation
from backproof.theory.universality.slopes import supremum


def monomial(degree: int, h: float = 2.0**-5, derivatives: int = 0) -> Witness:
    """Σ_j (−1)^{k−j} C(k, j) σ((j − k/2) h x + b)/(h^k σ⁽ᵏ⁾(b)) against x^k on [0, 1], in C^m."""
    k = degree
    c, w = power_units(k, h)
    network = shallow(c, w, np.full(k + 1, float(BIAS)))
    predicted = 0.0
    for m in range(derivatives + 1):
        missed = float(sp.N(deviation(k, sp.Rational(h), sp.Integer(BIAS), m), 20)) * (1 + 1e-9)
        steep = float(sp.N(supremum(m), 20)) if m else 1.0
        rounded = 2.0**-50 * float((np.abs(c) * np.abs(w) ** m).sum()) * steep
        predicted = max(predicted, missed + rounded)
    because = "k h² sup|σ⁽ᵏ⁺²⁾|/24|σ⁽ᵏ⁾(b)|" if not derivatives else f"the same in C^{derivatives}"
    return Witness("monomials", network, X**k, k + 1, predicted, because, derivatives)
