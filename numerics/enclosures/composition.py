"""g(q) for a smooth function g and a Taylor model q: one rule for every function.

With q = z + P + ε, |P| ≤ ρ and |ε| ≤ e on the box,

    g(q) = Σ_{k≤D} g⁽ᵏ⁾(z)/k! Pᵏ  ±  sup|g⁽ᴰ⁺¹⁾|/(D+1)! ρᴰ⁺¹  ±  sup|g′| e  ±  rounding.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backproof.numerics.enclosures.basis import Basis
from backproof.numerics.enclosures.functions import Smooth
from backproof.numerics.enclosures.local import Local
from backproof.numerics.enclosures.rounding import TINY, Array, up
from backproof.numerics.enclosures.taylor import Taylor, constant, hull


def compose(g: Smooth, q: Taylor) -> Taylor:
    """The Taylor model of g(q), of full degree."""
    basis, z = q.basis, q.c[0]
    if q.degree == 0:
        (value,), slack = g.jets(z, 0)
        return fallen_back(g, q, constant(basis, value, up(slack + g.bound(z, q.e, 1) * q.e)))
    radius = up(np.abs(q.c[1:]).sum(0))
    if (local := partly_saturated(g, q)) is not None:
        return local.dense()
    jets, slack = g.jets(z, basis.degree)
    order = basis.degree + 1
    power = radius.copy()
    powers = 1 + power
    for _ in range(2, order):
        power = power * radius
        powers = powers + power
    e = slack * powers + g.bound(z, radius, order) * (power * radius if order > 1 else radius)
    if np.any(q.e > TINY):
        e = e + g.bound(z, radius + q.e, 1) * q.e
    if q.degree == 1:
        return fallen_back(g, q, Taylor(basis, basis.degree, ridge(basis, jets, q.c[1:]), up(e)))
    inner = Taylor(basis, q.degree, np.concatenate([np.zeros_like(q.c[:1]), q.c[1:]]), 0 * q.e)
    result = constant(basis, jets[-1], np.zeros_like(q.e))
    for jet in reversed(jets[:-1]):
        result = result * inner
        result.c[0] += jet
    # The additions: one rounding of each, covered by the (k + 3) u of the slack.
    return fallen_back(g, q, Taylor(basis, result.degree, result.c, up(e + result.e)))


MANY = 1024  # units times boxes from which on it pays to look for saturated ones


def partly_saturated(g: Smooth, q: Taylor) -> Local | None:
    """g(q) where the argument may be near zero, the limits of g elsewhere; `None` if few are."""
    limits = g.saturation
    if limits is None or not q.degree or q.e.size < MANY:
        return None
    active = near(q, limits.reach)
    if np.count_nonzero(active) >= 0.6 * q.e.size:
        return None
    inner = compose(g, Taylor(q.basis, q.degree, q.c[:, active], q.e[active]))
    side = np.where(q.c[0] > 0, limits.right, limits.left)
    return Local(active, inner, np.where(active, 0.0, side), limits.error)


def near(q: Taylor, reach: float) -> Array:
    """Where |q| may be smaller than ``reach`` somewhere in the box."""
    return np.abs(q.c[0]) - (np.abs(q.c[1:]).sum(0) + q.e) * (1 + 2.0**-40) < reach


def ridge(basis: Basis, jets: Sequence[Array], slopes: Array) -> Array:
    """The coefficients of Σ_k g_k (p·t)ᵏ: g_|α| |α|!/α! p^α for each monomial."""
    c = np.empty((len(basis.exponents), *slopes.shape[1:]))
    c[0] = jets[0]
    numbers = basis.multinomials(basis.degree)
    powers: dict[tuple[int, ...], Array] = {}
    for n, exponent in enumerate(basis.exponents[1:], 1):
        axis = next(i for i, k in enumerate(exponent) if k)
        rest = tuple(k - (i == axis) for i, k in enumerate(exponent))
        powers[exponent] = slopes[axis] if not any(rest) else powers[rest] * slopes[axis]
        np.multiply(jets[sum(exponent)], powers[exponent], out=c[n])
        if numbers[n] != 1:
            c[n] *= numbers[n]
    return c


def fallen_back(g: Smooth, q: Taylor, result: Taylor) -> Taylor:
    """The hull of g over the range of q, where it is narrower than what the derivatives tell."""
    lost = ~np.isfinite(result.e)
    if not (g.singular or lost.any()):
        return result
    bounds = g.hull(*q.range())
    known = hull(q.basis, *(bounds or (np.full_like(q.e, -np.inf), np.full_like(q.e, np.inf))))
    return known.where(lost | (known.e < result.e), result)
