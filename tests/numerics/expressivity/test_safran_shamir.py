"""Curvature against quadrature, the L¹ norm and the ball against values at rational points."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.rational_networks import Layers, networks, value
from scipy.optimize import linprog, minimize

import backproof as bp
from backproof.numerics.expressivity import ball, l1_norm
from backproof.numerics.expressivity import curvature as measured
from backproof.numerics.expressivity.ball import BallNetwork
from backproof.numerics.expressivity.piecewise import ReluNetwork
from backproof.numerics.expressivity.yarotsky import distance_from_square
from backproof.numerics.universality.witnesses.yarotsky import network as yarotsky
from backproof.theory.expressivity import curvature
from backproof.theory.expressivity import l1_norm as l1
from backproof.theory.universality import triangle

RESULTS = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[2] / "cases" / "results.json").read_text("utf-8")
    )
}


# Curvature ---------------------------------------------------------------------------------


def test_records_of_the_square() -> None:
    levels = RESULTS["yar-x2"]["inputs"]["m"]
    found = [distance_from_square(ReluNetwork.of(yarotsky(m)).function()) for m in levels]
    assert [str(error) for error in found] == RESULTS["yar-x2"]["expected"]
    n = RESULTS["x2-sup-pieces"]["inputs"]["n"]
    best = curvature.equal_pieces(curvature.square_in_sup(), False)
    derived = [str(best.subs({curvature.N: k, curvature.L: 1})) for k in n]
    assert derived == RESULTS["x2-sup-pieces"]["expected"]["best"]
    chords = [str(triangle.chord_error(k)) for k in n]
    assert chords == RESULTS["x2-sup-pieces"]["expected"]["interp"]
    steps = RESULTS["stair-uniform"]["inputs"]["N"]
    assert [str(triangle.stairs_error(k)) for k in steps] == RESULTS["stair-uniform"]["expected"]


def test_one_piece_of_the_square_by_optimisation() -> None:
    """Least squares and a linear programme on a fine grid."""
    h = 0.7
    x = np.linspace(0, h, 2001)
    affine = np.c_[np.ones_like(x), x]
    squares = np.mean((affine @ np.linalg.lstsq(affine, x**2, rcond=None)[0] - x**2) ** 2) * h
    derived = curvature.square_in_mean().subs(curvature.H, h)
    assert abs(squares / float(derived) - 1) < 5e-3
    A = np.r_[np.c_[affine, -np.ones_like(x)], np.c_[-affine, -np.ones_like(x)]]
    programme = linprog([0, 0, 1], A, np.r_[x**2, -(x**2)], bounds=[(None, None)] * 3)
    assert abs(programme.fun / float(curvature.square_in_sup().subs(curvature.H, h)) - 1) < 1e-6


@given(st.integers(0, 20), st.integers(1, 20))
def test_the_misfit_of_an_interval(a: int, h: int) -> None:
    low, high = Fraction(a, 7), Fraction(a + h, 7)
    assert measured.misfit(low, high) == Fraction(h, 7) ** 5 / 180


def test_the_kernel_moves_two_derivatives() -> None:
    k, p = curvature.kernel()
    x, h = curvature.X, curvature.H
    for f in (sp.exp(x), sp.sin(3 * x), 1 / (1 + x), x**5):
        sides = [
            mpmath.quad(sp.lambdify(x, e.subs(h, sp.Rational(3, 4)), "mpmath"), [0, 0.75])
            for e in (f * p, sp.diff(f, x, 2) * k)
        ]
        assert abs(sides[0] - sides[1]) < 1e-12
    assert all(k.subs({x: t, h: 1}) >= 0 for t in map(sp.Rational, ("0", "1/3", "1/2", "1")))


@pytest.mark.parametrize("target", measured.TARGETS, ids=lambda t: t.name)
def test_no_fit_of_two_pieces_undercuts_the_bound(target: Any) -> None:
    """The best knot by search, both pieces by least squares: discontinuous, so better than any
    network of two pieces."""
    x = np.linspace(0, 1, 4001)
    y = target(x)
    best = np.inf
    for cut in range(100, 3901, 100):
        total = 0.0
        for part in (slice(0, cut), slice(cut, None)):
            affine = np.c_[np.ones_like(x[part]), x[part]]
            residual = affine @ np.linalg.lstsq(affine, y[part], rcond=None)[0] - y[part]
            total += float((residual**2).sum()) / x.size
        best = min(best, total)
    bound = measured.least_error(target.expression, [1]).bound
    assert 0 < bound <= best * 1.01


@given(networks(2, 3))
@settings(max_examples=40)
def test_no_network_is_nearer_to_the_square_than_the_bound(layers: Layers) -> None:
    network = ReluNetwork.of(layers)
    error = distance_from_square(network.function())
    grid = [abs(value(layers, x) - x * x) for x in (Fraction(n, 16) for n in range(17))]
    assert max(grid) <= error
    bound = curvature.least_error([(2, 1)], network.rectified, "sup")
    assert sp.Rational(error.numerator, error.denominator) >= bound


@pytest.mark.parametrize(("weights", "n"), [((1.0, 3.0, 0.2), 40), ((2.0, 2.0), 7)])
def test_pieces_are_shared_by_holder(weights: tuple[float, ...], n: int) -> None:
    """Σ a_i/n_i⁴ under Σ n_i = n by a numerical optimiser."""
    q = len(weights)
    a = [c**2 / q**5 / 720 for c in weights]
    pairs = [(sp.Float(c, 30), sp.Rational(1, q)) for c in weights]
    derived = float(curvature.least_error(pairs, [n - q], 2))  # n − q + 1 pieces and q − 1 ends
    found = minimize(
        lambda v: sum(w / p**4 for w, p in zip(a, v, strict=True)) * 1e9,
        [n / q] * q,
        bounds=[(0.1, n)] * q,
        constraints={"type": "eq", "fun": lambda v: sum(v) - n},
    )
    assert abs(found.fun / 1e9 / derived - 1) < 1e-4


# The norm and the ball ---------------------------------------------------------------------

rationals = st.builds(Fraction, st.integers(-30, 30), st.integers(10, 20))


@given(st.integers(1, 6), st.data())
@settings(max_examples=30)
def test_the_network_of_the_norm(d: int, data: st.DataObject) -> None:
    from backproof.theory.evaluation.exact import evaluate

    x = data.draw(st.lists(rationals, min_size=d, max_size=d))
    W, u = l1.weights(d)
    exact = [sp.Rational(v.numerator, v.denominator) for v in x]
    found = evaluate(l1.network(), {"W": W, "u": u, "x": exact})["f"]
    assert Fraction(int(found.p), int(found.q)) == max(sum(map(abs, x), Fraction(0)) - 1, 0)


def test_the_norm_has_a_kink_that_ends() -> None:
    third = sp.Rational(1, 3)
    assert l1.slope_jump([third] * 3) == 3
    assert l1.slope_jump([sp.Integer(2), -sp.Rational(1, 2), -sp.Rational(1, 2)]) == 0
    with pytest.raises(bp.BackproofError, match="add up to one"):
        l1.slope_jump([third, third])


@given(st.sampled_from([2, 4]), st.data())
@settings(max_examples=40)
def test_the_network_of_the_ball(d: int, data: st.DataObject) -> None:
    """One inside the shell, zero outside, and between the two in it."""
    network = BallNetwork(d, 6)
    x = data.draw(st.lists(rationals.map(lambda v: v / 3), min_size=d, max_size=d))
    size = sum((v * v for v in x), Fraction(0))
    g = network(x)
    assert 0 <= g <= 1
    assert g == 1 or size > 1 - network.ramp
    assert g == 0 or size < 1 + network.excess
    floats = network.values(np.array([[float(v) for v in x]]))[0]
    assert abs(floats - float(g)) < 1e-9


@pytest.mark.parametrize("d", [2, 4, 6, 10, 32, 64])
def test_the_mass_of_the_shell_and_the_width(d: int) -> None:
    for error in (Fraction(1), Fraction(1, 10), Fraction(1, 1000)):
        nodes = (ball.polynomial_width(d, error) - 2) // d
        assert BallNetwork(d, nodes).error <= error
    network = BallNetwork(d, 4 * d)
    assert 2 <= network.radius**d <= Fraction(21, 10)
    density = mpmath.quad(
        lambda r: d * r ** (d - 1) / 2,
        [mpmath.sqrt(float(1 - network.ramp)), mpmath.sqrt(float(1 + network.excess))],
    )
    assert abs(float(network.error) - density) < 1e-9


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: BallNetwork.within(3, Fraction(1, 2)), "even"),
        (lambda: measured.least_error(sp.Symbol("x") ** 2, [1], norm=3), "sup"),
        (lambda: measured.least_error(sp.Integer(2), [1]), "one variable"),
    ],
)
def test_refusals(build: Callable[[], Any], message: str) -> None:
    with pytest.raises(bp.BackproofError, match=message):
        build()


# Checks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["yarotsky", "l1-norm"])
def test_the_check_holds(name: str) -> None:
    assert bp.check(name).holds


def test_the_check_of_the_ball_in_two_dimensions() -> None:
    found = ball.check(dimensions=(4,), drawn=20_000)
    assert found.holds, str(found)


@pytest.mark.sweep
@pytest.mark.parametrize("name", ["ball", "curvature"])
def test_the_long_checks_hold(name: str) -> None:
    assert bp.check(name).holds


def test_mutants_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:  # twice the least error of a piece
        wrong = curvature.square_in_mean() * 2
        patch.setattr(curvature, "square_in_mean", lambda: wrong)
        patch.setattr(measured, "TARGETS", ())
        assert not measured.check().holds
    with monkeypatch.context() as patch:  # a bound that is a hundred times too large
        right = measured.least_error
        too_large = lambda *a, **k: measured.LeastError(1e4 * right(*a, **k).bound, (), ())  # noqa: E731
        patch.setattr(measured, "least_error", too_large)
        patch.setattr(measured, "TARGETS", measured.TARGETS[:1])
        assert not measured.check().holds
    with monkeypatch.context() as patch:  # one sign too few
        rows = l1.weights(2)[0]
        assert list(itertools.chain(*rows)).count(-1) == 2
        patch.setattr(l1, "weights", lambda d: ([[abs(w) for w in r] for r in rows], [1] * 4))
        patch.setattr(l1_norm, "DIMENSIONS", (2,))
        assert not l1_norm.check().holds
    with monkeypatch.context() as patch:  # a shell of half the mass, and a network that is flat
        patch.setattr(BallNetwork, "values", lambda self, x: np.zeros(len(x)))
        assert not ball.check(dimensions=(4,), drawn=20_000).holds
