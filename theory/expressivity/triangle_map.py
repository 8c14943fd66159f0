"""The triangle map f(x) = relu(2 relu(x) − 4 relu(x − ½)) composed with itself, by induction.

On the halves of [0, 1] f is 2x and 2 − 2x, so f^{k+1} is f^k(2x) on the left half and f^k(2 − 2x)
on the right: two copies of f^k, the second mirrored. Pieces, teeth, the values at i/2^k and the
integral of |f^k − ½| follow for every k.
"""

from __future__ import annotations

import sympy as sp

from backproof.theory.scalars import relu

X = sp.Symbol("x", real=True)
U = sp.Symbol("u", real=True)
HALF = sp.Rational(1, 2)
NETWORK = relu(2 * relu(X) - 4 * relu(X - HALF))
LAYERS: tuple[tuple[list[list[sp.Expr]], list[sp.Expr]], ...] = (
    ([[sp.S.One], [sp.S.One]], [sp.S.Zero, -HALF]),
    ([[sp.Integer(2), sp.Integer(-4)]], [sp.S.Zero]),
)


def halves() -> tuple[sp.Expr, sp.Expr]:
    """f on the left and on the right half, from the network: each relu is dropped or resolved.

    >>> halves()
    (2*x, 2 - 2*x)
    """
    left, right = (
        sp.expand(NETWORK.args[0].subs({relu(X): X, relu(X - HALF): inner}))
        for inner in (sp.S.Zero, X - HALF)
    )
    return left, right  # both are at least zero on their half, so the outer relu is no change


def distance_shares() -> tuple[sp.Expr, sp.Expr]:
    """The c of ∫ |f^{k+1} − ½| = c ∫₀¹ |f^k − ½| on each half, by substitution: ½ and ½.

    >>> distance_shares()
    (1/2, 1/2)
    """
    g = sp.Function("g", real=True)
    left, right = halves()
    whole = sp.Abs(g(U) - HALF)
    shares = []
    for inner, (a, b) in ((left, (0, HALF)), (right, (HALF, 1))):
        piece = sp.Integral(sp.Abs(g(inner) - HALF), (X, a, b)).transform(inner, U)
        assert piece.limits == ((U, 0, 1),)
        shares.append(piece.function / whole)
    return shares[0], shares[1]


def distance_from_half() -> sp.Expr:
    """∫₀¹ |f^k − ½| for every k ≥ 0: the shares add up to one, so it is ∫₀¹ |x − ½|.

    >>> distance_from_half()
    1/4
    """
    start = sp.integrate(HALF - X, (X, 0, HALF)) + sp.integrate(X - HALF, (X, HALF, 1))
    return sp.Add(*distance_shares()) * start
