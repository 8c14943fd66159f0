"""Figures that move, for derivatives, powers and ridge functions."""

from __future__ import annotations

from math import comb, pi

import numpy as np
from scipy.special import j0, ndtr

from backproof.numerics.evidence import Axes, Curve
from backproof.numerics.scene import Frame, Knob, Scene, scene
from backproof.numerics.universality.witnesses.polynomials import power_units

GRID = np.linspace(-2, 2, 121)
UNIT = np.linspace(0, 1, 101)
WIDTHS = (2.0, 1.5, 1.0, 0.75, 0.5, 0.35, 0.25, 0.125)


def quotient(degree: int, h: float, x: np.ndarray, order: int = 0) -> np.ndarray:
    """The units whose sum is near x^k, or a derivative of that sum."""
    c, w = power_units(degree, h)
    s = 1 / (1 + np.exp(-(x[:, None] * w + 1)))
    slopes = (s, s * (1 - s), s * (1 - s) * (1 - 2 * s))
    return slopes[order] @ (c * w**order)


def derivatives() -> Scene:
    """A network near x² with its derivative near 2x."""

    def frame(h: float) -> Frame:
        value, slope = quotient(2, h, GRID), quotient(2, h, GRID, 1)
        inner = np.abs(GRID) <= 1
        worst = np.abs(value - GRID**2)[inner].max(), np.abs(slope - 2 * GRID)[inner].max()
        return Frame(
            (Curve("N", GRID, value), Curve("N′", GRID, slope)),
            f"on [−1, 1]: |N − x²| ≤ {worst[0]:.3f}, |N′ − 2x| ≤ {worst[1]:.3f}",
        )

    caption = (
        "Three units near x². In C¹ the pair (f, f′) is what is approximated: the embedding of "
        "C^m in a product of spaces C(X), one factor for each derivative."
    )
    return scene(
        [Knob("h", WIDTHS)],
        frame,
        Axes("x", ""),
        caption,
        x_range=(-2, 2),
        y_range=(-4, 5),
        fixed=(Curve("x²", GRID, GRID**2), Curve("2x", GRID, 2 * GRID)),
        start=2,
    )


def mollified() -> Scene:
    """The derivative falls on the Gaussian: f may have kinks."""

    def frame(h: float) -> Frame:
        z = GRID / h
        smooth = GRID * (2 * ndtr(z) - 1) + 2 * h * np.exp(-(z**2) / 2) / np.sqrt(2 * pi)
        return Frame(
            (Curve("f_h", GRID, smooth), Curve("(f_h)′ = f ∗ g_h′", GRID, 2 * ndtr(z) - 1))
        )

    caption = (
        "f(x) = |x| has no derivative at 0. Smoothed it has all of them, since they fall on the "
        "Gaussian: (f_h)′ is the convolution of f with g_h′."
    )
    return scene(
        [Knob("h", (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0))],
        frame,
        Axes("x", ""),
        caption,
        x_range=(-2, 2),
        y_range=(-1.3, 2.3),
        fixed=(Curve("|x|", GRID, np.abs(GRID)),),
        start=4,
    )


def only_if() -> Scene:
    """Networks of σ(t) = t² are quadratic, and stay away from x³."""
    x = np.linspace(-1, 1, 101)

    def frame(slope: float) -> Frame:
        error = x**3 - slope * x
        return Frame(
            (Curve("x³ − N", x, error),), f"sup |x³ − N| = {np.abs(error).max():.3f} ≥ 1/4"
        )

    caption = (
        "Where σ(t) = t² every network is a quadratic polynomial. Here N = a x: no choice of a, "
        "nor of any other quadratic, brings the error below 1/4, which a = 3/4 attains four times "
        "with changing sign."
    )
    return scene(
        [Knob("a", (0.0, 0.15, 0.3, 0.45, 0.6, 0.7, 0.75, 0.8, 0.9, 1.0, 1.2, 1.5))],
        frame,
        Axes("x", "x³ − N"),
        caption,
        x_range=(-1, 1),
        y_range=(-1, 1),
        fixed=(Curve("± 1/4", (-1, 1), (-0.25, -0.25), "band", (0.25, 0.25)),),
        start=3,
    )


def ridges() -> Scene:
    """A radial function as a mean of waves in several directions."""
    radius = np.linspace(0, 12, 121)

    def frame(directions: int, turned: int) -> Frame:
        angles = pi * np.arange(directions) / directions - pi * turned / 180
        mean = np.cos(radius[:, None] * np.cos(angles)).mean(1)
        return Frame((Curve("mean of cos(a·x)", radius, mean),))

    caption = (
        "A function of the plane that depends on |x| alone, the Bessel function J₀(|x|), as a mean "
        "of ridge functions cos(a·x) over equally spaced directions, along a ray that turns."
    )
    return scene(
        [
            Knob("directions", (1, 2, 3, 4, 6, 8, 12)),
            Knob("ray turned by (degrees)", (0, 15, 30, 45, 60, 75, 90)),
        ],
        frame,
        Axes("|x|", ""),
        caption,
        x_range=(0, 12),
        y_range=(-1.05, 1.05),
        fixed=(Curve("J₀(|x|)", radius, j0(radius)),),
        start=3 * 7 + 1,
    )


def divided() -> Scene:
    """A divided difference of σ in w against the power."""

    def frame(degree: int, h: float) -> Frame:
        value = quotient(degree, h, GRID)
        worst = np.abs(value - GRID**degree)[np.abs(GRID) <= 1].max()
        return Frame(
            (Curve("x^k", GRID, GRID**degree), Curve("N, k + 1 units", GRID, value)),
            f"sup |N − x^{degree}| on [−1, 1]: {worst:.4f}",
        )

    caption = (
        "The k-th divided difference of w ↦ σ(wx + 1) at 0, from k + 1 units, tends to x^k as "
        "h → 0, on every bounded interval."
    )
    return scene(
        [Knob("k", (1, 2, 3, 4)), Knob("h", WIDTHS)],
        frame,
        Axes("x", ""),
        caption,
        x_range=(-2, 2),
        y_range=(-4, 6),
        start=2 * 8 + 2,
    )


def weierstrass() -> Scene:
    """Bernstein's polynomials of a function with a kink."""
    target = np.abs(UNIT - 0.5)

    def frame(n: int) -> Frame:
        basis = [comb(n, k) * UNIT**k * (1 - UNIT) ** (n - k) for k in range(n + 1)]
        value = np.abs(np.arange(n + 1) / n - 0.5) @ np.array(basis)
        worst = np.abs(value - target).max()
        bound = (0.25 / n) ** 0.5
        return Frame(
            (Curve("B_n f", UNIT, value),), f"sup |B_n f − f| = {worst:.3f} ≤ {bound:.3f} = 1/2√n"
        )

    caption = (
        "Bernstein's polynomials of |x − 1/2|: the mean of f at a binomial share. They converge "
        "for every continuous f, slowly where f has a kink."
    )
    return scene(
        [Knob("n", (1, 2, 4, 6, 10, 16, 24, 40, 64, 100))],
        frame,
        Axes("x", ""),
        caption,
        x_range=(0, 1),
        y_range=(-0.05, 0.6),
        fixed=(Curve("|x − 1/2|", UNIT, target),),
        start=4,
    )


def without_smoothness() -> Scene:
    """ReLU convolved: sums of translates of ReLU, and smooth in the limit."""

    def frame(translates: int, width: float) -> Frame:
        # Midpoints of a bump of compact support, (1 − u²)³ on [−1, 1].
        u = (2 * np.arange(translates) + 1) / translates - 1
        weights = (1 - u**2) ** 3
        weights = weights / weights.sum()
        value = np.maximum(GRID[:, None] - width * u, 0) @ weights
        return Frame((Curve("sum of translates", GRID, value),))

    caption = (
        "A sum of translates of ReLU with the weights of a smooth bump tends to the convolution, "
        "which is smooth: the case of smooth σ applies to it, and it is in the closure of the span."
    )
    return scene(
        [Knob("translates", (1, 2, 3, 5, 9, 33)), Knob("width", (0.25, 0.5, 1.0, 1.5))],
        frame,
        Axes("t", ""),
        caption,
        x_range=(-2, 2),
        y_range=(-0.1, 2.1),
        fixed=(Curve("relu", GRID, np.maximum(GRID, 0)),),
        start=2 * 4 + 2,
    )
