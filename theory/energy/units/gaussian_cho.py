"""The Gaussian unit of Cho, Ilin and Raiko: E = (y − μ)²/(2σ²) − z y/σ² on the reals."""

import sympy as sp

from backproof.theory.energy.units.unit import Unit, y, z

mu, sigma = sp.Symbol("mu", real=True), sp.Symbol("sigma", positive=True)

gaussian_cho = Unit(
    name="gaussian_cho",
    support=sp.Reals,
    energy=(y - mu) ** 2 / (2 * sigma**2) - z * y / sigma**2,
    parameters=(mu, sigma),
    biased=False,
    reference="Cho, Ilin, Raiko, ICANN (2011), equation (3)",
)
