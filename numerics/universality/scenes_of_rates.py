"""Figures that move, for Jackson's and Barron's rates."""

from __future__ import annotations

from math import pi

import numpy as np
from scipy.special import expit

from backproof.numerics.evidence import Axes, Curve
from backproof.numerics.scene import Frame, Knob, Scene, scene
from backproof.numerics.universality.greedy import orthogonal, relaxed, step_dictionary
from backproof.numerics.universality.witnesses.jackson import MEAN_DISTANCE

UNIT = np.linspace(0, 1, 151)


def density(x: np.ndarray) -> np.ndarray:
    """φ(x) = (σ(x + 1) − σ(x − 1))/2."""
    return (expit(x + 1) - expit(x - 1)) / 2


def densities() -> Scene:
    """Bumps at the integers and their sum."""
    x = np.linspace(-4, 4, 121)

    def frame(reach: int) -> Frame:
        total = density(x[:, None] - np.arange(-reach, reach + 1)).sum(1)
        return Frame((Curve("sum of φ(x − k), |k| ≤ K", x, total),))

    caption = (
        "The density φ and the sum of its translates by the integers up to ±K: it telescopes to "
        "four units and tends to one."
    )
    return scene(
        [Knob("K", (0, 1, 2, 3, 4, 6, 8, 12))],
        frame,
        Axes("x", ""),
        caption,
        x_range=(-4, 4),
        y_range=(-0.05, 1.15),
        fixed=(Curve("φ", x, density(x)),),
        start=3,
    )


def modulus() -> Scene:
    """ω(f, λδ) ≤ (1 + λ) ω(f, δ) by steps of δ."""
    f = np.sqrt(UNIT)

    def frame(delta: float) -> Frame:
        bound = (1 + UNIT / delta) * np.sqrt(delta)
        steps = np.ceil(UNIT / delta - 1e-9) * np.sqrt(delta)
        return Frame((Curve("(1 + λ) ω(f, δ)", UNIT, bound), Curve("⌈λ⌉ ω(f, δ)", UNIT, steps)))

    caption = (
        "f(x) = √x, for which ω(f, s) = √s. Whoever goes the distance λδ in steps of δ rises by at "
        "most ω(f, δ) in each, and takes ⌈λ⌉ ≤ 1 + λ of them."
    )
    return scene(
        [Knob("δ", (0.05, 0.1, 0.15, 0.2, 0.25, 0.35, 0.5))],
        frame,
        Axes("s = λδ", ""),
        caption,
        x_range=(0, 1),
        y_range=(0, 3),
        fixed=(Curve("ω(f, s)", UNIT, f),),
        start=3,
    )


def mean_distance() -> Scene:
    """The mean of |u − k| under the weights φ(u − k), 0 ≤ k ≤ n."""

    def frame(n: int) -> Frame:
        u = np.linspace(0, n, 161)
        k = np.arange(n + 1)
        weights = density(u[:, None] - k)
        mean = (np.abs(u[:, None] - k) * weights).sum(1) / weights.sum(1)
        return Frame((Curve("mean of |nx − k|", u / n, mean),), f"largest: {mean.max():.4f}")

    caption = (
        "For every n the mean distance stays below 1.4876: for large n it is in the middle that "
        "over all integers, periodic in nx, and towards the ends it is smaller."
    )
    return scene(
        [Knob("n", (1, 2, 3, 4, 6, 8, 12, 20, 40))],
        frame,
        Axes("x", ""),
        caption,
        x_range=(0, 1),
        y_range=(0, 1.7),
        fixed=(Curve("1.4876", (0, 1), (MEAN_DISTANCE, MEAN_DISTANCE)),),
        start=5,
    )


def far_terms() -> Scene:
    """The mean over 0 ≤ k ≤ n, over k ≥ 0 and over all integers."""

    def mean(u: np.ndarray, k: np.ndarray) -> np.ndarray:
        weights = density(u[:, None] - k)
        return (np.abs(u[:, None] - k) * weights).sum(1) / weights.sum(1)

    def frame(n: int) -> Frame:
        u = np.linspace(0, n / 2, 121)
        return Frame(
            (
                Curve("0 ≤ k ≤ n", u, mean(u, np.arange(n + 1))),
                Curve("k ≥ 0", u, mean(u, np.arange(60))),
                Curve("all k", u, mean(u, np.arange(-60, 61))),
            )
        )

    caption = (
        "Means of |u − k| for u ≤ n/2. Each time far terms are added the mean grows; the largest "
        "is periodic. For u below 3/2 the terms k < 0 are near, and the mean over k ≥ 0 is "
        "enclosed by itself."
    )
    return scene(
        [Knob("n", (3, 4, 5, 6, 8, 10))],
        frame,
        Axes("u = nx", ""),
        caption,
        x_range=(0, 5),
        y_range=(0.9, 1.6),
        fixed=(Curve("1.4876", (0, 5), (MEAN_DISTANCE, MEAN_DISTANCE)),),
        start=4,
    )


def spectrum() -> Scene:
    """|ξ| times the normal law of the frequencies: C_f is the mass."""
    xi = np.linspace(-5, 5, 121)

    def frame(width: float) -> Frame:
        law = width * np.exp(-((width * xi) ** 2) / 2) / np.sqrt(2 * pi)
        constant = np.sqrt(2 / pi) / width
        return Frame(
            (Curve("|ξ| F(ξ)", xi, np.abs(xi) * law), Curve("F(ξ)", xi, law)),
            f"C_f = √(2/π)/s = {constant:.3f}",
        )

    caption = (
        "For f = exp(−x²/2s²) the frequencies have a normal law of variance 1/s². C_f is the area "
        "under |ξ| F(ξ): narrow functions have a large constant."
    )
    return scene(
        [Knob("s", (0.5, 0.75, 1.0, 1.5, 2.0, 3.0))],
        frame,
        Axes("ξ", ""),
        caption,
        x_range=(-5, 5),
        y_range=(0, 1),
        start=2,
    )


def convex_hull() -> Scene:
    """A wave as a combination of steps whose heights add up to its variation."""
    x = np.linspace(-1, 1, 181)

    def frame(frequency: int, steps: int) -> Frame:
        knots = np.linspace(-1, 1, steps + 1)
        middles = (knots[1:] + knots[:-1]) / 2
        heights = np.diff(np.cos(frequency * knots))
        value = np.cos(frequency * -1) + (x[:, None] > middles) @ heights
        variation = np.abs(heights).sum()
        return Frame(
            (Curve("cos ξx", x, np.cos(frequency * x)), Curve("steps", x, value)),
            f"heights {variation:.2f} ≤ 2r|ξ| = {2 * frequency}",
        )

    caption = (
        "On [−r, r], r = 1, a wave is a combination of steps. The heights add up to at most its "
        "variation, which is at most 2r|ξ|: the constant C_f adds these up over the frequencies."
    )
    return scene(
        [Knob("ξ", (1, 2, 4, 6, 9)), Knob("steps", (2, 4, 8, 16, 32, 64))],
        frame,
        Axes("x", ""),
        caption,
        x_range=(-1, 1),
        y_range=(-1.25, 1.25),
        start=2 * 6 + 3,
    )


def greedy() -> Scene:
    """The iterates of the relaxed greedy algorithm for a sine."""
    places = np.arange(120) / 120
    values = np.sin(2 * pi * places)
    dictionary, f, total = step_dictionary(values)

    def frame(n: int) -> Frame:
        run = relaxed(dictionary, f, total, n)
        current = np.zeros_like(f)
        for m, (unit, sign) in enumerate(zip(run.chosen, run.signs, strict=True), 1):
            current = (1 - 1 / m) * current + sign * total * dictionary[unit] / m
        return Frame(
            (Curve("f_n", places, current),),
            f"mean square error {run.errors[-1]:.4f} ≤ K²/n = {total**2 / n:.3f}",
        )

    caption = (
        "Relaxed greedy steps for sin 2πx, K = 4: every iterate is a mean of the last one and of K "
        "times the best step, and meets the bound."
    )
    return scene(
        [Knob("n", (1, 2, 3, 4, 5, 6, 8, 10, 14, 20, 30, 45, 60))],
        frame,
        Axes("x", ""),
        caption,
        x_range=(0, 1),
        y_range=(-2.2, 4.2),
        fixed=(Curve("f", places, f),),
        start=5,
    )


def maurey() -> Scene:
    """Averages of n draws from the representation of f by steps."""
    places = np.arange(120) / 120
    dictionary, f, total = step_dictionary(np.sin(2 * pi * places))
    jumps = np.diff(np.sin(2 * pi * places))
    random = np.random.default_rng(7)

    def frame(n: int) -> Frame:
        drawn = random.choice(len(jumps), n, p=np.abs(jumps) / total)
        value = total / n * np.sign(jumps[drawn]) @ dictionary[drawn]
        size = float((np.abs(jumps) * (dictionary**2).mean(1)).sum() * total)
        mean = (size - float((f**2).mean())) / n
        return Frame(
            (Curve("average of n units", places, value),),
            f"mean square error {((f - value) ** 2).mean():.3f}, expected {mean:.3f}",
        )

    caption = (
        "n steps drawn with the heights of f's own jumps as probabilities, and their average: "
        "unbiased, with a variance that falls like 1/n whatever the dimension."
    )
    return scene(
        [Knob("n", (1, 2, 4, 8, 16, 32, 64, 128, 256, 1024))],
        frame,
        Axes("x", ""),
        caption,
        x_range=(0, 1),
        y_range=(-3, 4.2),
        fixed=(Curve("f", places, f),),
        start=5,
    )


def projected() -> Scene:
    """The iterates of the orthogonal greedy algorithm."""
    places = np.arange(120) / 120
    dictionary, f, total = step_dictionary(np.sin(2 * pi * places))

    def frame(n: int) -> Frame:
        run = orthogonal(dictionary, f, total, n)
        basis = dictionary[list(run.chosen)].T
        value = basis @ np.linalg.lstsq(basis, f, rcond=None)[0]
        error = float(((f - value) ** 2).mean())
        return Frame(
            (Curve("f_n", places, value),),
            f"mean square error {error:.4f} ≤ K²/(n + 1) = {total**2 / (n + 1):.3f}",
        )

    caption = (
        "The step that correlates best with what is left is added, and f is projected on all steps "
        "so far: far below the bound for this f."
    )
    return scene(
        [Knob("n", (1, 2, 3, 4, 5, 6, 8, 10, 14, 20, 30))],
        frame,
        Axes("x", ""),
        caption,
        x_range=(0, 1),
        y_range=(-1.3, 1.4),
        fixed=(Curve("f", places, f),),
        start=4,
    )
