"""The Gaussian unit with unit variance: a linear output read as its mean."""

import sympy as sp

from backproof.theory.units.unit import Unit

gaussian = Unit(
    name="gaussian",
    support=sp.Reals,
    energy=lambda y, z: (y - z) ** 2 / 2,
    output="linear: z is the mean",
    reference="Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.2.2.1",
    error="squared error, halved",
)
