"""Figures that move, for the steps of the proof on the line: projections, smoothing, the ideal."""

from __future__ import annotations

from fractions import Fraction
from math import pi

import numpy as np
from scipy.special import expit, ndtr

from backproof.numerics.evidence import Axes, Curve
from backproof.numerics.scene import Frame, Knob, Scene, scene
from backproof.numerics.universality.mixtures import Mixture

GRID = np.linspace(-2, 2, 121)


def projections() -> Scene:
    """The chessboard seen along directions."""
    squares = [([(i, i + 1), (j, j + 1)], (-1) ** (i + j)) for i in (-1, 0) for j in (-1, 0)]
    board = Mixture.of([], squares)
    slopes = ("0.01", "1/10", "1/5", "1/3", "1/2", "2/3", "4/5", "1")

    def frame(slope: str) -> Frame:
        line = board.projected((Fraction(1), Fraction(slope)))
        density = [
            sum(
                float(sum(c * Fraction(t) ** k for k, c in enumerate(piece.coefficients)))
                for piece in line.pieces
                if piece.low <= t < piece.high
            )
            for t in GRID
        ]
        return Frame((Curve("density of μ_a", GRID, density),))

    caption = (
        "The chessboard of 2 × 2 squares, of densities 1 and −1, seen along a = (1, slope). Nearly "
        "along the rows it cancels; its other projections are not zero, and they determine it."
    )
    return scene(
        [Knob("slope", slopes)],
        frame,
        Axes("t = a·x", ""),
        caption,
        x_range=(-2, 2),
        y_range=(-2.2, 1.4),
        start=4,
    )


def intervals() -> Scene:
    """Half-lines make steps, steps come near to any continuous function."""
    x = np.linspace(0, 1, 241)

    def frame(n: int) -> Frame:
        stairs = np.sin(2 * pi * (np.minimum(np.floor(x * n), n - 1) + 0.5) / n)
        worst = float(np.abs(stairs - np.sin(2 * pi * x)).max())
        return Frame(
            (Curve("sums of half-lines", x, stairs),), f"distance {worst:.3f} ≤ ω(f, 1/2N)"
        )

    caption = (
        "Differences of half-lines are intervals, and steps on N of them come within ω(f, 1/2N) of "
        "f. A measure that vanishes on half-lines gives every continuous f the integral zero."
    )
    return scene(
        [Knob("N", (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48))],
        frame,
        Axes("x", ""),
        caption,
        x_range=(0, 1),
        y_range=(-1.2, 1.2),
        fixed=(Curve("sin 2πx", x, np.sin(2 * pi * x)),),
        start=5,
    )


def smoothing() -> Scene:
    """|x| and its convolution with a Gaussian."""

    def frame(h: float) -> Frame:
        z = GRID / h
        smooth = GRID * (2 * ndtr(z) - 1) + 2 * h * np.exp(-(z**2) / 2) / np.sqrt(2 * pi)
        bound = h * np.sqrt(2 / pi)
        return Frame(
            (
                Curve("|x| ± L h √(2/π)", GRID, np.abs(GRID) - bound, "band", np.abs(GRID) + bound),
                Curve("E|x + hZ|", GRID, smooth),
            ),
            f"L h √(2/π) = {bound:.3f}",
        )

    caption = (
        "f(x) = |x|, L = 1, and its mean over a Gaussian of width h. The smoothed function stays "
        "in the band, and touches it at the kink: the bound is sharp."
    )
    return scene(
        [Knob("h", (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0))],
        frame,
        Axes("x", ""),
        caption,
        x_range=(-2, 2),
        y_range=(-0.6, 2.4),
        fixed=(Curve("|x|", GRID, np.abs(GRID)),),
        start=5,
    )


def change() -> Scene:
    """Dilates and translates of h, each annihilated by σ."""

    def frame(w: float, b: float) -> Frame:
        dilated = np.exp(-(((GRID * 2 - b) / w) ** 2) / 2) / np.sqrt(2 * pi) / abs(w)
        return Frame((Curve("h((s − b)/w)/|w|", GRID * 2, dilated),))

    caption = (
        "∫ h(t) σ(wt + b) dt is the integral of σ against a dilated and shifted h: σ annihilates "
        "all of these where μ annihilates all units."
    )
    unit = Curve("σ(s)", GRID * 2, expit(GRID * 2))
    return scene(
        [Knob("w", (0.5, 0.75, 1.0, 1.5, 2.0)), Knob("b", (-2, -1, 0, 1, 2))],
        frame,
        Axes("s", ""),
        caption,
        x_range=(-4, 4),
        y_range=(-0.05, 1.05),
        fixed=(unit,),
        start=8,
    )


def ideal() -> Scene:
    """The Fourier transform of the dilates of σ′: no zero anywhere."""
    xi = np.linspace(-6, 6, 121) + 1e-9

    def frame(w: float) -> Frame:
        value = pi * xi / w / np.sinh(pi * xi / w)
        return Frame(
            (Curve("transform of w σ′(wt)", xi, value),), f"at ξ = 6: {float(value[-1]):.1e}"
        )

    caption = (
        "For the logistic function the transform of σ′ is πξ/sinh πξ, and of its dilates "
        "(πξ/w)/sinh(πξ/w): positive everywhere. So no frequency is missing in the ideal."
    )
    return scene(
        [Knob("w", (0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0))],
        frame,
        Axes("ξ", ""),
        caption,
        x_range=(-6, 6),
        y_range=(-0.05, 1.05),
        start=2,
    )
