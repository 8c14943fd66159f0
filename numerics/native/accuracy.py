"""What the vectorisable functions of ``functions.h`` promise: bounds in units of the last place.

An ulp is the gap between a floating-point number and the next. The bounds hold over the whole
range, near zero, where overflow begins and where results are subnormal; they are tested against
mpmath. Every other function is the C library's (glibc states its own) or, where C has none,
SciPy's.
"""

from __future__ import annotations

ULPS = {
    "vexp": 1.0,
    "vexpm1": 2.0,
    "vlog": 1.0,
    "vlog1p": 2.5,
    "vtanh": 3.0,
    "vsigmoid": 3.0,
    "vsoftplus": 3.0,
}

PANEL = 256  # how many products are summed before the sum goes to memory, at least


def product_error(summed: int, single: bool) -> float:
    """A bound of a product's error, relative to |scale| Σ |a b| (and |c|, where it adds to c).

    Each entry sums `summed` products in one register a block, whatever the order of blocks:

        |error| ≤ γ(summed + blocks + 2) |scale| Σ |a b|,     γ(n) = n u / (1 − n u)

    with u half the gap beside 1 (Higham, Accuracy and Stability of Numerical Algorithms, §3.1);
    a fused multiplication and addition rounds once where the bound counts two.
    """
    half_gap = 2.0**-24 if single else 2.0**-53
    count = summed + -(-summed // PANEL) + 2
    return count * half_gap / (1 - count * half_gap)
