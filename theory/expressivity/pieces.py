"""How many affine pieces a ReLU network of one input can have: at most Π (m_i + 1).

A layer's units are affine combinations of the units before, so they share their knots: K knots,
K + 1 pieces. On each piece a unit has at most one zero, so that m units add at most m(K + 1)
knots: K′ + 1 ≤ (m + 1)(K + 1). A layer that adds up and bounds the units one by one, as
Telgarsky (2015, lemma 2.1) does, gets (2m)^l instead, which is larger as soon as m > 1.

The bound is attained: with s₀ = s₂ + s₃ and Σ 1/s_i = 1 there is one hidden layer of m ≥ 3 units
whose affine combination maps each of m + 1 intervals onto [0, 1], and its l-fold composition has
(m + 1)^l pieces. For m < 3 no network of two layers or more attains it (`narrow_pieces`).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from math import prod

import sympy as sp

from backproof.theory.errors import BackproofError

Layer = tuple[tuple[tuple[Fraction, ...], ...], tuple[Fraction, ...]]


def most_pieces(widths: Sequence[int]) -> int:
    """Π (m_i + 1) over the layers that end with a ReLU.

    >>> most_pieces([3, 3])
    16
    """
    return prod(m + 1 for m in widths)


def narrow_pieces(layers: int, nodes: int) -> int:
    """The bound for width one or two from two layers on: 3·2^(l−2) and 7·3^(l−2), below (m + 1)^l.

    The slopes of a combination of one or two ReLUs never alternate strictly (`alternating`), so
    a unit of the second layer has at most m new knots instead of m + 1: m + m² + 1 pieces.

    >>> narrow_pieces(2, 1), narrow_pieces(2, 2), narrow_pieces(3, 2)
    (3, 7, 21)
    """
    if layers < 2 or nodes > 2:
        raise BackproofError(
            "narrow_pieces", f"{layers} layers of {nodes}", "two layers, two nodes", "most_pieces"
        )
    return (nodes**2 + nodes + 1) * (nodes + 1) ** (layers - 2)


def alternating(nodes: int) -> list[tuple[int, ...]]:
    """Which orientations of m ReLUs let the slopes of a combination alternate strictly.

    A unit at c_i with jump a_i points right (1) or left (−1); the slope on the left of all knots
    is minus the sum of the jumps of those that point left. Slopes −, +, −, … (or the negatives)
    are linear inequalities in the jumps, decided by Fourier and Motzkin's elimination.

    >>> alternating(1), alternating(2), len(alternating(3))
    ([], [], 2)
    """
    found = []
    for directions in itertools.product((1, -1), repeat=nodes):
        slope = [-int(d < 0) for d in directions]
        rows = []
        for i in range(nodes + 1):
            rows.append([(-1) ** i * s for s in slope])
            if i < nodes:
                slope = [s + int(j == i) for j, s in enumerate(slope)]
        if _all_positive(rows):
            found.append(directions)
    return found


def _all_positive(rows: list[list[int]]) -> bool:
    """Whether some point makes every linear form positive (homogeneous, strictly)."""
    if not rows or not all(map(any, rows)):
        return not rows
    if len(rows[0]) == 1:
        return len({row[0] > 0 for row in rows}) == 1
    above = [row for row in rows if row[0] > 0]
    below = [row for row in rows if row[0] < 0]
    kept = [row[1:] for row in rows if row[0] == 0]
    kept += [
        [-q[0] * a + p[0] * b for a, b in zip(p[1:], q[1:], strict=True)]
        for p in above
        for q in below
    ]
    return _all_positive(kept)


def telgarsky_pieces(layers: int, nodes: int) -> int:
    """(2m)^l, the count of the paper."""
    return (2 * nodes) ** layers


def recursion() -> tuple[sp.Expr, sp.Expr]:
    """The knots after a layer, K + m(K + 1), and that its pieces are (m + 1)(K + 1).

    >>> knots, difference = recursion()
    >>> difference
    0
    """
    knots, m = sp.symbols("K m", nonnegative=True)
    after = knots + m * (knots + 1)
    return after, sp.expand(after + 1 - (m + 1) * (knots + 1))


def slopes(nodes: int) -> tuple[Fraction, ...]:
    """Slopes of m + 1 intervals with Σ 1/s_i = 1 and s₀ = s₂ + s₃, their signs left out.

    s₂ = s₃ = 5, s₀ = 10 take half of the unit interval; the others share the rest.

    >>> slopes(3)
    (Fraction(10, 1), Fraction(2, 1), Fraction(5, 1), Fraction(5, 1))
    """
    if nodes < 3:
        raise BackproofError(
            "slopes", f"{nodes} units", "three at least", "with fewer the bound is not attained so"
        )
    others = Fraction(2 * (nodes - 2))
    fixed = (Fraction(10), others, Fraction(5), Fraction(5))
    return fixed + (others,) * (nodes - 3)


def zigzag(nodes: int) -> tuple[Layer, Layer]:
    """A hidden layer of m units, and the combination of them that goes up and down m + 1 times.

    Unit 3 is relu(c₃ − x), the others are relu(x − c_i). The slope at c_i changes by
    ∓(s_{i−1} + s_i), whichever way a unit points, and on the left of every knot only unit 3 has a
    slope, −(−(s₂ + s₃)) = s₀.
    """
    s = slopes(nodes)
    knots = [sum((1 / t for t in s[:n]), Fraction(0)) for n in range(1, nodes + 1)]
    directions = [Fraction(-1 if n == 2 else 1) for n in range(nodes)]
    hidden: Layer = (
        tuple((d,) for d in directions),
        tuple(-d * c for d, c in zip(directions, knots, strict=True)),
    )
    jumps = tuple((-1) ** n * -(s[n] + s[n + 1]) for n in range(nodes))
    start = jumps[2] * knots[2]  # unit 3 at zero; the function starts at zero
    return hidden, ((jumps,), (-start,))


def folded(nodes: int, times: int) -> list[Layer]:
    """The l-fold composition as one network: each combination is merged with the layer above."""
    (first, bias), ((row,), (shift,)) = zigzag(nodes)
    weights = tuple(tuple(w * jump for jump in row) for (w,) in first)
    shifted = tuple(b + w * shift for (w,), b in zip(first, bias, strict=True))
    return [(first, bias), *[(weights, shifted)] * (times - 1), ((row,), (shift,))]
