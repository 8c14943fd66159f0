"""The census of the leaves and the root: mean, variance and correlation, by recursion.

Every vertex of the b-ary tree passes its spin to a child that copies it with probability θ and else
is fair.  S_n is the sum of the spins at depth n.  Given the root +, the children's subtrees are
independent, and with m_n = E[S_n | +] and V_n = Var[S_n | +],

    m_{n+1} = b θ m_n,        V_{n+1} = b (V_n + m_n² (1 − θ²)),

so r_n = V_n/m_n² obeys r_{n+1} = (r_n + 1 − θ²)/(bθ²): it stays bounded exactly if bθ² > 1 (Kesten
and Stigum 1966).  ρ_n² = 1/(1 + r_n) is the squared correlation of S_n with the root.
References: Kesten and Stigum, Additional limit theorems for indecomposable multidimensional
Galton–Watson processes, Annals of Mathematical Statistics 37 (1966); Mossel, Survey: information
flow on trees, 2004.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp

from backproof.theory.errors import BackproofError

B = sp.Symbol("b", positive=True)
THETA = sp.Symbol("theta", positive=True)
DEPTH = sp.Symbol("n", integer=True, nonnegative=True)
MEAN, VARIANCE, RATIO = sp.symbols("m V r", positive=True)


def child_moments() -> tuple[sp.Expr, sp.Expr]:
    """Mean and variance of a child's spin given the parent +, from its law (1 ± θ)/2.

    >>> child_moments()
    (theta, 1 - theta**2)
    """
    law = {sp.S.One: (1 + THETA) / 2, -sp.S.One: (1 - THETA) / 2}
    mean = sp.expand(sum(s * p for s, p in law.items()))
    square = sp.expand(sum(s**2 * p for s, p in law.items()))
    return mean, square - mean**2


def recursion() -> tuple[sp.Expr, sp.Expr]:
    """m_{n+1} and V_{n+1}: b independent subtrees, each by total expectation and variance.

    >>> recursion()
    (b*m*theta, b*(V + m**2*(1 - theta**2)))
    """
    mean, variance = child_moments()
    return B * mean * MEAN, B * (VARIANCE + MEAN**2 * variance)


@cache
def ratio_recursion() -> sp.Expr:
    """r_{n+1} as a function of r_n.

    >>> ratio_recursion()
    (r - theta**2 + 1)/(b*theta**2)
    """
    mean, variance = recursion()
    return sp.factor(sp.cancel((variance / mean**2).subs(VARIANCE, RATIO * MEAN**2)))


def growth() -> sp.Expr:
    """The factor by which differences of r shrink: 1/(bθ²)."""
    return sp.diff(ratio_recursion(), RATIO)


def threshold(b: Any) -> sp.Expr:
    """The θ at which the recursion of r stops being a contraction: 1/√b.

    >>> threshold(4), threshold(2)
    (1/2, sqrt(2)/2)
    """
    (found,) = sp.solve(growth().subs(B, branching(b)) - 1, THETA)
    return found


def flip_threshold(b: Any) -> sp.Expr:
    """The same as a probability of flipping: a child differs with probability ε = (1 − θ)/2.

    >>> flip_threshold(4)
    1/4
    """
    mean, _ = child_moments()
    differs = (1 - mean) / 2  # E σσ′ = 1 − 2 P(σ′ ≠ σ)
    return sp.expand(differs.subs(THETA, threshold(b)))


@cache
def squared_correlation() -> sp.Expr:
    """ρ_n² in closed form, by solving the recursion of r from r_0 = 0.

    >>> sp.factor(squared_correlation().subs(DEPTH, 1) - B*THETA**2/(1 + (B - 1)*THETA**2))
    0
    """
    x = sp.Symbol("x", positive=True)  # bθ²
    r = sp.Function("r")
    step = sp.expand(ratio_recursion().subs(B, x / THETA**2))
    solved = sp.rsolve(r(DEPTH + 1) - step.subs(RATIO, r(DEPTH)), r(DEPTH), {r(0): 0})
    return sp.factor(1 / (1 + solved)).subs(x, B * THETA**2)


@cache
def limit() -> sp.Expr:
    """lim ρ_n² for bθ² > 1, at the fixed point of r: (bθ² − 1)/(bθ² − θ²); for bθ² ≤ 1 it is 0.

    >>> limit()
    (b*theta**2 - 1)/(theta**2*(b - 1))
    """
    (fixed,) = sp.solve(ratio_recursion() - RATIO, RATIO)
    return sp.factor(1 / (1 + fixed))


def many_colours() -> sp.Expr:
    """The same limit for q colours and any f with E f = 0, by second moments.

    S_n = Σ f(leaf).  A child copies with probability λ, so E[f(child) | root] = λ f(root), and with
    A_n = E S_n²/E f²: A_{n+1} = b A_n + b (b − 1) λ² m_n².  θ stands for λ; q does not enter.

    >>> sp.cancel(many_colours() - limit())
    0
    """
    second = sp.Symbol("A", positive=True)
    after = B * second + B * (B - 1) * THETA**2 * MEAN**2
    mean, _ = recursion()
    ratio = sp.cancel((after / mean**2).subs(second, RATIO * MEAN**2))
    (fixed,) = sp.solve(ratio - RATIO, RATIO)
    return sp.factor(1 / fixed)


def correlation(b: Any, theta: Any, depth: int) -> sp.Expr:
    """ρ_n² at one depth, exactly, by running the recursion.

    >>> correlation(2, sp.Rational(9, 10), 1)
    162/181
    """
    values = {B: branching(b), THETA: copying(theta)}
    step, ratio = ratio_recursion().subs(values), sp.S.Zero
    for _ in range(depth):
        ratio = step.subs(RATIO, ratio)
    return 1 / (1 + ratio)


def branching(b: Any) -> sp.Expr:
    """A number of children, at least two."""
    found = sp.sympify(b)
    if not (found.is_Integer and found >= 2):
        raise BackproofError("b", str(b), "an integer ≥ 2", "give the number of children")
    return found


def copying(theta: Any) -> sp.Expr:
    """A probability of copying, decimals as they are written."""
    exact = isinstance(theta, float)
    found = sp.nsimplify(theta, rational=True) if exact else sp.sympify(theta)
    if not (found.is_real and 0 <= found <= 1):
        raise BackproofError("θ", str(theta), "a probability", "give a number in [0, 1]")
    return found
