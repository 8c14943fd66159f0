"""The operator F_n of logistic densities, with the Jackson constant 1 + K_n ≤ 2.4876."""

import sympy as sp

from backproof.numerics.universality.target import Target, X
from backproof.numerics.universality.witnesses.witness import Witness
from backproof.theory.universality.jackson import U, density, weight

MEAN_DISTANCE = 1.4876  # K_n for every n: `backproof.numerics.universality.jackson`


def jackson(target: Target, pieces: int) -> Witness:
    """F_n f = Σ f(k/n) φ(nx − k)/Σ φ(nx − k)."""
    n = pieces
    values = [sp.Float(float(target(k / n)), 17) for k in range(n + 1)]
    top = sp.Add(*(v * density(n * X - k) for k, v in enumerate(values)))
    bottom = weight(0, n).subs(U, n * X)
    bound = (1 + MEAN_DISTANCE) * target.modulus(1 / n)
    return Witness("jackson", top / bottom, target.expression, n + 2, bound, "(1 + K_n) ω(f, 1/n)")
