"""The generalised identity of Stein: E[G(x) S_m(x)] = E[∂^m G(x)], and when it fails.

One formula carries it, Lagrange's bilinear concomitant: for functions of one variable

    ∂^m G · p − (−1)^m G · ∂^m p = ∂ Σ_{j<m} (−1)^j ∂^{m−1−j} G · ∂^j p,

so that after an integration the two expectations differ by what the sum does at the ends of the
support.  In several variables it is used once for each variable of the multi-index.
References: C. Stein, Proc. 6th Berkeley Symposium 2 (1972) 583–602; Janzamin, Sedghi and
Anandkumar, arXiv:1412.2863, theorem 6.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from backproof.theory.algorithms.score import score


def concomitant(function: sp.Expr, density: sp.Expr, x: sp.Symbol, order: int) -> sp.Expr:
    """Σ_{j<m} (−1)^j ∂^{m−1−j} G · ∂^j p.

    >>> x = sp.Symbol("x")
    >>> G, p = sp.Function("G")(x), sp.Function("p")(x)
    >>> left = G.diff(x, 3) * p + G * p.diff(x, 3)
    >>> sp.expand(left - concomitant(G, p, x, 3).diff(x))
    0
    """
    return sp.Add(
        *(
            (-1) ** j * sp.diff(function, x, order - 1 - j) * sp.diff(density, x, j)
            for j in range(order)
        )
    )


@dataclass(frozen=True)
class Stein:
    """Both sides of the identity in one dimension, and what the ends of the support add.

    ``by_score`` = E[G S_m], ``by_derivative`` = E[∂^m G], ``boundary`` the concomitant's increment:
    by_derivative − by_score = boundary.
    """

    by_score: sp.Expr
    by_derivative: sp.Expr
    boundary: sp.Expr

    @property
    def holds(self) -> bool:
        """Whether the ends contribute nothing."""
        return bool(self.boundary == 0)


def stein(
    function: sp.Expr,
    density: sp.Expr,
    x: sp.Symbol,
    order: int,
    support: tuple[sp.Expr, sp.Expr] = (-sp.oo, sp.oo),
) -> Stein:
    """Both sides, integrated by SymPy over the support of the density.

    >>> x = sp.Symbol("x", real=True)
    >>> stein(x**4, sp.exp(-x**2 / 2) / sp.sqrt(2 * sp.pi), x, 2)
    Stein(by_score=12, by_derivative=12, boundary=0)

    A density that stops short has a boundary term, and the identity is wrong without it:

    >>> stein(x**2, sp.exp(-x), x, 1, (0, sp.oo)).holds, stein(1 + x, sp.exp(-x), x, 1, (0, sp.oo))
    (True, Stein(by_score=2, by_derivative=1, boundary=-1))
    """
    low, high = support
    s = score(density, (x,), order)[(0,) * order]
    whole = (x, low, high)
    by_score = _mean(function * s, density, whole)
    by_derivative = _mean(sp.diff(function, x, order), density, whole)
    ratio = sp.expand(sp.powsimp(sp.expand(concomitant(function, density, x, order) / density)))
    ends = ratio * density  # one exponential instead of one a term: a limit that SymPy finds
    boundary = sp.limit(ends, x, high, "-") - sp.limit(ends, x, low, "+")
    return Stein(by_score, by_derivative, sp.expand(boundary))


def _mean(
    function: sp.Expr, density: sp.Expr, whole: tuple[sp.Symbol, sp.Expr, sp.Expr]
) -> sp.Expr:
    """∫ f p, term by term."""
    terms = sp.Add.make_args(sp.expand(function))
    return sp.expand(sp.Add(*(sp.integrate(term * density, whole) for term in terms)))
