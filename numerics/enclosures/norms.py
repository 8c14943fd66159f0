"""L^p distances from the same boxes: ∫|q|^p over each, enclosed.

On a box of volume V, ∫ q = V Σ_α c_α Π 1/(α_i + 1) over even α, ± V e.  |q|^p is a Taylor model by
the rules of products, absolute values and powers, so that one formula serves every p.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.basis import basis
from backproof.numerics.enclosures.composition import compose
from backproof.numerics.enclosures.domains import Domain
from backproof.numerics.enclosures.functions import Power
from backproof.numerics.enclosures.kinks import Boxes, absolute
from backproof.numerics.enclosures.rounding import TINY, Array, U
from backproof.numerics.enclosures.search import (
    DEGREES,
    Cover,
    Enclosed,
    boxes_of,
    chunk,
    split,
    started,
)
from backproof.numerics.enclosures.taylor import Taylor


def power_of(boxes: Boxes, q: Taylor, p: sp.Rational) -> Taylor:
    """|q|^p."""
    whole = int(p) if p.is_Integer else 0
    if whole and whole % 2 == 0:
        result = q
        for _ in range(whole - 1):
            result = result * q
        return result
    size = absolute(boxes, q)
    if whole:
        result = size
        for _ in range(whole - 1):
            result = result * size
        return result
    return compose(Power(p), size)


def integrals(q: Enclosed, low: Array, high: Array, p: sp.Rational) -> tuple[Array, Array]:
    """∫|q|^p on each box and a bound of its error, both non-negative."""
    order = DEGREES[low.shape[1]]
    step = chunk(q, basis(low.shape[1], order))
    values, errors = [], []
    for start in range(0, len(low), step):
        boxes = boxes_of(low[start : start + step], high[start : start + step], order)
        model = power_of(boxes, q.enclose(boxes), p)
        # The box that is enclosed may be larger by a rounding than the one integrated over.
        volume = np.prod(high[start : start + step] - low[start : start + step], axis=1)
        weights = boxes.basis.integrals(model.degree)
        mean = weights @ model.c
        spread = model.e + 64 * U * model.size
        values.append(volume * mean)
        errors.append(volume * (spread + 2.0**-44 * (np.abs(mean) + model.size)) + TINY)
    return np.concatenate(values), np.concatenate(errors)


def integrate(
    q: Enclosed, domain: Domain, p: sp.Rational, rtol: float, most: int = 100_000
) -> tuple[float, float, Cover]:
    """Bounds of ∫|q|^p over the domain, cut until they are within rtol of each other."""
    low, high = started(q, domain.low, domain.high)
    value, error = integrals(q, low, high, p)
    enclosed = len(low)
    while True:
        error = np.where(np.isnan(error), np.inf, error)
        value = np.where(np.isfinite(error), value, 0.0)
        total, slack = float(value.sum()), float(error.sum()) * (1 + 2.0**-40)
        slack += 2.0**-44 * float(np.abs(value).sum())
        if slack <= 0.4 * rtol * max(total - slack, 0.0) or enclosed >= most:
            break
        share = 0.3 * rtol * max(total, 0.0) / len(low)
        chosen = error > share if np.isfinite(slack) else ~np.isfinite(error)
        if not chosen.any():
            break
        new_low, new_high = split(low[chosen], high[chosen])
        new_value, new_error = integrals(q, new_low, new_high, p)
        enclosed += len(new_low)
        low, high = (
            np.concatenate([low[~chosen], new_low]),
            np.concatenate([high[~chosen], new_high]),
        )
        value = np.concatenate([value[~chosen], new_value])
        error = np.concatenate([error[~chosen], new_error])
    cover = Cover(low, high, value + error, max(total - slack, 0.0), low[0], enclosed)
    return max(total - slack, 0.0), total + slack, cover
