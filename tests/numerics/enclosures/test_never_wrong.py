"""`bp.certify` against dense sampling in ball arithmetic, on networks that hypothesis draws.

No sample may exceed `upper`, and |N − f| at the exhibited point may not be below `lower`.  Samples
are computed by python-flint with 120 bits, from the weights as they are, by code of its own.
Mutants of the engine must fail the same check; that a remainder is not even halved is seen in the
models themselves (`test_taylor_models.py`), since bounds of boxes are seldom attained.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import backproof as bp
from backproof.numerics.enclosures import bounding, composition, search
from backproof.numerics.enclosures.feedforward import deep
from backproof.numerics.enclosures.functions.sigmoid import Sigmoid
from backproof.numerics.enclosures.taylor import Taylor

flint = pytest.importorskip("flint", reason="samples in 120 bits need python-flint")
x, y = sp.symbols("x y")
Layers = list[tuple[list[list[float]], list[float]]]
CURVES: dict[str, Callable[[Any], Any]] = {
    "sigmoid": lambda z: 1 / (1 + (-z).exp()),
    "tanh": lambda z: z.tanh(),
    "softplus": lambda z: (1 + z.exp()).log() if z < 100 else z + (-z).exp(),
    "relu": lambda z: z if z > 0 else flint.arb(0),
    "step": lambda z: flint.arb(1 if z > 0 else 0),
}
TARGETS: dict[int, list[tuple[sp.Expr, Callable[..., Any]]]] = {
    1: [
        (sp.sin(5 * x), lambda x: (5 * x).sin()),
        (sp.Abs(x - sp.Rational(1, 3)), lambda x: abs(3 * x - 1) / 3),
        (sp.Piecewise((x**2, x < sp.S.Half), (-x, True)), lambda x: x * x if 2 * x < 1 else -x),
    ],
    2: [
        (x * y, lambda x, y: x * y),
        (sp.Max(x, y) * sp.exp(-x), lambda x, y: (x if x > y else y) * (-x).exp()),
    ],
}


@st.composite
def drawn(draw: st.DrawFn) -> tuple[Layers, str, int, int]:
    """Weights so that units are flat, steep and saturated; an activation, and a target."""
    d = draw(st.sampled_from([1, 1, 2]))
    widths = draw(st.lists(st.integers(1, 6), min_size=1, max_size=2))
    layers: Layers = []
    for inputs, units in itertools.pairwise([d, *widths, 1]):
        steep = draw(st.sampled_from([0.25, 3.0, 60.0]))
        number = st.floats(-steep, steep, width=32).map(float)
        rows = st.lists(number, min_size=inputs, max_size=inputs)
        weights = draw(st.lists(rows, min_size=units, max_size=units))
        layers.append((weights, draw(st.lists(number, min_size=units, max_size=units))))
    return layers, draw(st.sampled_from(list(CURVES))), d, draw(st.integers(0, len(TARGETS[d]) - 1))


def exactly(layers: Layers, activation: str, point: Any) -> Any:
    """N at a point, in balls of 120 bits."""
    h = [flint.arb(float(t)) for t in point]
    for n, (weights, bias) in enumerate(layers, 1):
        h = [
            sum((flint.arb(w) * u for w, u in zip(row, h, strict=True)), flint.arb(b))
            for row, b in zip(weights, bias, strict=True)
        ]
        if n < len(layers):
            h = [CURVES[activation](z) for z in h]
    return h[0]


def check(network: tuple[Layers, str, int, int], samples: int = 40, rtol: float = 0.02) -> None:
    """Certified, then sampled everywhere: on a grid, and at the corners of the boxes."""
    layers, activation, d, number = network
    target, sampled = TARGETS[d][number]
    arrays = [(np.array(w), np.array(b)) for w, b in layers]
    claim = bp.certify(deep(arrays, activation), target, (-1, 1), rtol, most=4000)
    assert claim.lower <= claim.upper
    corners = np.concatenate([claim.low, claim.high])[: 2 * samples]
    axis = np.linspace(-1, 1, samples if d == 1 else max(int(samples**0.5), 2) * 2)
    points = [*corners, *itertools.product(axis, repeat=d)]
    before, flint.ctx.prec = flint.ctx.prec, 120
    try:
        upper, lower = flint.arb(claim.upper), flint.arb(claim.lower)

        def missed(point: Any) -> Any:
            at = [flint.arb(float(t)) for t in point]
            return abs(exactly(layers, activation, point) - sampled(*at))

        for point in points:
            assert not missed(point) > upper, (network, point)
        assert claim.point is not None
        assert not missed(claim.point) < lower, network
    finally:
        flint.ctx.prec = before


QUIET = settings(deadline=None, suppress_health_check=list(HealthCheck))


@settings(QUIET, max_examples=60)
@given(drawn())
def test_drawn_networks(network: tuple[Layers, str, int, int]) -> None:
    check(network)


@pytest.mark.sweep
@settings(QUIET, max_examples=3000)
@given(drawn())
def test_thousands_of_drawn_networks(network: tuple[Layers, str, int, int]) -> None:
    check(network, samples=200)


# Mutants -----------------------------------------------------------------------------------


def unit(slope: float, shift: float, height: float = 1.0) -> tuple[Layers, str, int, int]:
    """One unit, against |x − 1/3|."""
    return [([[slope]], [shift]), ([[height]], [0.0])], "sigmoid", 1, 1


def cancelling(shift: float) -> tuple[Layers, str, int, int]:
    """10¹² (σ(x + b) − σ(x + b + 2⁻⁴⁰)): the terms are as large as their rounding is small."""
    weights = ([[1.0], [1.0]], [shift, shift + 2.0**-40])
    return [weights, ([[2.0**40, -(2.0**40)]], [0.0])], "sigmoid", 1, 1


def late_step() -> tuple[Layers, str, int, int]:
    """−σ(200 (σ(x) − 0.711)): zero to all orders in the middle of a box, at whose end it jumps."""
    steep = ([[200.0]], [-142.2])
    return [([[1.0]], [0.0]), steep, ([[-1.0]], [0.0])], "sigmoid", 1, 1


def some() -> None:
    """Networks whose bounds are nearly attained, or take many roundings, or many boxes."""
    for slope, shift, height in [(1.0, -2.0, -1.0), (6.0, 1.0, -1.0), (20.0, 15.0, -1.0)]:
        for rtol in (0.5, 0.02, 1e-6):
            check(unit(slope, shift, height), 400, rtol)
    check(late_step(), 400, 0.1)
    for shift in (0.25, 0.5, 1.0, -0.75):
        check(cancelling(shift), 400, 1e-6)


def test_the_engine_passes() -> None:
    some()


def no_remainder(monkeypatch: pytest.MonkeyPatch) -> None:
    bound = Sigmoid.bound
    monkeypatch.setattr(Sigmoid, "bound", lambda *a: 0 * bound(*a))


def no_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = bounding.largest
    monkeypatch.setattr(search, "largest", lambda q: whole(Taylor(q.basis, q.degree, q.c, 0 * q.e)))


def skipped_box(monkeypatch: pytest.MonkeyPatch) -> None:
    start = search.started
    monkeypatch.setattr(search, "started", lambda *a: tuple(part[1:] for part in start(*a)))


def near_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composition, "near", lambda q, reach: np.abs(q.c[0]) < 2)
    monkeypatch.setattr(composition, "MANY", 1)


MUTANTS = [no_remainder, no_rounding, skipped_box, near_cut]


@pytest.mark.parametrize("mutate", MUTANTS, ids=lambda mutate: mutate.__name__)
def test_mutants_are_refuted(
    mutate: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    mutate(monkeypatch)
    with pytest.raises(AssertionError):
        some()
