"""One random sparse ±1 layer read back: the chances of each unit, exactly.

Each of m × n pairs has an edge with probability p = d/m and a fair sign; s hidden units are active
and y = [G h > 0].  The other active units shift an observed one by R_k, a sum of k edges, which is
symmetric.  Over the draw of G the observed units are independent, so that of the m terms of
(Gᵀy)_u each is +1 with probability α and −1 with probability β, where

    active u:     α = (p/2) P(R_{s−1} ≥ 0),     β = (p/2) P(R_{s−1} ≥ 2),
    inactive u:   α = β = (p/2) P(R_s > 0).

Two observed units with a positive edge from one hidden unit of activity ρ have the covariance
ρ(1 − ρ)(P(R_{s−1} ≥ 0) − P(R_s > 0))².  Flips of the observed bits by ε change a probability x
to ε + (1 − 2ε)x.
Reference: Arora, Bhaskara, Ge and Ma, ICML 2014, for the model and the decoder; the chances are
computed here and not taken from the paper.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from backproof.theory.errors import BackproofError


def shift(count: int, edge: Fraction) -> dict[int, Fraction]:
    """The law of R: of k edges, Bin(k, p) are there and of those a fair half positive.

    >>> shift(1, Fraction(1, 2))
    {-1: Fraction(1, 4), 0: Fraction(1, 2), 1: Fraction(1, 4)}
    """
    found: dict[int, Fraction] = {}
    for there in range(count + 1):
        chance = math.comb(count, there) * edge**there * (1 - edge) ** (count - there)
        for positive in range(there + 1):
            value = 2 * positive - there
            share = chance * math.comb(there, positive) / Fraction(2) ** there
            found[value] = found.get(value, Fraction(0)) + share
    return dict(sorted(found.items()))


@dataclass(frozen=True)
class SparseChances:
    """m observed and n hidden units, d expected edges, s active units, bits flipped with ε.

    >>> layer = SparseChances(10, 5, 2, 1)
    >>> layer.active_terms, layer.inactive_terms
    ((Fraction(1, 10), Fraction(0, 1)), (Fraction(1, 100), Fraction(1, 100)))
    """

    below: int
    hidden: int
    degree: int
    count: int
    flips: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        right = 0 < self.degree <= self.below and 1 <= self.count < self.hidden
        if not (right and 0 <= self.flips <= Fraction(1, 2)):
            raise BackproofError(
                "SparseChances", str(self), "0 < d ≤ m, 1 ≤ s < n, ε ≤ 1/2", "check the sizes"
            )

    @property
    def edge(self) -> Fraction:
        """p = d/m."""
        return Fraction(self.degree, self.below)

    def at_least(self, others: int, value: int) -> Fraction:
        """P(R ≥ value) for a number of other active units."""
        law = shift(others, self.edge)
        return sum((p for r, p in law.items() if r >= value), Fraction(0))

    def flipped(self, chance: Fraction) -> Fraction:
        """The chance that a bit is 1 after the flips."""
        return self.flips + (1 - 2 * self.flips) * chance

    @property
    def active_terms(self) -> tuple[Fraction, Fraction]:
        """α and β of an active unit."""
        half, others = self.edge / 2, self.count - 1
        return (
            half * self.flipped(self.at_least(others, 0)),
            half * self.flipped(self.at_least(others, 2)),
        )

    @property
    def inactive_terms(self) -> tuple[Fraction, Fraction]:
        """α = β of an inactive unit."""
        value = self.edge / 2 * self.flipped(self.at_least(self.count, 1))
        return value, value

    @property
    def related_covariance(self) -> Fraction:
        """The covariance of two observed units with a positive edge from one hidden unit."""
        on, off = self.at_least(self.count - 1, 0), self.at_least(self.count, 1)
        activity = Fraction(self.count, self.hidden)
        values = {RHO: activity, ON: on, OFF: off}
        found = covariance().subs({k: sp.Rational(v) for k, v in values.items()})
        return Fraction(int(found.p), int(found.q))


RHO, ON, OFF = sp.symbols("rho a b", positive=True)


def covariance() -> sp.Expr:
    """Two bits that are independent given a third: each is 1 with chance a if it is on, else b.

    >>> covariance()
    -rho*(a - b)**2*(rho - 1)
    """
    both = RHO * ON**2 + (1 - RHO) * OFF**2
    each = RHO * ON + (1 - RHO) * OFF
    return sp.factor(both - each**2)
