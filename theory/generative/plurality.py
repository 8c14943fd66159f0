"""Recursive plurality: each vertex takes the colour that most of its children's guesses show.

q colours; a child copies with probability λ and else draws a colour uniformly.  By symmetry a guess
is right with probability p and else uniform on the q − 1 wrong colours.  A guess then shows the
colour of the parent with probability a(p), all others alike, and

    F(p) = Σ_k C(b, k) a^k (1 − a)^{b−k} w_k,

where w_k is the chance that k votes win, ties drawn by lot, against b − k votes on q − 1 colours.
w_k increases with k, so F increases with p (the derivative of a Bernstein polynomial), and

    F(p₀) ≥ p₀  ⟹  every depth succeeds with probability at least p₀.

All of it is exact in fractions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from backproof.theory.errors import BackproofError

GRID = 2**64


@dataclass(frozen=True)
class Plurality:
    """Recursive plurality on the b-ary tree with q colours.

    >>> rule = Plurality(3, 2, Fraction(1, 2))
    >>> rule.weights
    (Fraction(0, 1), Fraction(0, 1), Fraction(1, 1), Fraction(1, 1))
    >>> rule.after(1)
    Fraction(27, 32)
    """

    b: int
    q: int
    copies: Fraction

    def __post_init__(self) -> None:
        if self.b < 1 or self.q < 2 or not 0 <= self.copies <= 1:
            found = f"b={self.b}, q={self.q}, λ={self.copies}"
            raise BackproofError("plurality", found, "b ≥ 1, q ≥ 2, λ in [0, 1]", "check them")

    @cached_property
    def weights(self) -> tuple[Fraction, ...]:
        """w_0, …, w_b."""
        return tuple(wins(k, self.b - k, self.q - 1) for k in range(self.b + 1))

    @property
    def increasing(self) -> bool:
        """Whether w_k increases, and F with it."""
        return all(low <= high for low, high in zip(self.weights, self.weights[1:], strict=False))

    def shown(self, p: Fraction) -> Fraction:
        """a(p): a guess that is right with probability p shows the colour of the parent."""
        same = self.copies + (1 - self.copies) / self.q
        return same * p + (1 - same) * (1 - p) / (self.q - 1)

    def step(self, p: Fraction) -> Fraction:
        """F(p)."""
        a, b = self.shown(p), self.b
        return sum(
            (math.comb(b, k) * a**k * (1 - a) ** (b - k) * w for k, w in enumerate(self.weights)),
            Fraction(0),
        )

    def after(self, depth: int) -> Fraction:
        """The chance that the guess of the root is right, exactly; slow beyond small depths."""
        p = Fraction(1)
        for _ in range(depth):
            p = self.step(p)
        return p

    def enclosed(self, depth: int) -> list[tuple[Fraction, Fraction]]:
        """Bounds of that chance at depths 0 … n: F is monotone, ends are rounded outwards."""
        if not self.increasing:
            raise BackproofError("plurality", "w_k that fall", "weights that grow", "use after(n)")
        low = high = Fraction(1)
        found = [(low, high)]
        for _ in range(depth):
            low = Fraction(math.floor(self.step(low) * GRID), GRID)
            high = Fraction(math.ceil(self.step(high) * GRID), GRID)
            found.append((low, high))
        return found

    def persists(self, p: Fraction) -> bool:
        """Whether F(p) ≥ p and F increases: then all depths succeed with probability ≥ p."""
        return self.increasing and self.step(p) >= p


def wins(own: int, votes: int, rivals: int) -> Fraction:
    """The chance that ``own`` votes win against votes thrown at random on the rivals.

    Of the rivals, t tie with probability C(Q, t) m!/Q^m [x^m] (x^k/k!)^t (Σ_{i<k} x^i/i!)^{Q−t};
    the winner among t + 1 is drawn by lot.

    >>> wins(1, 1, 4), wins(2, 2, 2)
    (Fraction(1, 2), Fraction(3, 4))
    """
    if own == 0:
        return Fraction(int(votes == 0 and rivals == 0))
    total = Fraction(0)
    for ties in range(min(rivals, votes // own) + 1):
        left = votes - own * ties
        ways = power([Fraction(1, math.factorial(i)) for i in range(own)], rivals - ties, left)
        chance = math.comb(rivals, ties) * ways[left] / Fraction(math.factorial(own)) ** ties
        total += chance / (ties + 1)
    return total * Fraction(math.factorial(votes), rivals**votes)


def power(series: list[Fraction], exponent: int, degree: int) -> list[Fraction]:
    """The coefficients up to x^degree of a power of a series that begins with 1.

    From P Q′ = N P′ Q for Q = P^N: n q_n = Σ_i (N i − (n − i)) p_i q_{n−i}.
    """
    found = [Fraction(1)]
    for n in range(1, degree + 1):
        reach = range(1, min(n, len(series) - 1) + 1)
        value = sum(
            ((exponent * i - (n - i)) * series[i] * found[n - i] for i in reach), Fraction(0)
        )
        found.append(value / n)
    return found
