"""The Laplace unit with unit scale: a linear output read as its mean, and median.

Its energy is the absolute error, so that the likelihood is robust to outliers.  At y = z the
gradient follows the convention of the absolute value, |x|′(0) = 0.
"""

import sympy as sp

from backproof.theory.scalars import absolute
from backproof.theory.units.unit import Unit

laplace = Unit(
    name="laplace",
    support=sp.Reals,
    energy=lambda y, z: absolute(y - z),
    output="linear: z is the mean, and the median",
    reference="Murphy, Probabilistic Machine Learning: An Introduction (2022), section 11.6.1",
    error="absolute error",
)
