"""The bounded unit, a tilted uniform variable: E = −z y on 0 ≤ y ≤ 1."""

import sympy as sp

from backproof.theory.energy.units.unit import Unit, y, z

bounded = Unit(
    name="bounded",
    support=sp.Interval(0, 1),
    energy=-z * y,
    reference="Loaiza-Ganem, Cunningham, The continuous Bernoulli, NeurIPS (2019)",
    spelled=("continuous_bernoulli",),
)
