"""The spin: E = −z y on {−1, 1}."""

import sympy as sp

from backproof.theory.energy.units.unit import Unit, y, z

spin = Unit(
    name="spin",
    support=sp.FiniteSet(-1, 1),
    energy=-z * y,
    reference="Ising, Zeitschrift für Physik 31 (1925)",
    spelled=("ising",),
)
