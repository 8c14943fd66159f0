"""K_n ≤ 1.4876 for every n, by three certificates and two remarks.

K_n is the largest mean of |u − k| under the weights φ(u − k), 0 ≤ k ≤ n, over u ∈ [0, n].

1. Leaving out a term that is larger than the mean makes the mean smaller.
2. By symmetry u ≤ n/2. Terms k > n have |u − k| > n/2, and terms k < 0 have |u − k| > u.
   So for n ≥ 3, as 1.4876 < 3/2, the mean over 0 ≤ k ≤ n is at most that over all k ≥ 0; and for
   u ≥ 3/2 that is at most the mean over all integers.
3. The mean over all integers is periodic in u: a certificate on [0, 1]. The mean over k ≥ 0 is
   certified on [0, 3/2]; and n = 1, 2 are certified by themselves. Tails of the infinite sums
   are bounded by φ(t) ≤ (e − 1/e)/2 · e^{−|t|}, for |t| ≥ 1 (as σ′(s) ≤ e^{−|s|}).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import e, exp

import sympy as sp

from backproof.numerics.enclosures.certificate import Certificate
from backproof.numerics.enclosures.certify import certify
from backproof.theory.universality.jackson import constant, moment, weight

REACH = 45  # integers on each side whose terms are kept


@dataclass(frozen=True)
class JacksonConstant:
    """``bound`` holds K_n for every n; ``parts`` are the certificates of the cases."""

    bound: float
    parts: dict[str, Certificate]


def tail(distance: int) -> float:
    """Σ_{j ≥ distance} (j + 1) φ(j) on both sides: ½(e − 1/e) Σ (j + 1) e^{−j}, doubled."""
    r = exp(-1)
    rest = r**distance * (distance + 1 + r / (1 - r)) / (1 - r)
    return 2 * 0.5 * (e - 1 / e) * rest * (1 + 1e-9)


def mean_distance(rtol: float = 1e-7) -> JacksonConstant:
    """The certified bound of K_n over all n.

    >>> mean_distance().bound <= 1.4876
    True
    """
    k = REACH
    whole = certify(moment(-k, k), 0, (0, 1), rtol)  # the weights of all integers sum to one
    half = certify(moment(0, k) / weight(0, k), 0, (0, sp.Rational(3, 2)), 1e-3)
    small = {f"n = {n}": certify(constant(n), 0, (0, n), 1e-3) for n in (1, 2)}
    lost = tail(k - 2)
    worst = max(
        whole.upper + lost,
        half.upper + 2 * lost,  # its weights sum to more than 1/2
        *(claim.upper for claim in small.values()),
    )
    return JacksonConstant(worst, {"all integers": whole, "k ≥ 0, u ≤ 3/2": half, **small})


def least_weight(n: int) -> Certificate:
    """inf over 0 ≤ u ≤ n of Σ_k φ(u − k), as one minus a supremum: what 1/φ(1) is replaced by."""
    return certify(1 - weight(0, n), 0, (0, n), 1e-9)
