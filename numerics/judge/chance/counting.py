"""Tests of counts and of means whose false-alarm rate is a theorem, not an asymptotic.

    counts      n·KL(p̂ ‖ p) ≥ t      has probability ≤ (e t/(k−1))^(k−1) e^(−t),  t > k − 1
    means       |mean − μ| ≥ t       has probability ≤ 2 exp(−n t²/(2σ² + 2 r t/3))

for n independent draws from k cells, and for n independent numbers with variance at most σ² that
lie within r of their mean.  2n·KL is the likelihood-ratio chi-square statistic G.

Reference: R. Agrawal, Finite-sample concentration of the multinomial in relative entropy (IEEE
Transactions on Information Theory, 2020), theorem 1.2; S. Boucheron, G. Lugosi, P. Massart,
Concentration inequalities (2013), corollary 2.11 (Bernstein).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize

Array = np.ndarray[Any, Any]
TRIALS = 200  # simulated experiments behind a power


@dataclass(frozen=True)
class Test:
    """What was tested: a statistic, the threshold for its share of the budget, the outcome."""

    words: str
    statistic: float
    threshold: float
    draws: int
    detail: str = ""
    power: str = ""

    @property
    def rejects(self) -> bool:
        """Whether the deviation is more than chance explains."""
        return not self.statistic <= self.threshold


def critical(cells: int, alpha: float) -> float:
    """The least t with (e t/(k−1))^(k−1) e^(−t) ≤ α.

    >>> round(critical(2, 1e-6), 2)
    17.69
    """
    free = max(cells - 1, 1)

    def excess(t: float) -> float:
        return float(free * (1 + np.log(t / free)) - t - np.log(alpha))

    return float(optimize.brentq(excess, free, 50 * free - 20 * np.log(alpha)))


def divergence(counts: Array, p: Array) -> float:
    """n·KL(p̂ ‖ p) of counts; ∞ where something was seen that has no probability."""
    counts, n = np.asarray(counts, float), float(np.sum(counts))
    seen = counts > 0
    if np.any(p[seen] <= 0):
        return float("inf")
    return float(np.sum(counts[seen] * np.log(counts[seen] / (n * p[seen]))))


def of_counts(
    words: str, counts: Array, p: Array, alpha: float, label: Callable[[int], str] | None = None
) -> Test:
    """Whether counts come from a distribution; the cell that is furthest off is told."""
    counts, p = np.ravel(counts), np.ravel(p) / np.sum(p)
    n = int(counts.sum())
    far = int(np.argmax(np.abs(counts - n * p) / np.sqrt(n * p * (1 - p) + 1e-12)))
    place = f"state {far}" if label is None else label(far)
    detail = f"{place}: {counts[far] / max(n, 1):.4f}, exactly {p[far]:.4f}"
    threshold = critical(int(np.sum(p > 0)), alpha)
    power = _power(p, n, threshold)
    return Test(words, divergence(counts, p), threshold, n, detail, power)


def counted(
    words: str, counts: Array, p: Array, label: Callable[[int], str] | None = None
) -> Callable[[float], Test]:
    """`of_counts`, still to be given its share of the budget."""
    return lambda alpha: of_counts(words, counts, p, alpha, label)


def _power(p: Array, n: int, threshold: float, bias: float = 0.05) -> str:
    """How likely a shift of probability from the likeliest cell to the least likely is found."""
    shifted = p.copy()
    top, low = int(np.argmax(p)), int(np.argmin(p))
    moved = min(bias, p[top] / 2)
    if top == low or n == 0:
        return ""
    shifted[top] -= moved
    shifted[low] += moved
    draws = np.random.default_rng(0).multinomial(n, shifted, size=TRIALS)
    found = np.mean([divergence(c, p) > threshold for c in draws])
    return f"a shift of {moved:.2g} of probability is found with power {found:.2f}"


def deviation(n: int, variance: Array, width: float, alpha: float) -> Array:
    """How far a mean of n may lie from its expectation, by Bernstein's inequality.

    >>> float(deviation(10_000, np.array(0.25), 1.0, 1e-6).round(4))
    0.0274
    """
    bits = np.log(2 / alpha)
    linear = 2 * width * bits / (3 * n)
    return np.asarray(linear / 2 + np.sqrt(linear**2 / 4 + 2 * variance * bits / n))
