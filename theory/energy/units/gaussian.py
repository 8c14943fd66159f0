"""The Gaussian unit in canonical form: E = q y²/2 − z y on the reals, q the precision."""

import sympy as sp

from backproof.theory.energy.units.unit import Unit, y, z

q = sp.Symbol("q", positive=True)

gaussian = Unit(
    name="gaussian",
    support=sp.Reals,
    energy=q * y**2 / 2 - z * y,
    parameters=(q,),
    reference="Welling, Rosen-Zvi, Hinton, NIPS 17 (2005)",
)
