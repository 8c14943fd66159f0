"""The law of the census of the leaves, exactly: how often a majority of the leaves is right."""

from __future__ import annotations

from fractions import Fraction

Law = dict[int, Fraction]


def census_law(b: int, theta: Fraction, depth: int) -> Law:
    """P(S_n = s | root +) for the sum of the spins at a depth, by convolution in fractions.

    A child copies the root's spin, and the sum of its subtree follows the same law, mirrored if
    the spin is −.

    >>> census_law(2, Fraction(1, 2), 1)
    {-2: Fraction(1, 16), 0: Fraction(3, 8), 2: Fraction(9, 16)}
    """
    law: Law = {1: Fraction(1)}
    for _ in range(depth):
        child: Law = {}
        for s, p in law.items():
            for spin, chance in ((1, (1 + theta) / 2), (-1, (1 - theta) / 2)):
                child[spin * s] = child.get(spin * s, Fraction(0)) + chance * p
        law = {0: Fraction(1)}
        for _ in range(b):
            joined: Law = {}
            for s, p in law.items():
                for t, q in child.items():
                    joined[s + t] = joined.get(s + t, Fraction(0)) + p * q
            law = joined
    return dict(sorted(law.items()))


def majority_success(law: Law) -> Fraction:
    """The chance that the sign of the sum is that of the root, ties by a fair coin."""
    return sum((p * ((s > 0) + Fraction(s == 0, 2)) for s, p in law.items()), Fraction(0))


def squared_correlation(law: Law) -> Fraction:
    """E[S|+]²/E S²: the squared correlation with the root, which is + or − alike."""
    mean = sum((s * p for s, p in law.items()), Fraction(0))
    return mean**2 / sum((s * s * p for s, p in law.items()), Fraction(0))
