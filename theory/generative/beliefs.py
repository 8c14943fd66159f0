"""Beliefs about a spin, and why bθ² < 1 leaves nothing of the root.

A posterior is M = E[σ | what is seen] ∈ [−1, 1]; a channel is a law of |M|, since given |M| = m
what is seen is σ with probability (1 + m)/2.  Two independent channels m₁, m₂ agree with
probability (1 + m₁m₂)/2, and Bayes' rule gives |M| in either case.  An edge multiplies M by θ.  So

    m₁² + m₂² − E M² = m₁² m₂² (2 − m₁² − m₂²)/(1 − m₁² m₂²) ≥ 0,

so x_n = E M_n² obeys x_{n+1} ≤ b θ² x_n: beliefs vanish for bθ² < 1, whatever the algorithm.
References: Bleher, Ruiz and Zagrebnov, Journal of Statistical Physics 79 (1995); Evans, Kenyon,
Peres and Schulman, Broadcasting on trees and the Ising model, Annals of Applied Probability 10
(2000).
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

M1, M2 = sp.symbols("m_1 m_2", positive=True)


@dataclass(frozen=True)
class Merged:
    """Two channels seen together: how often they agree, and |M| if they do and if they do not.

    ``differs`` has the sign of m₁ − m₂; its absolute value is meant.
    """

    chance: sp.Expr
    agrees: sp.Expr
    differs: sp.Expr


def merged() -> Merged:
    """By Bayes' rule, summed over σ = ±1.

    >>> found = merged()
    >>> found.agrees, found.differs
    ((m_1 + m_2)/(m_1*m_2 + 1), -(m_1 - m_2)/(m_1*m_2 - 1))
    """

    def seen(sign: int, m: sp.Expr, spin: int) -> sp.Expr:
        return (1 + sign * spin * m) / 2

    found = []
    for second in (1, -1):
        weights = {s: seen(1, M1, s) * seen(second, M2, s) / 2 for s in (1, -1)}
        total = sp.expand(sum(weights.values()))
        mean = sp.factor(sp.expand(sum(s * p for s, p in weights.items())) / total)
        found.append((2 * total, mean))  # and the mirror image of what is seen
    (chance, agrees), (_, differs) = found
    return Merged(sp.expand(chance), agrees, differs)


def second_moment() -> sp.Expr:
    """E M² of two channels seen together."""
    m = merged()
    return sp.factor(m.chance * m.agrees**2 + (1 - m.chance) * m.differs**2)


def loss() -> sp.Expr:
    """m₁² + m₂² − E M², which is not negative.

    >>> loss()
    m_1**2*m_2**2*(m_1**2 + m_2**2 - 2)/((m_1*m_2 - 1)*(m_1*m_2 + 1))
    """
    return sp.factor(M1**2 + M2**2 - second_moment())


def edge() -> sp.Expr:
    """|M| of a parent that sees a child's belief m through an edge: θ m, by Bayes' rule.

    >>> edge()
    m_1*theta
    """
    theta = sp.Symbol("theta", positive=True)
    weights = {}
    for parent in (1, -1):
        weights[parent] = sum(
            (1 + parent * child * theta) / 2 * (1 + child * M1) / 2 for child in (1, -1)
        )
    total = sp.expand(sum(weights.values()))
    return sp.factor(sp.expand(sum(s * p for s, p in weights.items())) / total)
