"""The figures that move show what the steps of the proofs say."""

from __future__ import annotations

from collections.abc import Callable

import mpmath
import numpy as np
import pytest

import backproof as bp
from backproof.numerics.scene import Frame, Scene
from backproof.numerics.universality.scenes import SCENES

STEPS = {step.name for t in bp.theorems.THEOREMS if t.part == "universality" for step in t.proof}


def test_every_step_of_a_proof_of_universality_moves() -> None:
    assert set(SCENES) == STEPS


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_is_whole(name: str) -> None:
    scene = SCENES[name]()
    assert len(scene.frames) >= 6
    drawn = [np.asarray(c.y, float) for f in scene.frames for c in f.curves]
    assert all(np.isfinite(y).all() for y in drawn)
    low, high = scene.y_range
    shown = np.concatenate([np.asarray(c.y, float) for c in scene.frames[scene.start].curves])
    assert np.mean((shown >= low) & (shown <= high)) > 0.6  # the start lies in the picture
    assert scene.caption.endswith(".")


def curve(frame: Frame, name: str) -> tuple[np.ndarray, np.ndarray]:
    """One curve of a frame."""
    (found,) = [c for c in frame.curves if c.name.startswith(name)]
    return np.asarray(found.x, float), np.asarray(found.y, float)


def sigma(z: float) -> float:
    return float(1 / (1 + mpmath.exp(-z)))


def at(scene: Scene, *places: int) -> Frame:
    """The frame at positions of the knobs."""
    number = 0
    for knob, place in zip(scene.knobs, places, strict=True):
        number = number * len(knob.values) + place
    return scene.frames[number]


def test_limits() -> None:
    scene = SCENES["Limits λ → ∞"]()
    x, y = curve(at(scene, 6, 6), "σ(λu")  # φ = 3, λ = 64
    assert abs(y[np.argmin(abs(x))] - sigma(3)) < 1e-12
    assert y[x > 0.3].min() > 1 - 1e-8
    assert y[x < -0.3].max() < 1e-6


def test_the_second_difference_and_a_unit() -> None:
    scene = SCENES["What is to be shown"]()
    for w_place, s_place in ((0, 0), (2, 6), (4, 12)):
        w, s = scene.knobs[0].values[w_place], scene.knobs[1].values[s_place]
        total = sigma(w * (-1 - s)) - 2 * sigma(-w * s) + sigma(w * (1 - s))
        read = float(at(scene, w_place, s_place).readout.split("=")[1].replace("−", "-"))
        assert abs(read - total) < 1e-4


def test_smoothing_is_the_convolution() -> None:
    scene = SCENES["Convolution with a small Gaussian"]()
    frame = scene.frames[5]
    h = scene.knobs[0].values[5]
    x, y = curve(frame, "E|x")
    for n in (20, 60, 75):
        mean = mpmath.quad(lambda z, n=n: abs(x[n] + h * z) * mpmath.npdf(z), [-12, -x[n] / h, 12])
        assert abs(y[n] - mean) < 1e-8
    assert abs(y[60] - h * np.sqrt(2 / np.pi)) < 1e-12


def test_the_chessboard_by_lengths_of_chords() -> None:
    """The density at t is the signed length of the line a·x = t in the board, over |a|."""
    scene = SCENES["Reduction to one dimension"]()
    x, y = curve(scene.frames[4], "density")  # a = (1, 1/2)
    v = np.linspace(-1, 1, 200001)
    for n in (45, 70, 90):
        u = x[n] - v / 2
        sign = np.where(np.abs(u) < 1, np.sign(u) * np.sign(v), 0.0)
        assert abs(np.trapezoid(sign, v) - y[n]) < 2e-3


def test_limits_of_the_other_knobs() -> None:
    """At the end of its knob each figure shows what its step claims."""
    nearly: tuple[tuple[str, str, int, Callable[[np.ndarray], np.ndarray], float], ...] = (
        ("Weierstrass", "B_n f", -1, lambda x: np.abs(x - 0.5), 0.05),
        ("From half-lines to everything", "sums", -1, lambda x: np.sin(2 * np.pi * x), 0.07),
        ("Densities add up to one", "sum", -1, np.ones_like, 1e-3),
        ("Functionals on C^m", "N", -1, lambda x: x**2, 0.12),
    )
    for name, start, frame, limit, within in nearly:
        found = SCENES[name]().frames[frame]
        first = found.curves[0]
        assert first.name.startswith(start)
        x, y = np.asarray(first.x, float), np.asarray(first.y, float)
        assert np.abs(y - limit(x)).max() < within, name


def test_the_greedy_iterate_has_the_error_that_is_read() -> None:
    scene = SCENES["Greedy approximation"]()
    f = np.asarray(scene.fixed[0].y)
    for frame in scene.frames:
        value = np.asarray(frame.curves[0].y)
        read = float(frame.readout.split()[3])
        assert abs(((f - value) ** 2).mean() - read) < 1e-4
