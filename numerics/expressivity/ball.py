"""The indicator of a ball by a network of depth three, its certified error, and depth two beside.

x is uniform on the ball of radius R = 2^{1/d}, so that the unit ball has half of the mass. With N
nodes a coordinate, chords of t² on [−R, R] with knots h = 2R/N apart give

    ‖x‖² ≤ s(x) ≤ ‖x‖² + η,    η = d h²/4,

and two nodes clip it: g = min(1, max(0, (1 + η − s)/δ)) is one where ‖x‖² ≤ 1 − δ, zero where
‖x‖² ≥ 1 + η, and between zero and one in the shell. So E(f − g)² is at most the mass of the shell,
((1 + η)^{d/2} − (1 − δ)^{d/2})/2, which is a rational number for even d. Width: dN and 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

import numpy as np

from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.numerics.expressivity import shallow_fits
from backproof.theory.errors import BackproofError

DIMENSIONS = (2, 4, 8, 16)
ERROR = Fraction(1, 40)
ALPHA = 1e-6  # of one comparison with a sample
DRAWN = 40_000


@dataclass(frozen=True)
class BallNetwork:
    """N nodes for each of d coordinates, then two: all weights rational.

    >>> net = BallNetwork.within(2, Fraction(1, 10))
    >>> net.widths, net.error <= Fraction(1, 10), net([Fraction(1, 2), Fraction(1, 2)])
    ((10, 2), True, Fraction(1, 1))
    """

    dimension: int
    nodes: int

    @staticmethod
    def within(dimension: int, error: Fraction) -> BallNetwork:
        """The narrowest one whose certified error is at most this."""
        if dimension < 2 or dimension % 2 or error <= 0:
            raise BackproofError(
                "BallNetwork",
                f"d = {dimension}, error {error}",
                "an even d, error > 0",
                "change it",
            )
        nodes = 2
        while BallNetwork(dimension, nodes).error > error:
            nodes += 1
        return BallNetwork(dimension, nodes)

    @property
    def radius(self) -> Fraction:
        """A rational number at least 2^{1/d}, and by less than 1/1000: d-th roots in integers."""
        r = 1000
        while r**self.dimension < 2 * 1000**self.dimension:
            r += 1
        return Fraction(r, 1000)

    @property
    def excess(self) -> Fraction:
        """η = d h²/4, the error of chords in d coordinates."""
        return self.dimension * (2 * self.radius / self.nodes) ** 2 / 4

    @property
    def ramp(self) -> Fraction:
        """δ, an eighth of η: a steeper ramp is wider by no node."""
        return self.excess / 8

    @property
    def error(self) -> Fraction:
        """The mass of the shell, which bounds E(f − g)²."""
        half = self.dimension // 2
        inner = max(1 - self.ramp, Fraction(0))
        return min(((1 + self.excess) ** half - inner**half) / 2, Fraction(1))

    @property
    def widths(self) -> tuple[int, int]:
        """Nodes of the two hidden layers."""
        return self.dimension * self.nodes, 2

    @property
    def layers(self) -> list[tuple[list[list[Fraction]], list[Fraction]]]:
        """(W, b) of three layers, a ReLU after the first two.

        t² at the left end, the first slope and the changes of slope 2h: R² + (h − 2R)(t + R) + …
        """
        d, N, R = self.dimension, self.nodes, self.radius
        h = 2 * R / N
        one, zero = Fraction(1), Fraction(0)
        first = [[one if i == j else zero for j in range(d)] for i in range(d) for _ in range(N)]
        knots = [R - n * h for _ in range(d) for n in range(N)]
        chords = [h - 2 * R if n == 0 else 2 * h for _ in range(d) for n in range(N)]
        scaled = [-c / self.ramp for c in chords]
        start = (1 + self.excess - d * R**2) / self.ramp
        return [(first, knots), ([scaled, scaled], [start, start - 1]), ([[one, -one]], [zero])]

    def __call__(self, x: Sequence[Fraction]) -> Fraction:
        """The value at a rational point, exactly."""
        h = list(x)
        for number, (W, b) in enumerate(self.layers):
            h = [
                sum((w * v for w, v in zip(row, h, strict=True) if w), c)
                for row, c in zip(W, b, strict=True)
            ]
            if number < 2:
                h = [max(z, Fraction(0)) for z in h]
        return h[0]

    def values(self, x: np.ndarray) -> np.ndarray:
        """The same in float64 at many points, shape (n, d)."""
        R, h = float(self.radius), float(2 * self.radius / self.nodes)
        s = np.full(len(x), float(self.dimension * self.radius**2))
        for n in range(self.nodes):
            s += (h - 2 * R if n == 0 else 2 * h) * np.maximum(x + R - n * h, 0).sum(1)
        return np.clip((1 + float(self.excess) - s) / float(self.ramp), 0, 1)


def uniform(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    """n points of the ball of radius 2^{1/d}."""
    z = rng.normal(size=(n, d))
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    return z * (2 * rng.random((n, 1))) ** (1 / d)


def check(
    progress: Progress | None = None, dimensions: Sequence[int] = DIMENSIONS, drawn: int = DRAWN
) -> Evidence:
    """The certified error, a sample of it, and the best networks of depth two that were found."""
    report = progress or silent
    slack = float(np.sqrt(np.log(1 / ALPHA) / (2 * drawn)))  # Hoeffding, squares in [0, 1]
    level = f"statistical at {ALPHA:g}"
    rows: list[Row] = []
    deep, shallow = [], []
    for number, d in enumerate(dimensions, 1):
        report("dimensions", number - 1, len(dimensions))
        rng = np.random.default_rng([2016, d])
        network = BallNetwork.within(d, ERROR)
        test = uniform(rng, drawn, d)
        inside = (test**2).sum(1) <= 1
        sampled = float(np.mean((network.values(test) - inside) ** 2))
        width = sum(network.widths)
        names = f"d = {d}, {network.widths[0]} and 2 nodes"
        rows.append(Row(f"certified E(f − g)² at depth 3, {names}", ERROR, "≥", network.error))
        enough = polynomial_width(d, ERROR)
        rows.append(Row(f"d (⌊d R/√(2ε)⌋ + 1) + 2 nodes are enough, d = {d}", enough, "≥", width))
        rows.append(Row(f"the same sampled, d = {d}", network.error, "≥", sampled, slack, level))
        fits = shallow_fits.errors(uniform(rng, 8000, d), test, width, rng)
        name, best = min(fits.items(), key=lambda pair: pair[1])
        what = (
            f"depth 3 below the best of {len(fits)} fits of depth 2, d = {d}, {width} nodes: {name}"
        )
        least = best - slack - float(np.sqrt(np.log(len(fits)) / (2 * drawn)))
        rows.append(Row(what, network.error, "≤", least, level=level))
        deep.append(float(network.error))
        shallow.append(best)
    report("dimensions", len(dimensions), len(dimensions))
    curves = [
        Curve("depth 3, certified", dimensions, deep),
        Curve("depth 2, best found with as many nodes", dimensions, shallow, "points"),
    ]
    caption = "The indicator of the unit ball in growing dimension: mean squared error."
    axes = Axes("dimension d", "E(f − g)²")
    return Evidence(rows, curves, axes, caption)


def polynomial_width(dimension: int, error: Fraction) -> int:
    """d (⌊d R/√(2ε)⌋ + 1) nodes and two: they are enough for any ε ≤ 1, and of order d²/√ε.

    With x = (d/2)η ≤ 1 the mass of the shell is at most (eˣ − 1)/2 + (d/2)δ/2 ≤ 0.86 x + x/16 < x.
    So η = 2ε/d is enough, and η = d R²/N².

    >>> BallNetwork(16, polynomial_width(16, Fraction(1, 40)) // 16).error <= Fraction(1, 40)
    True
    """
    R = BallNetwork(dimension, 2).radius
    squared = (dimension * R) ** 2 / (2 * error)
    return dimension * (isqrt(int(squared)) + 1) + 2
