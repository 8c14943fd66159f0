"""The largest |q| that a Taylor model allows on each box, and where its polynomial takes it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backproof.numerics.enclosures.rounding import TINY, Array, U
from backproof.numerics.enclosures.taylor import Taylor


@dataclass(frozen=True, slots=True)
class Bound:
    """For each box: an upper bound of |q|, an estimate of it, where it is expected, and the slack.

    ``place`` is t ∈ [−1, 1]^d of shape (boxes, d); ``estimate`` is the size of the polynomial
    there, roughly; ``blame`` says how much each axis contributes to the slack.
    """

    upper: Array
    estimate: Array
    place: Array
    blame: Array


def largest(q: Taylor) -> Bound:
    """max |q| ≤ max over both signs of c₀ + Σ_axes max_t(a t + b t²) + Σ|other c| + e.

    The quadratic in each variable is maximised exactly; so the bound is sharp to the third order
    in one dimension.
    """
    basis = q.basis
    boxes, d = q.c.shape[1], basis.dimension
    zero = np.zeros((d, boxes))
    a = q.c[1 : 1 + d] if q.degree >= 1 else zero
    b = q.c[list(basis.squares)] if q.degree >= 2 else zero
    mixed = [n for n in basis.mixed if n < len(q.c)]
    rest = np.abs(q.c[mixed]).sum(0) if mixed else 0.0
    high, at_high = _parabola(a, b)
    low, at_low = _parabola(-a, -b)
    up, down = q.c[0] + high.sum(0), -q.c[0] + low.sum(0)
    rising = up >= down
    best = np.where(rising, up, down)
    slack = rest + q.e + 16 * U * (np.abs(q.c[0]) + np.abs(a).sum(0) + np.abs(b).sum(0)) + TINY
    upper = (best + slack) * (1 + 4 * U)
    upper = np.where(np.isnan(upper), np.inf, upper)
    place = np.where(rising, at_high, at_low).T
    return Bound(upper, best, place, (np.abs(a) + np.abs(b)).T)


def _parabola(a: Array, b: Array) -> tuple[Array, Array]:
    """The maximum of a t + b t² over [−1, 1] and where it is, up to rounding."""
    size = np.abs(a)
    inner = size < -2 * b
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(inner, size / (-2 * b), 1.0)
    return np.where(inner, 0.5 * size * t, size + b), np.copysign(t, a)
