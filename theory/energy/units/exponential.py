"""The exponential unit: E = −z y on y ≥ 0, with rate −z."""

import sympy as sp

from backproof.theory.energy.units.unit import Unit, y, z

exponential = Unit(
    name="exponential",
    support=sp.Interval(0, sp.oo),
    energy=-z * y,
    reference="Welling, Rosen-Zvi, Hinton, NIPS 17 (2005)",
)
