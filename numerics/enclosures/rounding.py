"""The rounding budget: what float64 can do wrong, bounded before anything is computed.

With u = 2⁻⁵³ every operation satisfies fl(a ∘ b) = (a ∘ b)(1 + δ) + η, |δ| ≤ u, |η| ≤ 2⁻¹⁰⁷⁵
(IEEE 754, round to nearest), and a sum of n products in any order, fused or not, misses by at
most n u Σ|products| (Jeannerod and Rump, 2013).  Error bounds are themselves sums of products of
non-negative numbers; `up` covers what their own rounding loses.

The functions of libm are trusted to eight units in the last place: `LIBM` is the one assumption
of the float engine that IEEE 754 does not give.
"""

from __future__ import annotations

import numpy as np

Array = np.ndarray

U = 2.0**-53
LIBM = 16 * U
TINY = 1e-290  # above every sum of underflows, below everything that matters
ASSUMPTIONS = (
    "IEEE 754 double precision, rounding to nearest",
    "exp, log, sin, cos, … of libm and NumPy are within 8 units in the last place",
)


def up(bound: Array) -> Array:
    """An upper bound of a non-negative quantity that took fewer than 4096 roundings."""
    return bound * (1 + 2.0**-40) + TINY


def up_for(terms: int) -> float:
    """The factor for sums of that many non-negative products."""
    return 1 + 2.0**-40 + 2 * terms * U


TRUSTED = ("python-flint and the Arb arithmetic of FLINT",)  # what the ball engine rests on
