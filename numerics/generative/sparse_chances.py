"""How often the decoder fails: the tails of a sum of m terms ±1 or 0, from exact chances."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.stats import binom

from backproof.theory.generative.sparse_layer import SparseChances


@dataclass(frozen=True)
class DecoderFailure:
    """The chances that an active unit is missed and an inactive one invented, and of any error.

    A single unit's error bounds the chance of any error from below, the sum over units from above.
    """

    missed: float
    invented: float
    lower: float
    upper: float


def tail(terms: int, plus: Fraction, minus: Fraction, limit: Fraction) -> float:
    """P(A − B > limit) for m terms that are +1 or −1 with these chances, else 0.

    A + B is Bin(m, α + β) and A given it Bin(A + B, α/(α + β)).

    >>> tail(2, Fraction(1, 2), Fraction(1, 2), Fraction(0))
    0.25
    """
    total = float(plus + minus)
    there = np.arange(terms + 1)
    # A − (k − A) > limit exactly if A > (k + limit)/2.
    above = np.array([(k + limit) // 2 for k in range(terms + 1)], float)
    share = float(plus / (plus + minus)) if plus + minus else 0.0
    return float(binom.pmf(there, terms, total) @ binom.sf(above, there, share))


def decoder_failure(layer: SparseChances, share: Fraction = Fraction(1, 5)) -> DecoderFailure:
    """The failure of ĥ = [Gᵀy > share · d], in double precision from exact α and β.

    >>> found = decoder_failure(SparseChances(400, 100, 60, 3))
    >>> bool(0 < found.lower < found.upper < 0.05)
    True
    """
    limit = share * layer.degree
    missed = 1 - tail(layer.below, *layer.active_terms, limit)
    invented = tail(layer.below, *layer.inactive_terms, limit)
    upper = layer.count * missed + (layer.hidden - layer.count) * invented
    return DecoderFailure(missed, invented, max(missed, invented), min(1.0, upper))
