"""The scalar functions with a name of their own: one small file each, listed here.

SymPy's own functions (exp, log, tanh, sin, erf, loggamma, …) are used as they are; `ELEMENTARY`
says which NumPy or SciPy name means which.
"""

import sympy as sp

from backproof.theory.scalars.absolute import absolute
from backproof.theory.scalars.elementwise import Elementwise, defined
from backproof.theory.scalars.expm1 import expm1
from backproof.theory.scalars.floor import floor
from backproof.theory.scalars.hypot import hypot
from backproof.theory.scalars.larger import larger
from backproof.theory.scalars.log1p import log1p
from backproof.theory.scalars.log_ndtr import log_ndtr
from backproof.theory.scalars.logaddexp import logaddexp
from backproof.theory.scalars.ndtr import ndtr
from backproof.theory.scalars.ndtri import ndtri
from backproof.theory.scalars.nonzero import nonzero
from backproof.theory.scalars.rel_entr import rel_entr
from backproof.theory.scalars.relu import relu
from backproof.theory.scalars.root import root
from backproof.theory.scalars.rsqrt import rsqrt
from backproof.theory.scalars.sgn import sgn
from backproof.theory.scalars.sigmoid import sigmoid
from backproof.theory.scalars.smaller import smaller
from backproof.theory.scalars.softplus import softplus
from backproof.theory.scalars.step import step
from backproof.theory.scalars.xlogy import xlogy

FUNCTIONS = (
    absolute,
    expm1,
    floor,
    hypot,
    larger,
    log1p,
    log_ndtr,
    logaddexp,
    ndtr,
    ndtri,
    rel_entr,
    relu,
    sgn,
    sigmoid,
    smaller,
    softplus,
    step,
    xlogy,
)

NONNEGATIVE = (root, rsqrt)  # functions of numbers that are not negative
WITHOUT_DERIVATIVE = (nonzero,)  # they refuse one, and say why

ELEMENTARY = {
    "numpy.exp": sp.exp,
    "numpy.log": sp.log,
    "numpy.sqrt": sp.sqrt,
    "numpy.tanh": sp.tanh,
    "numpy.sinh": sp.sinh,
    "numpy.cosh": sp.cosh,
    "numpy.sin": sp.sin,
    "numpy.cos": sp.cos,
    "numpy.tan": sp.tan,
    "numpy.arctan": sp.atan,
    "numpy.arcsin": sp.asin,
    "numpy.arccos": sp.acos,
    "numpy.arcsinh": sp.asinh,
    "numpy.arctanh": sp.atanh,
    "scipy.special.erf": sp.erf,
    "scipy.special.erfc": sp.erfc,
    "scipy.special.erfinv": sp.erfinv,
    "scipy.special.gamma": sp.gamma,
    "scipy.special.gammaln": sp.loggamma,
    "scipy.special.digamma": sp.digamma,
    "scipy.special.psi": sp.digamma,
}

__all__ = [
    "ELEMENTARY",
    "FUNCTIONS",
    "NONNEGATIVE",
    "WITHOUT_DERIVATIVE",
    "Elementwise",
    "defined",
    *(f.__name__ for f in (*FUNCTIONS, *NONNEGATIVE, *WITHOUT_DERIVATIVE)),
]
