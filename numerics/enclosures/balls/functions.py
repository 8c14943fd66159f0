"""Smooth functions in ball arithmetic: Taylor coefficients, and a bound of a derivative on a ball.

Coefficients come from Arb's power series; bounds of the logistic family from the derivatives'
form v a_k(v), as in the float engine, whose constants are exact rationals.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial
from typing import Protocol

import sympy as sp

from backproof.numerics.enclosures.balls.arithmetic import Ball, arb, arb_series
from backproof.numerics.enclosures.functions.sigmoid import largest
from backproof.theory import scalars

Series = Callable[[Ball], Ball]


class Jets(Protocol):
    """What can be composed with a model."""

    def jets(self, z: Ball, degree: int) -> list[Ball]:
        """g⁽ᵏ⁾(z)/k! for k = 0 … degree."""

    def bound(self, z: Ball, order: int) -> Ball:
        """A ball that holds g⁽ᵏ⁾/k! over z."""


@dataclass(frozen=True)
class Curve:
    """``series`` maps a power series to that of g; ``bound(z, k)`` holds |g⁽ᵏ⁾|/k! over z."""

    series: Series
    bound: Callable[[Ball, int], Ball]

    def jets(self, z: Ball, degree: int) -> list[Ball]:
        """g⁽ᵏ⁾(z)/k! for k = 0 … degree."""
        if degree == 0:
            found = self.series(arb_series([z, 0])).coeffs()
        else:
            found = self.series(arb_series([z, 1])).coeffs()
        return [*found, *[arb(0)] * (degree + 1 - len(found))][: degree + 1]


def from_series(series: Series) -> Curve:
    """A function whose bound is the coefficient of its own series over the ball."""

    def bound(z: Ball, order: int) -> Ball:
        coefficients = series(arb_series([z, 1])).coeffs()
        return coefficients[order] if order < len(coefficients) else arb(0)

    return Curve(series, bound)


def sigmoid_bound(z: Ball, order: int) -> Ball:
    """v(nearest to zero) · max|a_k|/k!."""
    tail = (-z.abs_lower()).exp()
    return tail / (1 + tail) ** 2 * arb(largest(order)) / factorial(order)


def softplus_bound(z: Ball, order: int) -> Ball:
    """σ itself for the first derivative, σ's derivatives then."""
    if order == 1:
        return 1 / (1 + (-z).exp())
    return sigmoid_bound(z, order - 1) / order


def tanh_series(z: Ball) -> Ball:
    """1 − 2/(e^{2z} + 1), from the side that does not overflow."""
    if z[0] > 0:
        return 1 - 2 / ((2 * z).exp() + 1)
    return 2 / ((-2 * z).exp() + 1) - 1


def softplus_series(z: Ball) -> Ball:
    """log(1 + e^z), or z + log(1 + e^{−z})."""
    return z + (1 + (-z).exp()).log() if z[0] > 0 else (1 + z.exp()).log()


def _sine(z: Ball, order: int) -> Ball:
    return arb(1) / factorial(order)


def _arctangent(z: Ball, order: int) -> Ball:
    near = z.abs_lower()
    return (1 + near * near) ** (arb(-order) / 2) / order


CURVES: dict[type[sp.Basic], Curve] = {
    scalars.sigmoid: Curve(lambda z: 1 / (1 + (-z).exp()), sigmoid_bound),
    scalars.softplus: Curve(softplus_series, softplus_bound),
    sp.tanh: Curve(tanh_series, lambda z, k: sigmoid_bound(2 * z, k) * 2 ** (k + 1)),
    sp.exp: from_series(lambda z: z.exp()),
    sp.log: from_series(lambda z: z.log()),
    sp.sin: Curve(lambda z: z.sin(), _sine),
    sp.cos: Curve(lambda z: z.cos(), _sine),
    sp.atan: Curve(lambda z: z.atan(), _arctangent),
    sp.erf: from_series(lambda z: z.erf()),
}


def power(exponent: sp.Rational) -> Curve:
    """z^p, whose k-th coefficient is binomial(p, k) z^{p−k}."""
    p = arb(int(exponent.p)) / int(exponent.q)

    def bound(z: Ball, order: int) -> Ball:
        factor = sp.binomial(exponent, order)
        return arb(int(factor.p)) / int(factor.q) * z ** (p - order)

    if exponent.is_Integer:
        whole = -int(exponent)

        def inverse(z: Ball) -> Ball:
            result = z
            for _ in range(whole - 1):
                result = result * z
            return 1 / result

        return Curve(inverse, bound)
    if exponent == sp.S.Half:
        return Curve(lambda z: z.sqrt(), bound)
    return Curve(lambda z: (z.log() * p).exp(), bound)
