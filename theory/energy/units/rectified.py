"""The rectified unit, a truncated Gaussian: E = q y²/2 − z y on y ≥ 0."""

import sympy as sp

from backproof.theory.energy.units.unit import Unit, y, z

q = sp.Symbol("q", positive=True)

rectified = Unit(
    name="rectified",
    support=sp.Interval(0, sp.oo),
    energy=q * y**2 / 2 - z * y,
    parameters=(q,),
    reference="Downs, MacKay, Lee, NIPS 12 (2000); Tubiana, Monasson, PRL 118 (2017)",
    spelled=("relu", "truncated_gaussian"),
)
