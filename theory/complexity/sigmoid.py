"""Sigmoid networks inside polynomial networks: the degree that an error ε takes.

σ(z) − ½ = ½ tanh(z/2) is analytic for |Im z| < π, and with z = x + iy

    |tanh(z/2)|² = (cosh x − cos y)/(cosh x + cos y),

which for cos y ≤ 0 falls with cosh x: on |Im z| ≤ b, π/2 ≤ b < π, it is at most tan²(b/2).  So
Bernstein's ellipse about [−R, R] of half-axis b across, of parameter ρ = q + √(1 + q²) with
q = b/R, gives Chebyshev's coefficients |a_k| ≤ tan(b/2) ρ^{−k}; the even ones are zero, as σ − ½ is
odd, and the sum of the rest is geometric:

    sup_{[−R, R]} |σ − P_D| ≤ tan(b/2) Σ_{odd k > D} ρ^{−k} = tan(b/2) ρ^{−D}/(ρ² − 1),   D odd,

a degree D = O(R log(R/ε)), and b may be chosen.  In a network whose weights into a unit have
Σ|w| ≤ L and whose inputs stay in the radius, an error δ below becomes L δ/4 + ε above
(sup|σ′| = ¼).
References: R. Livni, S. Shalev-Shwartz, O. Shamir, NeurIPS 2014, theorem on sigmoid networks (their
degree O(L log(L/ε)) is from memory, unconfirmed; the bound here is proved); for the coefficients,
L. N. Trefethen, Approximation Theory and Approximation Practice (2013), theorem 8.1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import sympy as sp

from backproof.theory.errors import BackproofError
from backproof.theory.scalars import sigmoid

x, y = sp.symbols("x y", real=True)
R = sp.Symbol("R", positive=True)
RHO = sp.Symbol("rho", positive=True)
DEGREE = sp.Symbol("D", integer=True, positive=True)
C = sp.Symbol("C", positive=True)  # cosh x
HEIGHTS = tuple(sp.pi * k / 32 for k in range(16, 32))


def strip() -> sp.Expr:
    """|tanh(z/2)|² for z = x + iy, over C = cosh x.

    >>> strip()
    (C - cos(y))/(C + cos(y))
    >>> sp.factor(sp.diff(strip(), C))
    2*cos(y)/(C + cos(y))**2
    """
    w = sp.exp(-x) * (sp.cos(y) - sp.I * sp.sin(y))  # e^{−z}, by Euler's formula
    top, low = (sp.expand((1 + s * w) * (1 + s * sp.conjugate(w))) for s in (-1, 1))
    # |1 ∓ e^{−z}|² = 1 + e^{−2x} ∓ 2e^{−x} cos y = 2e^{−x} (cosh x ∓ cos y)
    unit = sp.sin(y) ** 2
    halves = [sp.expand(v.subs(unit, 1 - sp.cos(y) ** 2) * sp.exp(x) / 2) for v in (top, low)]
    cosh = sp.expand(sp.cosh(x).rewrite(sp.exp))
    over, under = (sp.expand(h - cosh) + C for h in halves)
    return over / under


def height_bound(height: sp.Expr) -> sp.Expr:
    """sup of |tanh(z/2)| over |Im z| ≤ b, for π/2 ≤ b < π: at x = 0 and y = b.

    >>> height_bound(sp.pi / 2), height_bound(2 * sp.pi / 3)
    (1, sqrt(3))
    """
    return sp.sqrt(strip().subs({C: 1, y: height}))


def ellipse(radius: sp.Expr = R, height: sp.Expr = sp.pi / 2) -> sp.Expr:
    """ρ of the ellipse about [−R, R] whose half-axis across, R (ρ − 1/ρ)/2, is b.

    >>> ellipse(sp.pi / 2)
    1 + sqrt(2)
    """
    b = sp.Symbol("b", positive=True)
    roots = sp.solve(sp.Eq(R * (RHO - 1 / RHO) / 2, b), RHO)
    (outer,) = (root for root in roots if root.subs({R: 1, b: 1}) > 1)  # of ρ and −1/ρ
    return sp.expand(outer.subs({R: radius, b: height}))


def truncation() -> sp.Expr:
    """Σ over odd k > D of ρ^{−k}, D odd, with q = ρ^{−2} < 1 the geometric quotient.

    >>> truncation()
    1/(rho**D*(rho - 1)*(rho + 1))
    """
    q = sp.Symbol("q", positive=True)
    n = sp.Symbol("n", integer=True, nonnegative=True)
    whole = sp.summation(q**n, (n, 0, sp.oo))
    inside = next(value for value, condition in whole.args if condition != True)  # noqa: E712
    return sp.factor(sp.cancel(inside.subs(q, RHO**-2) * RHO**-2)) * RHO**-DEGREE


def bound(degree: int, radius: float) -> float:
    """sup over [−R, R] of |σ − P_D| is at most this, for odd D and the best b of a few.

    >>> bound(9, 2) < 1e-4
    True
    """
    if degree % 2 == 0:
        raise BackproofError("degree", str(degree), "an odd one", "even terms of σ − ½ are zero")
    return min(_closed_form()(degree, float(radius), float(b)) for b in HEIGHTS) * (1 + 2.0**-40)


@cache
def _closed_form() -> Callable[..., float]:
    """tan(b/2) ρ^{−D}/(ρ² − 1) as a function of D, R and b."""
    b = sp.Symbol("b", positive=True)
    whole = height_bound(b) * truncation().subs(RHO, ellipse(R, b))
    return sp.lambdify((DEGREE, R, b), whole, "math")


def degree(radius: float, error: float) -> int:
    """The least odd D whose bound is at most the error.

    >>> degree(2, 1e-3)
    7
    """
    if not 0 < error < 1:
        raise BackproofError("error", repr(error), "a number between 0 and 1", "ask for 1e-3")
    found = 1
    while bound(found, radius) > error:
        found += 2
    return found


def slope() -> sp.Expr:
    """sup|σ′|, at the zero of σ″.

    >>> slope()
    1/4
    """
    s = sp.Symbol("s", positive=True)
    t = sp.Symbol("t", real=True)
    first = sp.diff(sigmoid(t), t).subs(sigmoid(t), s)
    (top,) = sp.solve(sp.diff(first, s), s)
    return first.subs(s, top)


def propagated(depth: int, weights: sp.Expr, error: sp.Expr) -> sp.Expr:
    """The error after ``depth`` layers, δ_{k+1} = L δ_k/4 + ε from δ_0 = 0.

    >>> propagated(3, sp.Integer(8), sp.Symbol("e"))
    7*e
    """
    delta = sp.S.Zero
    for _ in range(depth):
        delta = sp.expand(weights * slope() * delta + error)
    return delta
