"""Products in d variables by ridge functions: polarisation, each power by divided differences.

On [0, 1]^d a ridge ε·x lies in [−d, d]; the bounds of the powers are those for |x| ≤ d.
"""

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.feedforward import shallow
from backproof.numerics.universality.witnesses.polynomials import BIAS, STEPS, power_units
from backproof.numerics.universality.witnesses.witness import Witness
from backproof.theory.universality.divided_differences import deviation
from backproof.theory.universality.polarisation import ridges


def product(dimension: int) -> Witness:
    """x_1 ⋯ x_d by 2^{d−1} (d + 1) logistic units, d ≤ 3."""
    d = dimension
    h = STEPS[d]
    c, w = power_units(d, h)
    outer, inner = [], []
    for ridge in ridges((1,) * d):
        outer.append(float(ridge.coefficient) * c)
        inner.append(np.outer(w, ridge.direction))
    weights = np.concatenate(outer)
    network = shallow(weights, np.concatenate(inner), np.full(len(weights), float(BIAS)))
    missed = deviation(d, sp.Rational(h), sp.Integer(BIAS), radius=d)
    total = sum(abs(float(ridge.coefficient)) for ridge in ridges((1,) * d))
    predicted = float(sp.N(missed, 20)) * total * (1 + 1e-9)
    predicted += 2.0**-50 * float(np.abs(weights).sum())
    variables = sp.symbols(("x", "y", "z")[:d], real=True)
    because = "polarisation, k h² d^{k+2} sup|σ⁽ᵏ⁺²⁾|/24|σ⁽ᵏ⁾(b)|"
    return Witness("product", network, sp.prod(variables), len(weights), predicted, because)
