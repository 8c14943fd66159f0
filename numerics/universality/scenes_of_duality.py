"""Figures that move, for the steps of the proof by duality."""

from __future__ import annotations

from fractions import Fraction
from math import cos, pi, sin

import numpy as np
from scipy.special import expit

from backproof.numerics.evidence import Axes, Curve
from backproof.numerics.scene import Frame, Knob, Scene, scene
from backproof.numerics.universality.line_measures import LineMeasure, Piece

GRID = np.linspace(-2, 2, 121)
SECOND = LineMeasure.of([(-1, 1), (0, -2), (1, 1)], [])
SMOOTH = LineMeasure.of([], [Piece.of(-1, 1, [-1, 0, 3])])


def hahn_banach() -> Scene:
    """A subspace of the plane, a point beside it, and the functional."""

    def frame(degrees: int) -> Frame:
        angle = pi * degrees / 180
        along = np.array([cos(angle), sin(angle)])
        z = np.array([0.6, 1.0])
        foot = along * (along @ z)
        distance = float(np.hypot(*(z - foot)))
        ends = np.array([-3.0, 3.0])
        line, level = along[:, None] * ends, along[:, None] * ends + (z - foot)[:, None]
        return Frame(
            (
                Curve("U, where L = 0", line[0], line[1]),
                Curve("where L = 1", level[0], level[1]),
                Curve("z", [z[0]], [z[1]], "points"),
                Curve("distance d", [z[0], foot[0]], [z[1], foot[1]]),
            ),
            f"‖L‖ = 1/d = {1 / distance:.2f}",
        )

    caption = (
        "A point z beside the subspace U: L is 0 on U and 1 at z. Turn U towards z, and the norm "
        "of L grows without bound; only where z is in the closure of U is there no such L."
    )
    return scene(
        [Knob("angle of U", tuple(range(-30, 55, 5)))],
        frame,
        Axes("x₁", "x₂"),
        caption,
        x_range=(-2.35, 2.35),
        y_range=(-0.6, 1.5),  # angles are right where both axes have one scale
        start=4,
    )


def riesz() -> Scene:
    """L on ramps that become steps tells the measure."""
    mixed = LineMeasure.of([(1, "1/2")], [Piece.of(-1, 0, [1])])
    exact = [float(mixed.above(Fraction(-9)) - mixed.above(Fraction(t))) for t in GRID]

    def frame(width: float) -> Frame:
        # ∫ r dμ of the ramp from 1 to 0 on [t, t + width] is the mean of F over that interval.
        parts = np.linspace(0, width, 65)
        seen = [float(np.mean([_below(mixed, t + s) for s in parts])) for t in GRID]
        return Frame((Curve("L(ramp at t)", GRID, seen),))

    caption = (
        "L(f) = ∫ f dμ for a density on [−1, 0] and an atom of mass 1/2 at 1. L of a ramp that "
        "falls from 1 to 0 just after t tends to μ(−∞, t]: the functional tells its measure."
    )
    return scene(
        [Knob("width of the ramp", (1.0, 0.7, 0.5, 0.35, 0.25, 0.15, 0.1, 0.05, 0.02))],
        frame,
        Axes("t", ""),
        caption,
        x_range=(-2, 2),
        y_range=(-0.1, 1.8),
        fixed=(Curve("μ(−∞, t]", GRID, exact),),
        start=3,
    )


def _below(measure: LineMeasure, t: float) -> float:
    return float(measure.above(Fraction(-9)) - measure.above(Fraction(float(t))))


def riesz_lp() -> Scene:
    """L of short intervals tells the density."""

    def frame(h: float) -> Frame:
        step = Fraction(h)
        seen = [
            float((SMOOTH.above(Fraction(t)) - SMOOTH.above(Fraction(t) + step)) / step)
            for t in GRID
        ]
        return Frame((Curve("L(1[t, t+h])/h", GRID, seen),))

    exact = np.where(np.abs(GRID) < 1, 3 * GRID**2 - 1, 0.0)
    caption = (
        "L(f) = ∫ f g dx with g = 3x² − 1 on [−1, 1]: L of the indicator of a short interval, "
        "divided by its length, tends to g."
    )
    return scene(
        [Knob("h", (1.0, 0.75, 0.5, 0.35, 0.25, 0.15, 0.1, 0.05))],
        frame,
        Axes("t", ""),
        caption,
        x_range=(-2, 2),
        y_range=(-1.4, 2.3),
        fixed=(Curve("g", GRID, exact),),
        start=2,
    )


def annihilated() -> Scene:
    """A unit over a signed measure, and the integral."""

    def frame(w: int, s: float) -> Frame:
        unit = expit(w * (GRID - s))
        low, high = SECOND.integral(w, Fraction(-w) * Fraction(str(s)))
        total = (low + high) / 2
        return Frame(
            (Curve("σ(w(x − s))", GRID, unit),), f"∫ σ dμ = {total:+.4f}".replace("-", "−")
        )

    atoms = Curve("", (-1, 0, 1), (1, -2, 1), "points")
    stems = Curve(
        "masses of μ", (-1, -1, -1, 0, 0, 0, 1, 1, 1), (0, 1, 0, 0, -2, 0, 0, 1, 0), "line"
    )
    caption = (
        "μ = δ₋₁ − 2δ₀ + δ₁ annihilates every affine function, and by symmetry the unit at s = 0. "
        "Move the unit: ∫ σ(w(x − s)) dμ is not zero elsewhere, so μ is found out."
    )
    return scene(
        [
            Knob("w", (1, 2, 4, 8, 16)),
            Knob("s", tuple(round(n / 4 - 1.5, 2) for n in range(13))),
        ],
        frame,
        Axes("x", ""),
        caption,
        x_range=(-2, 2),
        y_range=(-2.2, 1.4),
        fixed=(stems, atoms),
        start=2 * 13 + 6,
    )


def limits() -> Scene:
    """Steeper and steeper."""

    def frame(phi: float, steep: int) -> Frame:
        return Frame(
            (
                Curve("σ(λu + φ)", GRID, expit(steep * GRID + phi)),
                Curve("its value at u = 0", (0,), (expit(phi),), "points"),
            ),
            f"σ(φ) = {expit(phi):.3f}",
        )

    caption = (
        "As λ grows σ(λu + φ) tends to 1 where u > 0 and to 0 where u < 0; where u = 0 it is "
        "σ(φ) for every λ."
    )
    return scene(
        [Knob("φ", (-3, -2, -1, 0, 1, 2, 3)), Knob("λ", (1, 2, 4, 8, 16, 32, 64))],
        frame,
        Axes("u = w·x + b", ""),
        caption,
        x_range=(-2, 2),
        y_range=(-0.1, 1.1),
        start=4 * 7 + 2,
    )


def half_spaces() -> Scene:
    """∫ σ(λ(x − s) + φ) dμ against μ(s, ∞) + σ(φ) μ{s}."""
    mixed = LineMeasure.of([(0, -1)], [Piece.of(-1, 1, ["1/2"])])
    exact = [float(mixed.above(Fraction(t))) for t in GRID]

    def frame(phi: int, steep: int) -> Frame:
        seen = []
        for s in GRID[::2]:
            x = np.linspace(-1, 1, 401)
            unit = expit(steep * (x - s) + phi)
            seen.append(float(np.trapezoid(unit, x)) / 2 - float(expit(phi - steep * s)))
        return Frame(
            (
                Curve("∫ σ(λ(x − s) + φ) dμ", GRID[::2], seen),
                Curve("μ(0, ∞) + σ(φ) μ{0}", (0,), (0.5 - float(expit(phi)),), "points"),
            )
        )

    caption = (
        "μ = dx/2 on [−1, 1] less an atom at 0. For large λ the integral is the mass above s, but "
        "at the atom it is μ(0, ∞) + σ(φ) μ{0}: turning φ tells the half-space from its edge."
    )
    return scene(
        [Knob("φ", (-4, -2, 0, 2, 4)), Knob("λ", (2, 4, 8, 16, 32, 64))],
        frame,
        Axes("s", ""),
        caption,
        x_range=(-2, 2),
        y_range=(-0.8, 0.8),
        fixed=(Curve("μ(s, ∞)", GRID, exact),),
        start=2 * 6 + 3,
    )
