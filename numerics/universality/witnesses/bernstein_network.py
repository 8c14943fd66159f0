"""A Bernstein polynomial as a network: its powers by divided differences of σ.

|N − f| ≤ |B_n f − f| + Σ|a_k| (what the powers miss).
"""

import itertools
from fractions import Fraction
from math import comb

from backproof.numerics.universality.target import Target
from backproof.numerics.universality.witnesses import polynomials
from backproof.numerics.universality.witnesses.bernstein import bernstein
from backproof.numerics.universality.witnesses.witness import Witness


def coefficients(values: list[Fraction]) -> list[Fraction]:
    """The powers of Σ f(k/n) C(n, k) x^k (1 − x)^{n−k}: C(n, j) times the j-th difference at 0.

    >>> coefficients([Fraction(0), Fraction(1, 4), Fraction(1)])  # of x²: x/2 + x²/2
    [Fraction(0, 1), Fraction(1, 2), Fraction(1, 2)]
    """
    n, differences, found = len(values) - 1, list(values), []
    for j in range(n + 1):
        found.append(comb(n, j) * differences[0])
        differences = [b - a for a, b in itertools.pairwise(differences)]
    return found


def bernstein_network(target: Target, degree: int = 4) -> Witness:
    """Units for every power of B_n f, n ≤ 5."""
    n = min(degree, 5)
    values = [Fraction(float(target(k / n))) for k in range(n + 1)]
    powers = [float(a) for a in coefficients(values)]
    predicted = bernstein(target, n).predicted + polynomials.bound(powers)
    network = polynomials.network(powers)
    units = len(network.layers[0].bias)
    because = "Bernstein + Σ|a_k| k h² …"
    return Witness("bernstein network", network, target.expression, units, predicted, because)
