"""Monomials of degree at most t on m points, and how many layers an exact fit needs.

A network of depth t whose units multiply outputs of the layer below with linear functions computes
polynomials of degree at most t, a space of dimension C(d+t, t).  On m points in general position
their values span

    rank = min(m, C(d+t, t)),

so that zero training error is first possible at the least t with C(d+t, t) ≥ m.  For *every* m
distinct points it is possible at t = m − 1: a generic line of projection keeps the points apart,
and Lagrange's polynomials along it have degree m − 1.  The rank grows in every layer until it is m
(if one layer adds nothing, none above it does), which is the Basis Learner's bound of m − 1 layers.
References: R. Livni, S. Shalev-Shwartz, O. Shamir, An algorithm for training polynomial networks,
arXiv:1304.7045 (2013); On the computational efficiency of training neural networks, NeurIPS 2014.
"""

from __future__ import annotations

from itertools import combinations_with_replacement
from math import comb

import sympy as sp

from backproof.theory.errors import BackproofError


def exponents(d: int, t: int) -> list[tuple[int, ...]]:
    """The exponents of all monomials in d variables of degree at most t, by degree.

    >>> exponents(2, 2)
    [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]
    """
    found = []
    for degree in range(t + 1):
        for choice in combinations_with_replacement(range(d), degree):
            found.append(tuple(choice.count(i) for i in range(d)))
    return found


def dimension(d: int, t: int) -> int:
    """C(d+t, t).

    >>> dimension(3, 2) == len(exponents(3, 2)) == 10
    True
    """
    return comb(d + t, t)


def generic_rank(m: int, d: int, t: int) -> int:
    """The rank on m points in general position: min(m, C(d+t, t)).

    >>> [generic_rank(*case) for case in ((12, 2, 3), (8, 2, 3), (12, 3, 2), (30, 3, 3))]
    [10, 8, 10, 20]
    """
    return min(m, dimension(d, t))


def layers(m: int, d: int) -> int:
    """The least t with C(d+t, t) ≥ m: where m points in general position are first fitted.

    >>> layers(20, 3), layers(21, 3), layers(7, 1)
    (3, 4, 6)
    """
    if m < 1 or d < 1:
        raise BackproofError("layers", f"m = {m}, d = {d}", "m, d ≥ 1", "give points to fit")
    t = 0
    while dimension(d, t) < m:
        t += 1
    return t


def lagrange(places: list[sp.Expr], x: sp.Symbol) -> list[sp.Expr]:
    """The m polynomials of degree m − 1 that are one at one place and zero at the others.

    >>> x = sp.Symbol("x")
    >>> lagrange([sp.S(0), sp.S(1)], x)
    [1 - x, x]
    """
    return [sp.Mul(*((x - b) / (a - b) for b in places if b != a)) for a in places]
