"""The closed forms over the sphere at numbers, to as many digits as are asked."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import comb
from typing import Any

import mpmath
import sympy as sp

from backproof.theory.complexity import periodic
from backproof.theory.complexity.periodic import KAPPA, RATIO, D, R, U
from backproof.theory.errors import BackproofError

Number = Any  # mpmath.mpf, for which there are no types


@cache
def _function(name: str, degree: int = 0) -> Callable[..., Number]:
    """A derived closed form as a function of mpmath numbers."""
    if name == "eigenvalue":
        return sp.lambdify((D, KAPPA), periodic.eigenvalue(degree), "mpmath")
    forms = {
        "mean": ((D, KAPPA), periodic.sphere_exponential),
        "variance": ((D, R, U), periodic.variance),
        "rate": ((RATIO,), periodic.decay_rate),
        "cosine": ((R,), periodic.gaussian_cosine),
        "sine": ((R,), periodic.gaussian_sine),
    }
    arguments, derived = forms[name]
    return sp.lambdify(arguments, derived(), "mpmath")


def cosine(r: float, digits: int = 30) -> Number:
    """E cos(2πrx) over x ~ N(0, 1).

    >>> mpmath.nstr(cosine(0.5), 12)
    '0.00719188335583'
    """
    with mpmath.workdps(digits + 10):
        return _function("cosine")(mpmath.mpf(r))


def sine(r: float, digits: int = 30) -> Number:
    """E x sin(2πrx) over x ~ N(0, 1).

    >>> mpmath.nstr(sine(0.5), 12)
    '0.0225939679161'
    """
    with mpmath.workdps(digits + 10):
        return _function("sine")(mpmath.mpf(r))


def mean(d: int, kappa: float, digits: int = 30) -> Number:
    """Ψ_d(κ) = E e^{κt} on the sphere in ℝ^d, d ≥ 2."""
    with mpmath.workdps(digits + 10):
        return _function("mean")(mpmath.mpf(_dimension(d)), mpmath.mpf(kappa))


def variance(d: int, r: float, u: float, digits: int = 30) -> Number:
    """Var of E cos(2π u·x) cos(2π w·x) over w uniform on the sphere of radius r."""
    with mpmath.workdps(digits + 10 + int(4 * d**0.5)):
        return _function("variance")(mpmath.mpf(_dimension(d)), mpmath.mpf(r), mpmath.mpf(u))


def eigenvalue(d: int, kappa: float, degree: int = 2, digits: int = 30) -> Number:
    """λ_ℓ; for ℓ = 2 the largest variance that any test function sees.

    >>> mpmath.nstr(eigenvalue(10, 7), 12)
    '0.00183699228701'
    """
    with mpmath.workdps(digits + 10):
        if degree % 2:
            return mpmath.mpf(0)
        return _function("eigenvalue", degree)(mpmath.mpf(_dimension(d)), mpmath.mpf(kappa))


def rate(ratio: float) -> float:
    """lim (1/d) log λ_2 for κ = a d."""
    return float(_function("rate")(mpmath.mpf(ratio)))


def multiplicity(d: int, degree: int) -> int:
    """The dimension of the harmonics of degree ℓ: C(d+ℓ−1, ℓ) − C(d+ℓ−3, ℓ−2).

    >>> multiplicity(3, 2)
    5
    """
    lower = comb(d + degree - 3, degree - 2) if degree >= 2 else 0
    return comb(d + degree - 1, degree) - lower


def average(d: int, function: Callable[[Number], Number], digits: int = 30) -> Number:
    """E f(t) on the sphere in ℝ^d, d ≥ 3, by quadrature: an oracle for the closed forms."""
    with mpmath.workdps(digits + 10):
        power = mpmath.mpf(_dimension(d, 3) - 3) / 2
        nodes = [-1, mpmath.mpf(-1) / 2, 0, mpmath.mpf(1) / 2, 1]
        whole = mpmath.quad(lambda t: (1 - t * t) ** power, nodes)
        return mpmath.quad(lambda t: function(t) * (1 - t * t) ** power, nodes) / whole


def _dimension(d: int, least: int = 2) -> int:
    if not isinstance(d, int) or d < least:
        raise BackproofError("d", repr(d), f"an integer, {least} or more", "take a sphere")
    return d
