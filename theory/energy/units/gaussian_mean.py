"""The Gaussian unit by mean and deviation: E = (y − μ)²/(2σ²) − z y/σ on the reals."""

import sympy as sp

from backproof.theory.energy.units.unit import Unit

gaussian_mean = Unit(
    name="gaussian_mean",
    support=sp.Reals,
    energy=lambda y, z, mu, sigma: (y - mu) ** 2 / (2 * sigma**2) - z * y / sigma,
    parameters=(sp.Symbol("mu", real=True), sp.Symbol("sigma", positive=True)),
    biased=False,
    reference="Hinton, A practical guide to training RBMs (2012), section 13.2",
    spelled=("gaussian_mu_sigma",),
)
