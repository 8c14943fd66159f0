"""Exact bounds of a probability from how often something happened (Clopper and Pearson 1934)."""

from __future__ import annotations

from scipy.stats import beta

from backproof.theory.errors import BackproofError


def clopper_pearson(successes: int, trials: int, level: float) -> tuple[float, float]:
    """Bounds that both hold with probability 1 − level, whatever the true probability is.

    P(Bin(N, low) ≥ k) = level/2 = P(Bin(N, high) ≤ k).
    Reference: Clopper and Pearson, Biometrika 26 (1934) 404–413.

    >>> low, high = clopper_pearson(0, 10, 0.05)
    >>> low, round(high, 4)
    (0.0, 0.3085)
    """
    if not (0 <= successes <= trials and trials > 0 and 0 < level < 1):
        found = f"{successes} of {trials} at level {level}"
        raise BackproofError("clopper_pearson", found, "0 ≤ k ≤ N, 0 < level < 1", "check them")
    k, n = successes, trials
    low = 0.0 if k == 0 else float(beta.ppf(level / 2, k, n - k + 1))
    high = 1.0 if k == n else float(beta.isf(level / 2, k + 1, n - k))
    return low, high
