"""Chebyshev's truncation of the logistic function, in rationals, and its certified error."""

from __future__ import annotations

from functools import cache

import mpmath
import sympy as sp

from backproof.numerics.enclosures.certificate import Certificate
from backproof.numerics.enclosures.certify import certify
from backproof.theory.scalars import sigmoid

T = sp.Symbol("t", real=True)
DIGITS = 40


@cache
def coefficients(degree: int, radius: int, nodes: int = 96) -> tuple[sp.Rational, ...]:
    """The coefficients c_0, …, c_D in t of P_D ≈ σ on [−R, R], exact as rationals.

    Chebyshev's a_k = (2/π) ∫ σ(R cos θ) cos kθ dθ by the midpoint rule, which for an analytic
    function errs by far less than is certified; what they are is certified afterwards.

    >>> c = coefficients(3, 1)
    >>> len(c), abs(float(c[1]) - 0.25) < 1e-2
    (4, True)
    """
    with mpmath.workdps(DIGITS):
        angles = [(2 * j + 1) * mpmath.pi / (2 * nodes) for j in range(nodes)]
        values = [1 / (1 + mpmath.exp(-radius * mpmath.cos(a))) for a in angles]
        whole = sp.Poly(0, T)
        for k in range(degree + 1):
            if k and k % 2 == 0:
                continue  # σ − ½ is odd
            a = 2 * mpmath.fsum(v * mpmath.cos(k * t) for v, t in zip(values, angles, strict=True))
            exact = sp.Rational(int(mpmath.nint(a / nodes * 2**80)), 2**80) / (1 if k else 2)
            whole += sp.Poly(exact * sp.chebyshevt(k, T / radius), T)
    return tuple(reversed(whole.all_coeffs()))


def polynomial(degree: int, radius: int) -> sp.Expr:
    """P_D(t), in Horner's form."""
    return sp.horner(sp.Poly(list(reversed(coefficients(degree, radius))), T))


def certified(degree: int, radius: int, rtol: float = 1e-2) -> Certificate:
    """Bounds on sup over [−R, R] of |σ − P_D|.

    >>> claim = certified(3, 1)
    >>> 0 < claim.lower <= claim.upper < 3e-3
    True
    """
    return certify(sigmoid(T), polynomial(degree, radius), (-radius, radius), rtol)
