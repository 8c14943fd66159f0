"""The Gaussian unit in canonical form: E = q y²/2 − z y on the reals, q the precision."""

import sympy as sp

from backproof.theory.energy.units.unit import Unit

gaussian = Unit(
    name="gaussian",
    support=sp.Reals,
    energy=lambda y, z, q: q * y**2 / 2 - z * y,
    parameters=(sp.Symbol("q", positive=True),),
    reference="Welling, Rosen-Zvi, Hinton, NIPS 17 (2005)",
)
