"""The binary unit: E = −z y on {0, 1}."""

import sympy as sp

from backproof.theory.energy.units.unit import Unit, y, z

binary = Unit(
    name="binary",
    support=sp.FiniteSet(0, 1),
    energy=-z * y,
    reference="Ackley, Hinton, Sejnowski, Cognitive Science 9 (1985), equation (3)",
    spelled=("bernoulli",),
)
