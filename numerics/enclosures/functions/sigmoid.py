"""The logistic function: its derivatives are v or v m times polynomials in v = σ(1 − σ).

With m = 1 − 2σ one has v′ = v m, m′ = −2 v and m² = 1 − 4 v, so that

    σ⁽ᵏ⁾ = v a_k(v) for odd k,       σ⁽ᵏ⁾ = v m a_k(v) for even k ≥ 2,

with integer polynomials: a_1 = 1 and a_2 = 1, a_3 = 1 − 6 v, a_4 = 1 − 12 v, ….  The factor v
makes every bound as small as e^{−|z|} in the tails.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import factorial

import numpy as np

from backproof.numerics.enclosures.functions.smooth import (
    Jets,
    Saturation,
    Smooth,
    nearest,
)
from backproof.numerics.enclosures.rounding import LIBM, Array, U
from backproof.theory import scalars

Polynomial = tuple[int, ...]  # coefficients of v⁰, v¹, …


@cache
def factor(order: int) -> Polynomial:
    """The polynomial a_k: v a has the derivative v m (a + v a′), and v m a has
    v [(1 − 4v)(a + v a′) − 2v a].

    >>> factor(3), factor(5), factor(6)
    ((1, -6), (1, -30, 120), (1, -60, 360))
    """
    if order <= 1:
        return (1,)
    a = factor(order - 1)
    grown = tuple((n + 1) * c for n, c in enumerate(a))  # a + v a′
    if order % 2 == 0:
        return grown
    longer = (*grown, 0)
    return tuple(
        longer[n] - (4 * grown[n - 1] + 2 * a[n - 1] if n else 0) for n in range(len(longer))
    )


@cache
def largest(order: int) -> float:
    """An upper bound of |a_k(v)| (times |m| = √(1 − 4v) for even k) over 0 ≤ v ≤ 1/4, exact steps.

    The interval is cut into 256 pieces; on each, a_k(v) differs from its value in the middle by
    at most the half width times Σ n |c_n| 4^{1−n}.

    >>> 1 <= largest(5) < 1.1
    True
    """
    a, pieces = factor(order), 256
    width = Fraction(1, 4 * pieces)
    slope = sum((n * abs(c) * Fraction(1, 4) ** (n - 1) for n, c in enumerate(a) if n), Fraction(0))
    worst = 0.0
    for piece in range(pieces):
        middle = (piece + Fraction(1, 2)) * width
        value = abs(sum((c * middle**n for n, c in enumerate(a)), Fraction(0))) + slope * width / 2
        m = 1.0 if order % 2 else float(1 - 4 * piece * width) ** 0.5
        worst = max(worst, float(value) * m)
    return worst * (1 + 1e-12)


@cache
def slack(degree: int) -> float:
    """The rounding of v m a_k(v)/k!, k ≤ degree, and of σ itself, in absolute terms."""
    worst = LIBM + 8 * U
    for k in range(1, degree + 1):
        size = sum(abs(c) * 0.25**n for n, c in enumerate(factor(k)))
        tilt = sum(n * abs(c) * 0.25**n for n, c in enumerate(factor(k)))
        relative = (2 * LIBM + 16 * U) * (size + tilt) + (LIBM + 16 * U) * size
        worst = max(worst, 0.25 * (relative + (3 * k + 8) * U * size) / factorial(k))
    return 2 * worst


def evaluated(coefficients: Polynomial, v: Array) -> Array | float:
    """Σ c_n vⁿ by Horner's rule."""
    value: Array | float = float(coefficients[-1])
    for c in reversed(coefficients[:-1]):
        value = value * v + c
    return value


class Sigmoid(Smooth):
    """σ(z) = 1/(1 + e^{−z})."""

    symbol = scalars.sigmoid
    saturation = Saturation(40.0, 0.0, 1.0, 5e-18)  # e⁻⁴⁰ < 4.3e−18

    def jets(self, z: Array, degree: int) -> Jets:
        small = np.exp(-np.abs(z))
        large = 1 / (1 + small)
        tail = small * large
        positive = z > 0
        values = [np.where(positive, large, tail)]
        if degree:
            v = tail * large
            m_v = v * np.where(positive, tail - large, large - tail) if degree > 1 else v
            for k in range(1, degree + 1):
                lead = v if k % 2 else m_v
                scaled = evaluated(factor(k), v)
                values.append(lead * (scaled * (1 / factorial(k))) if k > 1 else lead)
        return values, np.array(slack(degree))

    def bound(self, z: Array, radius: Array, order: int) -> Array:
        tail = np.exp(-nearest(z, radius))
        return (
            tail / (1 + tail) ** 2 * (largest(order) / factorial(order) * (1 + 2 * LIBM + 16 * U))
        )
