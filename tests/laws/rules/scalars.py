"""Rows for scalar functions: the library's own, and those of SymPy that NumPy's names mean.

SymPy differentiates both sides of its own functions, so that for them the first oracle proves the
chain rule alone; the differences and JAX prove the derivative.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from backproof.theory.energy.scalars import FUNCTIONS as OF_ENERGIES
from backproof.theory.scalars import (
    NONNEGATIVE,
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
from laws.rules.planting import fdiff
from laws.rules.row import Mutant, Row

SHAPES = {"x": "n", "w": "n"}


def _wrong(function: Any, flat: bool = False) -> tuple[Mutant, ...]:
    """The derivative with its sign turned and doubled; of a constant one, a derivative at all."""
    if flat:
        return (fdiff(function, lambda slope: slope + 1, "1 too large"),)
    return (
        fdiff(function, lambda slope: -slope, "of the wrong sign"),
        fdiff(function, lambda slope: 2 * slope, "twice"),
    )


def _row(function: Any, call: str, domain: str = "", flat: bool = False, **more: Any) -> Row:
    """f(x) times weights and itself, so that its second derivative shows too."""
    source = f"np.sum({call}*w*x)"
    mutated = more.pop("mutated", function)
    return Row(
        getattr(function, "__name__", str(function)),
        source,
        more.pop("shapes", SHAPES),
        more.pop("wrt", ("x",)),
        _wrong(mutated, flat),
        domain={name: domain for name in ("x", "y") if domain},
        **more,
    )


PAIR = {"shapes": {**SHAPES, "y": "n"}, "wrt": ("x", "y")}
OWN = (
    _row(absolute, "np.abs(x)"),
    _row(expm1, "np.expm1(x)"),
    _row(floor, "np.floor(x)", flat=True),
    _row(hypot, "np.hypot(x, y)", **PAIR),
    _row(larger, "np.maximum(x, y)", **PAIR),
    _row(log1p, "np.log1p(x)", "positive"),
    _row(log_ndtr, "special.log_ndtr(x)"),
    _row(logaddexp, "np.logaddexp(x, y)", **PAIR),
    _row(ndtr, "special.ndtr(x)"),
    _row(ndtri, "special.ndtri(x)", "below one"),
    _row(rel_entr, "special.rel_entr(x, y)", "positive", **PAIR),
    _row(relu, "np.maximum(x + 0.1, 0)"),
    _row(sgn, "np.sign(x)", flat=True),
    _row(sigmoid, "special.expit(x)"),
    _row(smaller, "np.minimum(x, y)", **PAIR),
    _row(softplus, "np.log(1 + np.exp(x))"),
    _row(step, "np.sinh(x)", flat=True, instead=step),
    _row(xlogy, "special.xlogy(x, y)", "positive", **PAIR),
)
# Functions that no NumPy name means: they stand in the place of sinh.
WITHOUT_NAME = tuple(
    _row(f, "np.sinh(x)", "positive", instead=f)
    for f in (*NONNEGATIVE, *OF_ENERGIES)
    if "fdiff" in vars(f)
)
OF_SYMPY = (
    _row(sp.exp, "np.exp(x)"),
    _row(sp.log, "np.log(x)", "positive"),
    _row(sp.sqrt, "np.sqrt(x)", "positive", mutated=sp.Pow),
    _row(sp.tanh, "np.tanh(x)"),
    _row(sp.sinh, "np.sinh(x)"),
    _row(sp.cosh, "np.cosh(x)"),
    _row(sp.sin, "np.sin(x)"),
    _row(sp.cos, "np.cos(x)"),
    _row(sp.tan, "np.tan(x)", "inside"),
    _row(sp.atan, "np.arctan(x)"),
    _row(sp.asin, "np.arcsin(x)", "inside"),
    _row(sp.acos, "np.arccos(x)", "inside"),
    _row(sp.asinh, "np.arcsinh(x)"),
    _row(sp.atanh, "np.arctanh(x)", "inside"),
    _row(sp.erf, "special.erf(x)"),
    _row(sp.erfc, "special.erfc(x)"),
    _row(sp.erfinv, "special.erfinv(x)", "inside"),
    _row(sp.gamma, "special.gamma(x)", "positive"),
    _row(sp.loggamma, "special.gammaln(x)", "positive"),
    _row(sp.digamma, "special.digamma(x)", "positive", mutated=sp.polygamma),
)
ROWS = (*OWN, *WITHOUT_NAME, *OF_SYMPY)
