"""Polynomials: every power by divided differences, with the derivatives of the error.

Σ a_k x^k misses by at most Σ |a_k| times what the powers miss; the same holds for derivatives.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import comb

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.feedforward import FeedForward, shallow
from backproof.numerics.universality.target import X
from backproof.numerics.universality.witnesses.witness import Witness
from backproof.theory.universality.divided_differences import deviation, slope
from backproof.theory.universality.slopes import supremum

BIAS = 1
STEPS = {1: 2.0**-9, 2: 2.0**-8, 3: 2.0**-7, 4: 2.0**-6, 5: 2.0**-5}  # rounding grows as h^{−k}


def power_units(degree: int, h: float) -> tuple[np.ndarray, np.ndarray]:
    """Outer and inner weights of the k + 1 units whose sum is near x^k."""
    k = degree
    size = h**k * float(sp.N(slope(k, sp.Integer(BIAS)), 30))
    signs = np.array([(-1) ** (k - j) * comb(k, j) for j in range(k + 1)], float)
    return signs / size, (np.arange(k + 1) - k / 2) * h


def network(coefficients: Sequence[float]) -> FeedForward:
    """Σ a_k x^k by logistic units: k + 1 for each power that occurs."""
    outer, inner = [np.empty(0)], [np.empty(0)]
    for k, a in enumerate(coefficients):
        if k and a:
            c, w = power_units(k, STEPS[k])
            outer.append(a * c)
            inner.append(w)
    c, w = np.concatenate(outer), np.concatenate(inner)
    return shallow(c, w, np.full(len(c), float(BIAS)), float(coefficients[0]))


def bound(coefficients: Sequence[float], order: int = 0) -> float:
    """What Σ a_k x^k misses in the derivative of an order, for |x| ≤ 1, rounding of c included."""
    total = 0.0
    for k, a in enumerate(coefficients):
        if k and a:
            missed = deviation(k, sp.Rational(STEPS[k]), sp.Integer(BIAS), order)
            c, w = power_units(k, STEPS[k])
            steep = float(sp.N(supremum(order), 20)) if order else 1.0
            rounded = 2.0**-50 * float((np.abs(c) * np.abs(w) ** order).sum()) * steep
            total += abs(a) * (float(sp.N(missed, 20)) * (1 + 1e-9) + rounded)
    return total


def polynomial(coefficients: Sequence[float], derivatives: int = 0) -> Witness:
    """A polynomial of degree at most five on [0, 1], in C^m."""
    exact = sp.Add(*(sp.Rational(Fraction(a)) * X**k for k, a in enumerate(coefficients)))
    predicted = max(bound(coefficients, m) for m in range(derivatives + 1))
    units = sum(k + 1 for k, a in enumerate(coefficients) if k and a)
    because = "Σ|a_k| k h² …" if not derivatives else f"Leibniz' rule to order {derivatives}"
    return Witness(
        "polynomial", network(coefficients), exact, units, predicted, because, derivatives
    )
