"""Derivatives of deep networks: the chain rule on Taylor models and balls, against SymPy's."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

import backproof as bp
from backproof.numerics.enclosures import partials
from backproof.numerics.enclosures.basis import basis
from backproof.numerics.enclosures.feedforward import deep
from backproof.numerics.enclosures.kinks import Boxes
from backproof.numerics.enclosures.partials import Partial
from laws.enclosures import model_holds

x, y = sp.symbols("x y")
PLAIN = {
    "sigmoid": lambda z: 1 / (1 + sp.exp(-z)),
    "tanh": sp.tanh,
    "softplus": lambda z: sp.log(1 + sp.exp(z)),
    "sin": sp.sin,
}


def network(sizes: list[int], activation: str, seed: int = 0) -> tuple[Any, sp.Expr]:
    """A network, and the same as a formula of exact numbers."""
    random = np.random.default_rng(seed)
    layers = [
        (random.normal(0, 1, (m, n)), random.normal(0, 1, m)) for n, m in itertools.pairwise(sizes)
    ]
    h: list[sp.Expr] = [x, y][: sizes[0]]
    for n, (weights, bias) in enumerate(layers, 1):
        h = [
            sum((sp.Rational(w) * u for w, u in zip(row, h, strict=True)), sp.Rational(b))
            for row, b in zip(weights.tolist(), bias.tolist(), strict=True)
        ]
        if n < len(layers):
            h = [PLAIN[activation](z) for z in h]
    return deep(layers, activation), h[0]


def check(activation: str, sizes: list[int], order: tuple[int, ...]) -> None:
    """The models of a derivative hold it."""
    net, formula = network(sizes, activation)
    symbols = (x, y)[: sizes[0]]
    slope = formula
    for symbol, times in zip(symbols, order, strict=True):
        slope = sp.diff(slope, symbol, times)
    exact = sp.lambdify(symbols, slope, "mpmath")
    random = np.random.default_rng(1)
    centre = random.uniform(-1, 1, (4, len(order)))
    boxes = Boxes(basis(len(order), 3), centre, 10.0 ** random.uniform(-6, -1, centre.shape))
    model_holds(Partial(net, order).enclose(boxes), boxes, exact, random)


@pytest.mark.parametrize("order", [(1, 0), (0, 2), (1, 1)])
@pytest.mark.parametrize("activation", PLAIN)
def test_a_deep_network_of_the_plane(activation: str, order: tuple[int, ...]) -> None:
    check(activation, [2, 3, 2, 1], order)


def test_third_derivatives_and_depth_four() -> None:
    check("tanh", [1, 2, 2, 1], (3,))
    check("sigmoid", [1, 2, 2, 2, 1], (2,))


@pytest.mark.parametrize("engine", ["float", "ball"])
def test_the_distance_in_c2(engine: str) -> None:
    """The largest of all derivatives at a grid stays below, and the point attains the bound."""
    if engine == "ball":
        pytest.importorskip("flint", reason="the ball engine needs python-flint")
    net, formula = network([2, 3, 2, 1], "tanh")
    claim = bp.certify(net, x * y, (-1, 1), derivatives=2, rtol=1e-2, engine=engine)
    assert claim.met
    assert claim.rests_on == ({"enclosed"} if engine == "ball" else {"enclosed", "assumed"})
    orders = [(i, j) for i in range(3) for j in range(3 - i)]
    slopes = [sp.diff(formula - x * y, x, i, y, j) for i, j in orders]
    values = sp.lambdify((x, y), slopes, "numpy")
    grid = np.meshgrid(*[np.linspace(-1, 1, 101)] * 2)
    worst = max(float(np.abs(v).max()) for v in values(*grid))
    assert worst <= claim.upper * (1 + 1e-9)
    assert claim.lower <= worst * (1 + 1e-2)
    exact = sp.lambdify((x, y), slopes, "mpmath")
    with mpmath.workdps(50):
        at = [mpmath.mpf(t) for t in claim.point or ()]
        assert max(abs(v) for v in exact(*at)) >= claim.lower


def test_a_shallow_network_in_balls_has_exact_weights() -> None:
    pytest.importorskip("flint", reason="the ball engine needs python-flint")
    net, _ = network([1, 4, 1], "sigmoid")
    ball = bp.certify(net, 0, (-2, 2), derivatives=2, engine="ball")
    float_ = bp.certify(net, 0, (-2, 2), derivatives=2)
    assert ball.lower <= float_.upper
    assert float_.lower <= ball.upper


def test_an_affine_network_has_no_second_derivative() -> None:
    line = deep([([[3.0]], [1.0])])
    claim = bp.certify(line, 0, (0, 1), derivatives=2)
    assert claim.lower <= 4 <= claim.upper


@pytest.mark.parametrize("activation", ["relu", "step"])
def test_kinks_have_no_derivatives(activation: str) -> None:
    net = deep([([[1.0]], [0.0])] * 3, activation)
    with pytest.raises(bp.BackproofError, match="smooth one"):
        bp.certify(net, 0, derivatives=1)


def test_a_chain_rule_that_loses_a_term_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """g″ h′² + g′ h″ without its second part, and with g″ for g″/2."""
    right = partials.Floats.curve

    def losing(engine: Any, layer: Any, times: int, z: Any) -> Any:
        found = right(engine, layer, times, z)
        return replace(found, c=2 * found.c, e=2 * found.e) if times == 2 else found

    monkeypatch.setattr(partials.Floats, "curve", losing)
    with pytest.raises(AssertionError):
        check("tanh", [2, 3, 2, 1], (0, 2))
