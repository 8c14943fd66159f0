"""The Gaussian unit by mean and deviation: E = (y − μ)²/(2σ²) − z y/σ on the reals."""

import sympy as sp

from backproof.theory.energy.units.unit import Unit, y, z

mu, sigma = sp.Symbol("mu", real=True), sp.Symbol("sigma", positive=True)

gaussian_mean = Unit(
    name="gaussian_mean",
    support=sp.Reals,
    energy=(y - mu) ** 2 / (2 * sigma**2) - z * y / sigma,
    parameters=(mu, sigma),
    biased=False,
    reference="Hinton, A practical guide to training RBMs (2012), section 13.2",
    spelled=("gaussian_mu_sigma",),
)
