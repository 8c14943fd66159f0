"""Branch and bound: a list of boxes that covers the domain, each with a bound of |q| on it.

A box whose bound is within rtol of the largest value found is done; the others are cut, at the
kinks that were met in them or into equal parts, and enclosed again, all at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from backproof.numerics.enclosures.basis import Basis, basis
from backproof.numerics.enclosures.bounding import Bound, largest
from backproof.numerics.enclosures.domains import Domain
from backproof.numerics.enclosures.kinks import Boxes
from backproof.numerics.enclosures.rounding import Array
from backproof.numerics.enclosures.taylor import Taylor

DEGREES = {1: 5, 2: 5, 3: 3}  # of the Taylor models, by dimension
PATIENCE = 4  # rounds without progress after which a search ends
CHUNK = 32768  # numbers in a layer enclosed at once: what a second-level cache holds


class Enclosed(Protocol):
    """What can be certified: a function of R^d with Taylor models."""

    @property
    def dimension(self) -> int:
        """The number of variables."""

    @property
    def kinks(self) -> Array:
        """Kinks known in advance, for one variable."""

    @property
    def steepness(self) -> float:
        """The inverse of the scale of its detail."""

    def enclose(self, boxes: Boxes) -> Taylor:
        """The Taylor model over boxes."""


@dataclass(frozen=True)
class Difference:
    """p − q."""

    p: Enclosed
    q: Enclosed

    @property
    def dimension(self) -> int:
        """The number of variables."""
        return self.p.dimension

    @property
    def kinks(self) -> Array:
        """Those of both."""
        return np.concatenate([self.p.kinks, self.q.kinks])

    @property
    def steepness(self) -> float:
        """The larger."""
        return max(self.p.steepness, self.q.steepness)

    def enclose(self, boxes: Boxes) -> Taylor:
        """The difference of the two models."""
        return self.p.enclose(boxes) - self.q.enclose(boxes)


@dataclass(frozen=True)
class Cover:
    """Boxes [low, high] that cover the domain, with an upper bound of |q| on each, and a point.

    ``lower`` ≤ |q(point)|; ``upper`` is the largest of ``bounds``.
    """

    low: Array
    high: Array
    bounds: Array
    lower: float
    point: Array
    enclosed: int

    @property
    def upper(self) -> float:
        """The largest bound."""
        return float(self.bounds.max())


def search(
    q: Enclosed,
    domain: Domain,
    rtol: float,
    most: int = 200_000,
    degree: int | None = None,
) -> Cover:
    """Cover the domain until sup|q| is known to rtol.

    ``most`` bounds the number of boxes enclosed; the cover that is reached then is returned.
    """
    order = DEGREES[domain.dimension] if degree is None else degree
    low, high = started(q, domain.low, domain.high)
    done: list[tuple[Array, Array, Array]] = []
    best, point, enclosed = 0.0, low[0], 0
    excesses: list[float] = []
    while True:
        bound, marks = enclose(q, low, high, order)
        enclosed += len(low)
        value, place = attained(q, domain, low, high, bound)
        if value > best or enclosed == len(low):
            best, point = max(value, best), place if value >= best else point
        goal = best * (1 + rtol * 0.999)
        open_ = bound.upper > goal
        done.append((low[~open_], high[~open_], bound.upper[~open_]))
        stuck = open_ & (high - low <= 4 * np.spacing(np.maximum(abs(low), abs(high)))).all(1)
        excesses.append(float(bound.upper[open_].max() - best) if open_.any() else 0.0)
        # Cutting makes the excess smaller as long as truncation and not rounding is its cause.
        stalled = len(excesses) > PATIENCE and excesses[-1] > 0.8 * excesses[-1 - PATIENCE]
        spent = enclosed >= most or (stalled and np.isfinite(excesses[-1]))
        if spent or not (open_ & ~stuck).any():
            done.append((low[open_], high[open_], bound.upper[open_]))
            break
        done.append((low[stuck], high[stuck], bound.upper[stuck]))
        low, high = cut(low, high, bound, open_ & ~stuck, marks, goal, order)
    lows, highs, bounds = (np.concatenate([part[n] for part in done]) for n in range(3))
    return Cover(lows, highs, bounds, best, point, enclosed)


def started(q: Enclosed, low: Array, high: Array) -> tuple[Array, Array]:
    """The first boxes: cut at the kinks known in advance, and to the scale of the detail."""
    dimension = low.shape[1]
    lows, highs = [], []
    for left, right in zip(low, high, strict=True):
        width = right - left
        wanted = q.steepness * width.max() / (6 if dimension == 1 else 3)
        pieces = int(min(max(wanted, 2), 16 if dimension == 1 else 6))
        if dimension == 1:
            edges = np.linspace(left[0], right[0], pieces + 1)
            inner = q.kinks
            inner = inner[(inner > left[0]) & (inner < right[0])]
            if len(inner):
                gap = 2.0**-46 * (np.abs(inner) + 1e-3)
                edges = np.concatenate([edges, inner - gap, inner + gap])
            edges = np.unique(np.clip(edges, left[0], right[0]))
            lows.append(edges[:-1, None])
            highs.append(edges[1:, None])
        else:
            axes = [np.linspace(a, b, pieces + 1) for a, b in zip(left, right, strict=True)]
            lows.append(np.stack(np.meshgrid(*(e[:-1] for e in axes)), -1).reshape(-1, dimension))
            highs.append(np.stack(np.meshgrid(*(e[1:] for e in axes)), -1).reshape(-1, dimension))
    return np.concatenate(lows), np.concatenate(highs)


def boxes_of(low: Array, high: Array, order: int) -> Boxes:
    """Boxes [m − r, m + r] that hold [low, high]."""
    centre = 0.5 * low + 0.5 * high
    radius = np.maximum(high - centre, centre - low) * (1 + 2.0**-50)
    return Boxes(basis(low.shape[1], order), centre, radius)


def enclose(
    q: Enclosed, low: Array, high: Array, order: int
) -> tuple[Bound, list[tuple[Array, Array]]]:
    """The bounds on all boxes, and the marks of the kinks in them."""
    size = chunk(q, basis(low.shape[1], order))
    parts: list[Bound] = []
    marks: list[tuple[Array, Array]] = []
    for start in range(0, len(low), size):
        boxes = boxes_of(low[start : start + size], high[start : start + size], order)
        parts.append(largest(q.enclose(boxes)))
        marks += [(numbers + start, places) for numbers, places in boxes.marks]
    if len(parts) == 1:
        return parts[0], marks
    return Bound(*(np.concatenate([getattr(p, n) for p in parts]) for n in Bound.__slots__)), marks


def chunk(q: Enclosed, monomials: Basis) -> int:
    """How many boxes are enclosed at once: as many as keep layers and products in the cache."""
    numbers = min(CHUNK, 4_000_000 // len(monomials.exponents) ** 2)
    return max(numbers // max(width(q), 1), 16)


def width(q: object) -> int:
    """The number of units of the widest layer that an enclosure goes through."""
    if isinstance(q, Difference):
        return max(width(q.p), width(q.q))
    return max((len(layer.bias) for layer in getattr(q, "layers", ())), default=1)


def attained(
    q: Enclosed, domain: Domain, low: Array, high: Array, bound: Bound
) -> tuple[float, Array]:
    """A lower bound of |q| at the most promising points of the most promising boxes."""
    many = 8
    estimate = np.where(np.isfinite(bound.estimate), bound.estimate, -np.inf)
    best = np.argpartition(estimate, -many)[-many:] if len(estimate) > many else np.arange(len(low))
    middle, half = 0.5 * low[best] + 0.5 * high[best], 0.5 * (high[best] - low[best])
    points = np.clip(middle + half * bound.place[best], low[best], high[best])
    points = domain.inside(points)
    values = at(q, points)
    winner = int(np.argmax(values))
    return float(values[winner]), points[winner]


def at(q: Enclosed, points: Array) -> Array:
    """Lower bounds of |q| at points of shape (points, d): boxes without extent."""
    model = q.enclose(Boxes(basis(points.shape[1], 0), points, np.zeros_like(points)))
    values = np.abs(model.c[0]) * (1 - 2.0**-50) - model.e
    return np.where(np.isnan(values), -np.inf, values)


def cut(
    low: Array,
    high: Array,
    bound: Bound,
    chosen: Array,
    marks: Sequence[tuple[Array, Array]],
    goal: float,
    order: int,
) -> tuple[Array, Array]:
    """The parts of the chosen boxes."""
    if low.shape[1] == 1:
        return _cut_line(low, high, bound, chosen, marks, goal, order)
    low, high = low[chosen], high[chosen]
    axis = np.argmax(bound.blame[chosen] + 1e-9 * (high - low), axis=1)
    rows = np.arange(len(low))
    middle = 0.5 * low[rows, axis] + 0.5 * high[rows, axis]
    upper_low, lower_high = low.copy(), high.copy()
    upper_low[rows, axis] = middle
    lower_high[rows, axis] = middle
    return np.concatenate([low, upper_low]), np.concatenate([lower_high, high])


def split(low: Array, high: Array) -> tuple[Array, Array]:
    """Both halves of each box, along its longest side."""
    rows, axis = np.arange(len(low)), np.argmax(high - low, axis=1)
    middle = 0.5 * low[rows, axis] + 0.5 * high[rows, axis]
    upper_low, lower_high = low.copy(), high.copy()
    upper_low[rows, axis] = middle
    lower_high[rows, axis] = middle
    return np.concatenate([low, upper_low]), np.concatenate([lower_high, high])


def _cut_line(
    low: Array,
    high: Array,
    bound: Bound,
    chosen: Array,
    marks: Sequence[tuple[Array, Array]],
    goal: float,
    order: int,
) -> tuple[Array, Array]:
    """Intervals: at kinks where there are any, otherwise into two, three or four parts."""
    left, right = low[chosen, 0], high[chosen, 0]
    excess = bound.upper[chosen] - bound.estimate[chosen]
    room = np.maximum(goal - bound.estimate[chosen], 0.25 * goal * 1e-2)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        wanted = np.ceil(1.1 * (excess / room) ** (1 / (order + 1)))
    parts = np.where(np.isfinite(wanted), np.clip(wanted, 2, 4), 2).astype(int)
    new_low, new_high = [], []
    marked = np.zeros(len(low), bool)
    edges: list[Array] = []
    owners: list[Array] = []
    for numbers, places in marks:
        marked[numbers] = True
        gap = 2.0**-46 * (np.abs(places) + 1e-3)
        edges += [places - gap, places + gap]
        owners += [numbers, numbers]
    kinked = marked[chosen]
    for count in (2, 3, 4):
        these = ~kinked & (parts == count)
        if these.any():
            grid = np.linspace(left[these], right[these], count + 1)
            grid[0], grid[-1] = left[these], right[these]
            new_low.append(grid[:-1].ravel())
            new_high.append(grid[1:].ravel())
    if kinked.any():
        wide = np.nonzero(chosen)[0][kinked]
        owner = np.concatenate([*owners, wide, wide, wide])
        place = np.concatenate(
            [*edges, low[wide, 0], high[wide, 0], 0.5 * (low[wide, 0] + high[wide, 0])]
        )
        kept = chosen[owner] & (place >= low[owner, 0]) & (place <= high[owner, 0])
        owner, place = owner[kept], place[kept]
        order_ = np.lexsort((place, owner))
        owner, place = owner[order_], place[order_]
        inside = (owner[1:] == owner[:-1]) & (place[1:] > place[:-1])
        new_low.append(place[:-1][inside])
        new_high.append(place[1:][inside])
    return np.concatenate(new_low)[:, None], np.concatenate(new_high)[:, None]
