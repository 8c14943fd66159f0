"""The Poisson unit with log rate z, P(y) ∝ exp(y z) / y! on 0, 1, 2, …: counts."""

import sympy as sp

from backproof.theory.units.unit import Unit

poisson = Unit(
    name="poisson",
    support=sp.S.Naturals0,
    energy=lambda y, z: sp.loggamma(y + 1) - y * z,
    output="exponential: exp(z) is the rate, which is the mean",
    reference="Murphy, Probabilistic Machine Learning: An Introduction (2022), section 12.2.3",
)
