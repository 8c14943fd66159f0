"""How often a chain of copies reaches from the root to depth n, and to every depth.

An edge copies with probability λ.  The chance p_n that some leaf at depth n is a copy of a copy …
of the root obeys p_{n+1} = 1 − (1 − λ p_n)^b from p_0 = 1; it decreases to the largest fixed point,
which is positive exactly if bλ > 1.  With infinitely many colours this is all there is to know of
the root (Mossel 2001).
Reference: Mossel, Reconstruction on trees: beating the second eigenvalue, Annals of Applied
Probability 11 (2001) 285–300.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from backproof.theory.generative.census import branching, copying

P = sp.Symbol("p", real=True)
LAMBDA = sp.Symbol("lambda", positive=True)


def recursion(b: Any, lam: Any = LAMBDA) -> sp.Expr:
    """p_{n+1} as a polynomial of p_n.

    >>> recursion(2)
    -lambda**2*p**2 + 2*lambda*p
    """
    return sp.expand(1 - (1 - lam * P) ** branching(b))


def survival(b: Any, lam: Any = LAMBDA) -> sp.Expr:
    """The largest fixed point in [0, 1], exactly: an algebraic number, or a formula for b = 2.

    >>> survival(2)
    (2*lambda - 1)/lambda**2
    >>> survival(2, sp.Rational(3, 5)), survival(2, sp.Rational(1, 2))
    (5/9, 0)
    """
    if lam is LAMBDA:
        quotient = sp.cancel((recursion(b) - P) / P)
        return sp.factor(sp.solve(quotient, P)[-1])
    polynomial = sp.Poly(recursion(b, copying(lam)) - P, P)
    return max(root for root in sp.real_roots(polynomial) if (root <= 1) == sp.true)


def reached(b: Any, lam: Any, depth: int) -> sp.Expr:
    """p_n, exactly.

    >>> reached(2, sp.Rational(1, 2), 2)
    39/64
    """
    step, p = recursion(b, copying(lam)), sp.S.One
    for _ in range(depth):
        p = step.subs(P, p)
    return p
