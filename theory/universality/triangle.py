"""The triangle map and what it shows: oscillation, depth, and the square (Telgarsky, Yarotsky).

All exact, in rational numbers.
"""

from __future__ import annotations

import itertools
from fractions import Fraction

import sympy as sp

HALF = Fraction(1, 2)


def triangle(x: Fraction) -> Fraction:
    """T(x) = 2x up to 1/2, 2(1 − x) from there."""
    return 2 * x if x <= HALF else 2 * (1 - x)


def composed(x: Fraction, times: int) -> Fraction:
    """T∘…∘T.

    >>> composed(Fraction(3, 8), 3)
    Fraction(1, 1)
    """
    for _ in range(times):
        x = triangle(x)
    return x


def affine_pieces(times: int) -> int:
    """The number of affine pieces of the k-fold composition, counted on a grid of 2^{k+1} steps.

    >>> affine_pieces(5)
    32
    """
    steps = 2 ** (times + 1)
    values = [composed(Fraction(n, steps), times) for n in range(steps + 1)]
    slopes = [b - a for a, b in itertools.pairwise(values)]
    return 1 + sum(a != b for a, b in itertools.pairwise(slopes))


def teeth(times: int) -> int:
    """The number of places where the composition is one."""
    steps = 2**times
    return sum(composed(Fraction(n, steps), times) == 1 for n in range(steps + 1))


def distance_from_half(times: int) -> Fraction:
    """∫₀¹ |Tᵏ − 1/2| by the trapezoidal rule on the pieces on which it is affine: 1/4 always."""
    steps = 2 ** (times + 1)
    values = [abs(composed(Fraction(n, steps), times) - HALF) for n in range(steps + 1)]
    return sum(((a + b) / (2 * steps) for a, b in itertools.pairwise(values)), Fraction(0))


def classification_bound(teeth_exponent: int, layers: int, nodes: int) -> sp.Rational:
    """Telgarsky's lower bound (n − 4t)/(3n) on the error, n = 2^k points, t = (2m)^l.

    >>> classification_bound(10, 2, 5)
    13/64
    """
    n, t = 2**teeth_exponent, (2 * nodes) ** layers
    return sp.Rational(n - 4 * t, 3 * n)


def square(x: Fraction, levels: int) -> Fraction:
    """Yarotsky's f_m(x) = x − Σ_{s ≤ m} Tˢ(x)/4ˢ."""
    return x - sum((composed(x, s) / 4**s for s in range(1, levels + 1)), Fraction(0))


def square_error(levels: int) -> Fraction:
    """sup|f_m − x²|: f_m interpolates on the grid of step 2^{−m}, so the error is that of chords,

    h²/4 at the middle of each, which is where it is evaluated here.

    >>> square_error(3)
    Fraction(1, 256)
    """
    steps = 2 ** (levels + 1)
    middles = [Fraction(n, steps) for n in range(1, steps, 2)]
    return max(abs(square(x, levels) - x * x) for x in middles)


def chord_error(pieces: int) -> sp.Rational:
    """sup|x² − its interpolation by n chords| = 1/(4n²)."""
    return sp.Rational(1, 4 * pieces**2)


def best_error(pieces: int) -> sp.Rational:
    """The best sup distance of x² from n affine pieces: half that of chords (equioscillation)."""
    return chord_error(pieces) / 2


def stairs_error(steps: int) -> sp.Rational:
    """The best sup distance of x² from constants on N equal pieces: half its rise on the last.

    >>> stairs_error(4)
    7/32
    """
    return (1 - sp.Rational(steps - 1, steps) ** 2) / 2
