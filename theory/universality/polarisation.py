"""Polarisation: a product is a sum of powers of ridge functions.

    x_1 x_2 ⋯ x_k = 1/(2^{k−1} k!) Σ_{ε_1 = 1, ε_i = ±1} (Π ε_i) (x_1 + ε_2 x_2 + … + ε_k x_k)^k

In the sum over all signs a monomial x^α of degree k survives only if every α_i is odd, that is if
every α_i is one; it comes k! times in each of the 2^{k−1} powers.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import sympy as sp


@dataclass(frozen=True)
class Ridge:
    """coefficient · (direction · x)^degree."""

    coefficient: sp.Rational
    direction: tuple[int, ...]
    degree: int

    def expression(self, variables: tuple[sp.Symbol, ...]) -> sp.Expr:
        """The term as SymPy writes it."""
        inner = sp.Add(*(a * x for a, x in zip(self.direction, variables, strict=True)))
        return self.coefficient * inner**self.degree


def ridges(exponents: tuple[int, ...]) -> tuple[Ridge, ...]:
    """Powers of ridge functions that add up to Π x_i^{α_i}; equal ones are joined.

    >>> for ridge in ridges((1, 1)): print(ridge)
    Ridge(coefficient=1/4, direction=(1, 1), degree=2)
    Ridge(coefficient=-1/4, direction=(1, -1), degree=2)
    """
    factors = [i for i, times in enumerate(exponents) for _ in range(times)]
    k = len(factors)
    if k == 0:
        return (Ridge(sp.S.One, tuple(0 for _ in exponents), 0),)
    joined: dict[tuple[int, ...], sp.Rational] = {}
    for tail in itertools.product((1, -1), repeat=k - 1):
        direction = [0] * len(exponents)
        for sign, i in zip((1, *tail), factors, strict=True):
            direction[i] += sign
        key, weight = tuple(direction), sp.Integer(sp.prod(tail))
        leading = next((a for a in key if a), 0)
        if leading < 0:  # (−a·x)^k = (−1)^k (a·x)^k
            key, weight = tuple(-a for a in key), weight * (-1) ** k
        joined[key] = joined.get(key, sp.S.Zero) + weight
    scale = sp.Integer(2) ** (k - 1) * sp.factorial(k)
    return tuple(
        Ridge(weight / scale, key, k) for key, weight in joined.items() if weight and any(key)
    )
