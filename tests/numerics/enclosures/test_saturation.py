"""Layers most of whose units are saturated, against 50 digits; wrong cuts are refuted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp
from oracles.networks_in_mpmath import densely, exactly

import backproof as bp
from backproof.numerics.enclosures import composition
from backproof.numerics.enclosures.basis import basis
from backproof.numerics.enclosures.feedforward import deep, shallow
from backproof.numerics.enclosures.functions.sigmoid import Sigmoid
from backproof.numerics.enclosures.functions.smooth import Saturation
from backproof.numerics.enclosures.kinks import Boxes
from backproof.numerics.enclosures.local import Local
from laws.enclosures import model_holds, no_sample_exceeds

x = sp.Symbol("x")


def staircase(units: int, rows: int, random: np.random.Generator) -> list[tuple[Any, Any]]:
    """Steps of either direction, far apart; ``rows`` sums of them, and a sum of these."""
    slopes = random.choice([-1, 1], units) * random.uniform(200, 900, units)
    first = slopes[:, None], -slopes * random.uniform(-1, 1, units)
    sums = [(random.normal(0, 1, (rows, units)), random.normal(0, 1, rows))]
    last = [(random.normal(0, 0.1, (1, rows)), random.normal(0, 1, 1))] if rows > 1 else []
    return [first, *sums, *last]


def check(activation: str, rows: int, degree: int = 4) -> None:
    """Boxes narrow and wide, on steps and between them."""
    random = np.random.default_rng([rows, degree])
    layers = staircase(60, rows, random)
    centre = np.sort(random.uniform(-1, 1, 30))
    boxes = Boxes(basis(1, degree), centre[:, None], 10.0 ** random.uniform(-5, -0.7, (30, 1)))
    network = deep(layers, activation)
    hidden = network.layers[0].enclose(boxes, boxes.variables())
    assert isinstance(hidden, Local), "nothing to test: no unit was found saturated"
    model_holds(network.enclose(boxes), boxes, lambda t: exactly(layers, activation, [t]), random)


def check_gaps() -> None:
    """Boxes whose centres lie between two steps, far from both, and which reach over both."""
    places = np.arange(-30, 30) * 0.5
    layers = [(np.full((60, 1), 400.0), -400 * places), (np.full((1, 60), 1 / 60), [0.0])]
    centres = np.linspace(-10.25, 9.75, 41)[:, None]
    boxes = Boxes(basis(1, 4), centres, np.full_like(centres, 0.3))
    model = deep(layers).enclose(boxes)
    model_holds(model, boxes, lambda t: exactly(layers, "sigmoid", [t]), np.random.default_rng(1))


def test_boxes_that_reach_over_steps() -> None:
    check_gaps()


@pytest.mark.parametrize("rows", [1, 3, 6])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_sums_of_saturated_units(activation: str, rows: int) -> None:
    check(activation, rows)


def test_the_staircase_of_a_square() -> None:
    """N = 200 units, each of which moves on a hundredth of the interval."""
    steps, slope = 200, 1600.0
    heights = np.diff(np.linspace(0, 1, steps + 1) ** 2)
    places = (np.arange(steps) + 0.5) / steps
    claim = bp.certify(shallow(heights, np.full(steps, slope), -slope * places), x**2)
    assert claim.met
    points = np.random.default_rng(0).uniform(0, 1, (20_000, 1))
    layers = [(np.full((steps, 1), slope), -slope * places), (heights[None], [0.0])]
    no_sample_exceeds(claim, densely(layers, "sigmoid", points) - points[:, 0] ** 2)


# Mutants -----------------------------------------------------------------------------------


def test_a_cut_too_near_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Units are called saturated from 8 on, where they still miss their limit by 3e-4."""
    near = replace(Sigmoid.saturation or Saturation(0, 0, 1, 0), reach=8.0)
    monkeypatch.setattr(Sigmoid, "saturation", near)
    with pytest.raises(AssertionError):
        check("sigmoid", 1)


def test_a_cut_by_the_centre_alone_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A unit whose box reaches over its step, though the centre is far away, is no limit."""
    monkeypatch.setattr(composition, "near", lambda q, reach: np.abs(q.c[0]) < reach)
    with pytest.raises(AssertionError):
        check_gaps()


@pytest.mark.parametrize("part", ["the moving ones", "the limits"])
def test_a_sum_that_loses_a_part_is_refuted(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    affine = Local.affine

    def losing(local: Local, weights: Any, bias: Any) -> Any:
        if part == "the limits":
            return affine(replace(local, limits=0 * local.limits), weights, bias)
        still = replace(local.moving, c=0 * local.moving.c)
        return affine(replace(local, moving=still), weights, bias)

    monkeypatch.setattr(Local, "affine", losing)
    with pytest.raises(AssertionError):
        check("sigmoid", 1)
