"""The Bernoulli unit, P(y) ∝ exp(y z) on {0, 1}: a sigmoid output read as its mean."""

import sympy as sp

from backproof.theory.units.unit import Unit

bernoulli = Unit(
    name="bernoulli",
    support=sp.FiniteSet(0, 1),
    energy=lambda y, z: -y * z,
    output="sigmoid: σ(z) is the probability of 1",
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.2.2.2",
)
