"""The categorical unit with K states: E = −z_k where component k is one."""

from backproof.theory.energy.units.unit import Unit, y, z

categorical = Unit(
    name="categorical",
    support=None,
    energy=-z * y,
    reference="Potts, Proc. Camb. Phil. Soc. 48 (1952); Salakhutdinov, Mnih, Hinton, ICML (2007)",
    spelled=("potts",),
)
