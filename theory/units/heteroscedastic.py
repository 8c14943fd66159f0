"""The Gaussian unit with learned variance: fields z, the mean, and s, the log-variance.

The logarithm keeps the variance e^s positive without a constraint.  The likelihood grows without
bound as s → −∞ where y = z exactly; the standardised residual (y − z) e^(−s/2) keeps that corner
free of 0 · ∞.
"""

import sympy as sp

from backproof.theory.units.unit import FIELD, LOG_VARIANCE, Unit

heteroscedastic = Unit(
    name="heteroscedastic",
    support=sp.Reals,
    energy=lambda y, z, s: (y - z) ** 2 * sp.exp(-s) / 2,
    output="linear, two heads: z is the mean, s the log-variance",
    reference="Nix and Weigend, Estimating the mean and variance of the target distribution (1994)",
    fields=(FIELD, LOG_VARIANCE),
    residual=lambda y, z, s: (y - z) * sp.exp(-s / 2),
)
