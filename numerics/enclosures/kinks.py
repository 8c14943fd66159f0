"""Functions with kinks and jumps, and how boxes learn where these are.

Where the sign of the argument is known on a box nothing happens.  Elsewhere a kink is replaced by
its chord, z₊ = λ z + μ ± μ with λ = h/(h − l), μ = −l h / 2(h − l) over a range [l, h] ∋ 0; a jump
by its hull.  Both become sharp when a box is cut at the kink, so each such box is marked with the
zero of the argument's linear part.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from backproof.numerics.enclosures.basis import Basis
from backproof.numerics.enclosures.rounding import TINY, Array, U, up
from backproof.numerics.enclosures.taylor import Taylor, constant, coordinates


@dataclass
class Boxes:
    """Boxes [m − r, m + r], and the ``marks`` where some function of theirs has a kink.

    A mark is a pair of arrays: the numbers of boxes, and the first coordinate of the kink there.
    Only the boxes of one dimension are marked.
    """

    basis: Basis
    centre: Array
    radius: Array
    marks: list[tuple[Array, Array]] = field(default_factory=list)

    def variables(self) -> Taylor:
        """The coordinates."""
        return coordinates(self.basis, self.centre, self.radius)

    def mark(self, q: Taylor, crossing: Array) -> None:
        """Remember the zeros of q where it changes sign."""
        if self.basis.dimension != 1 or q.degree == 0 or not crossing.any():
            return
        where = np.nonzero(crossing)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = -q.c[0][where] / q.c[1][where]
        inside = np.abs(t) < 1
        boxes = where[0][inside]
        self.marks.append((boxes, self.centre[boxes, 0] + t[inside] * self.radius[boxes, 0]))


def relu(boxes: Boxes, q: Taylor) -> Taylor:
    """max(q, 0)."""
    low, high = q.range()
    crossing = (low < 0) & (high > 0)
    boxes.mark(q, crossing)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = np.where(crossing, high / (high - low), np.where(low >= 0, 1.0, 0.0))
    half = np.where(crossing, -slope * low / 2, 0.0)
    c = slope * q.c
    c[0] += half
    rounding = U * (q.size * slope + 4 * half + np.abs(c[0])) * crossing
    e = slope * q.e * (1 + 4 * U) + half * (1 + 16 * U) + 4 * rounding + TINY * crossing
    return Taylor(q.basis, q.degree, c, up(e))


def absolute(boxes: Boxes, q: Taylor) -> Taylor:
    """|q| = 2 max(q, 0) − q; the sign is taken where it is known, so that nothing is lost there."""
    low, high = q.range()
    folded = relu(boxes, q).times(2.0) - q
    return q.where(low >= 0, (-q).where(high <= 0, folded))


def larger(boxes: Boxes, p: Taylor, q: Taylor) -> Taylor:
    """max(p, q)."""
    low, high = (p - q).range()
    return p.where(low >= 0, q.where(high <= 0, q + relu(boxes, p - q)))


def sign(boxes: Boxes, q: Taylor, below: float, at: float, above: float) -> Taylor:
    """A function of the sign alone: its three values."""
    low, high = q.range()
    exact = (q.e == 0) & (q.size == 0)
    known = np.where(low > 0, above, np.where(high < 0, below, at))
    ends = np.array([below, at, above])
    unknown = (low <= 0) & (high >= 0) & ~exact
    boxes.mark(q, unknown)
    middle, radius = (ends.max() + ends.min()) / 2, (ends.max() - ends.min()) / 2
    value = np.where(unknown, middle, known)
    return constant(q.basis, value, np.where(unknown, radius * (1 + 4 * U), 0.0))


def step(boxes: Boxes, q: Taylor) -> Taylor:
    """1[q > 0], zero at zero."""
    return sign(boxes, q, 0.0, 0.0, 1.0)
