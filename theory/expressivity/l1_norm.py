"""[‖x‖₁ − 1]₊ as a network of depth three and width 2d, and why depth two cannot be exact.

The statement is traced, with a symbolic dimension: its equations are those of the network

    h[j] = relu(Σ_i W[j,i] x[i]),  f = relu(Σ_j u[j] h[j] − 1),   W = (I; −I), u = (1, …, 1)
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.scalars import relu
from backproof.theory.trace.tracing import trace

T = sp.Symbol("t", real=True)


def network() -> Model:
    """The network, with W of shape (2d, d).

    >>> print(network())
    t1[i] = Σ_j W[i,j] x[j]
    h[i] = relu(t1[i])
    t2 = Σ_i u[i] h[i] - 1
    f = relu(t2)
    """
    source = "h = np.maximum(W @ x, 0)\nreturn np.maximum(u @ h - 1, 0)"
    return trace(source, W="2*d d", u="2*d", x="d")


def target() -> Model:
    """[‖x‖₁ − 1]₊ stated by itself."""
    return trace("np.maximum(np.sum(np.abs(x)) - 1, 0)", x="d")


def weights(dimension: int) -> tuple[list[list[int]], list[int]]:
    """W = (I; −I) and u = (1, …, 1)."""
    rows = [
        [sign * int(i == j) for j in range(dimension)] for sign in (1, -1) for i in range(dimension)
    ]
    return rows, [1] * (2 * dimension)


def both_sides() -> tuple[sp.Expr, sp.Expr]:
    """relu(t) + relu(−t) for t ≥ 0 and for t ≤ 0, which is |t| on both.

    >>> both_sides()
    (p, p)
    """
    p = sp.Symbol("p", nonnegative=True)
    pair = relu(T) + relu(-T)
    above, below = (pair.subs(T, t).replace(relu, _resolved) for t in (p, -p))
    return above, below


def _resolved(z: sp.Expr) -> sp.Expr:
    """relu of what has a sign."""
    if z.is_nonnegative:
        return z
    return sp.S.Zero if z.is_nonpositive else relu(z, evaluate=False)


def slope_jump(point: Sequence[sp.Rational]) -> sp.Expr:
    """The change of slope of [‖x‖₁ − 1]₊ along (1, …, 1) at a point of {Σ x_i = 1}.

    A sum Σ c_j relu(w_j·x + b_j) has the same jump at all points of a hyperplane but those on
    other kinks. Here it is d on the face of the ball and zero outside it, so that no network of
    depth two, however wide, is equal to it for d ≥ 2. Difference quotients on a side are exact, as
    the function is affine as far as no entry changes its sign and no other facet is met.

    >>> slope_jump([sp.Rational(1, 2)] * 2), slope_jump([sp.Integer(3), sp.Integer(-2)])
    (2, 0)
    """
    if sum(point) != 1 or not all(point):
        raise BackproofError(
            "slope_jump", f"{tuple(point)}", "entries that are not zero and add up to one", "move"
        )
    excess = sp.Add(*map(sp.Abs, point)) - 1  # how far outside of the ball the point lies
    reach = [*map(sp.Abs, point), *([excess] if excess else [])]
    step = min(reach) / (2 * len(point))

    def f(t: sp.Expr) -> sp.Expr:
        return sp.Max(sp.Add(*(sp.Abs(p + t) for p in point)) - 1, 0)

    return (f(step) - f(sp.S.Zero)) / step - (f(sp.S.Zero) - f(-step)) / step
