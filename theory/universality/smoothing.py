"""Smoothing by a Gaussian: E|f(x + hZ) − f(x)| ≤ L h E|Z| = L h √(2/π)."""

from __future__ import annotations

import sympy as sp

Z = sp.Symbol("z", real=True)
DENSITY = sp.exp(-(Z**2) / 2) / sp.sqrt(2 * sp.pi)


def mean_distance() -> sp.Expr:
    """E|Z| of a standard normal Z, by integrating z φ(z) on the half-line twice.

    >>> mean_distance()
    sqrt(2)/sqrt(pi)
    """
    return 2 * sp.integrate(Z * DENSITY, (Z, 0, sp.oo))


def bound(lipschitz: sp.Expr, h: sp.Expr) -> sp.Expr:
    """L h √(2/π), the distance of a Lipschitz function from its smoothed self; sharp for |x|.

    >>> float(bound(1, sp.Rational(1, 10)))
    0.07978845608028654
    """
    return sp.sympify(lipschitz) * sp.sympify(h) * mean_distance()


def smoothed(f: sp.Expr, x: sp.Symbol, h: sp.Expr) -> sp.Expr:
    """E f(x + hZ), the convolution of f with a Gaussian of width h.

    >>> x, h = sp.symbols("x h", positive=True)
    >>> smoothed(x**2, x, h)
    h**2 + x**2
    """
    return sp.expand(sp.integrate(sp.expand(f.subs(x, x + h * Z) * DENSITY), (Z, -sp.oo, sp.oo)))
