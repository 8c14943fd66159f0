"""Exact breakpoints, Telgarsky's bounds and the sharper count, against values point by point."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.rational_networks import Layers, networks, points, value
from scipy.optimize import linprog

import backproof as bp
from backproof.numerics.enclosures.feedforward import deep
from backproof.numerics.expressivity import alternation, relu_pieces, sawtooth, telgarsky
from backproof.numerics.expressivity.piecewise import HALF, PiecewiseAffine, ReluNetwork
from backproof.theory.expressivity import pieces, runs, triangle_map
from backproof.theory.scalars import relu

RESULTS = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[2] / "cases" / "results.json").read_text("utf-8")
    )
}


# Breakpoints -------------------------------------------------------------------------------


@given(networks(), st.lists(points, min_size=5, max_size=5))
def test_a_network_is_the_function_that_is_propagated(layers: Layers, at: list[Fraction]) -> None:
    """Equal at any points and at every knot, and the slope does change at each knot."""
    network = ReluNetwork.of(layers)
    function = network.function((-4, 4))
    middles = [(2 * a + b) / 3 for a, b in itertools.pairwise(function.knots)]
    for x in (*at, *function.knots, *middles):
        assert function(x) == value(layers, x) == network(x)
    assert all(a != b for a, b in itertools.pairwise(function.slopes))
    assert function.pieces == len(function.knots) - 1
    assert function.pieces <= pieces.most_pieces(network.rectified)


@given(networks(), st.integers(1, 5))
def test_no_network_errs_less_than_its_pieces_allow(layers: Layers, k: int) -> None:
    function = ReluNetwork.of(layers).function()
    n = 2**k
    labels = [value(layers, Fraction(i, n)) >= HALF for i in range(n)]
    errors = sum(label != i % 2 for i, label in enumerate(labels))
    assert sawtooth.error(function, k) == Fraction(errors, n)
    assert errors >= runs.continuous(n, function.pieces) * n
    assert function.runs(HALF) <= function.pieces + 1
    seen = 1 + sum(a != b for a, b in itertools.pairwise(labels))
    assert seen <= function.runs(HALF)


@given(networks(2, 3), points)
def test_the_distance_from_a_level_by_quadrature(layers: Layers, level: Fraction) -> None:
    """Simpson's rule is exact on the pieces of |f − level| once its zeros are knots."""
    function = ReluNetwork.of(layers).function()
    cut = function.crossing(level)
    total = Fraction(0)
    for a, b in itertools.pairwise(cut.knots):
        ends = [abs(value(layers, x) - level) for x in (a, (a + b) / 2, b)]
        total += (b - a) * (ends[0] + 4 * ends[1] + ends[2]) / 6
    assert function.distance(level) == total


def test_float_weights_are_fractions_too() -> None:
    rng = np.random.default_rng(0)
    layers = [(rng.normal(size=(5, 1)), rng.normal(size=5)), (rng.normal(size=(1, 5)), [0.1])]
    feedforward = deep(layers, "relu")
    function = ReluNetwork.of(feedforward).function()
    x = np.linspace(0, 1, 50)
    exact = [float(function(Fraction(float(v)))) for v in x]
    np.testing.assert_allclose(exact, feedforward(x), rtol=0, atol=1e-13)


def test_runs_count_points_where_a_level_is_touched() -> None:
    zero, one, two = Fraction(0), Fraction(1), Fraction(2)
    touched = PiecewiseAffine((zero, one, two), (zero, HALF, zero))
    assert touched.runs(HALF) == 3  # below, at the point, below: t + 1
    assert PiecewiseAffine((zero, one, two), (zero, HALF, HALF)).runs(HALF) == 2
    assert PiecewiseAffine((zero, one, two), (one, HALF, one)).runs(HALF) == 1


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: PiecewiseAffine((HALF,), (HALF,)), "knots"),
        (lambda: PiecewiseAffine((HALF, HALF), (HALF, HALF)), "increase"),
        (lambda: PiecewiseAffine((HALF, Fraction(1)), (HALF, HALF))(2), "stay inside"),
        (lambda: ReluNetwork.of([([[1, 2]], [0])]), "rows of length 1"),
        (lambda: ReluNetwork.of([([[1], [2]], [0, 1])]), "2 outputs"),
        (lambda: ReluNetwork.of(deep([([[1]], [0]), ([[1]], [0])], "tanh")), "use relu"),
        (lambda: runs.least_errors(3, 4), "4 runs"),
        (lambda: pieces.slopes(2), "three"),
        (lambda: pieces.narrow_pieces(1, 2), "two layers"),
        (lambda: sawtooth.triangle(0), "k = 0"),
        (lambda: sawtooth.best_shallow(2, 4), "4 nodes"),
    ],
)
def test_refusals(build: Callable[[], Any], message: str) -> None:
    with pytest.raises(bp.BackproofError, match=message):
        build()


# Records -----------------------------------------------------------------------------------


def expected(name: str) -> Any:
    return RESULTS[name]["expected"]


def test_records_of_the_triangle_map() -> None:
    k = RESULTS["tel-pieces"]["inputs"]["k"]
    functions = [sawtooth.triangle(n).function() for n in k]
    assert [f.pieces for f in functions] == expected("tel-pieces")["pieces"]
    assert [f.maxima for f in functions] == expected("tel-pieces")["teeth"]
    assert {sawtooth.triangle(n).function().distance(HALF) for n in range(1, 9)} == {
        Fraction(expected("tel-L1"))
    }


def test_records_of_the_bound() -> None:
    cases = RESULTS["tel-bound"]["inputs"]["(k,l,m)"]
    found = [str(runs.telgarsky(2**k, pieces.telgarsky_pieces(l, m))) for k, l, m in cases]
    assert found == expected("tel-bound")
    assert all(telgarsky.admissible(*case) for case in cases)


@given(st.integers(4, 40), st.integers(1, 5), st.integers(1, 50))
def test_a_sixth_under_the_hypothesis(k: int, l: int, m: int) -> None:
    n, t = 2**k, pieces.telgarsky_pieces(l, m)
    admissible = m <= 2 ** ((k - 3) / l - 1) * (1 + 1e-12)
    assert telgarsky.admissible(k, l, m) == admissible
    if admissible:
        assert runs.telgarsky(n, t) >= Fraction(1, 6)
        assert runs.continuous(n, t) >= Fraction(7, 16) - Fraction(1, 2 * n)
    assert runs.continuous(n, t) >= runs.any_pieces(n, t) >= runs.telgarsky(n, t)
    assert pieces.most_pieces([m] * l) <= t


# The steps ---------------------------------------------------------------------------------


def test_the_halves_of_the_map() -> None:
    x = triangle_map.X
    for side, (a, b) in zip(triangle_map.halves(), ((0, HALF), (HALF, 1)), strict=True):
        for share in (Fraction(0), Fraction(1, 3), Fraction(1)):
            at = a + (b - a) * share
            rational = sp.Rational(at.numerator, at.denominator)
            assert triangle_map.NETWORK.subs(x, rational) == side.subs(x, rational)
    assert triangle_map.NETWORK.func is relu
    direct = sp.integrate(sp.Abs(sp.Abs(1 - 4 * sp.Abs(x - sp.S.Half)) - sp.S.Half), (x, 0, 1))
    assert triangle_map.distance_from_half() == direct  # f∘f = |1 − 4|x − ½|| on [0, 1]


@settings(max_examples=30)
@given(st.integers(1, 40), st.data())
def test_dynamic_programming_finds_the_count(n: int, data: st.DataObject) -> None:
    r = data.draw(st.integers(1, n))
    assert runs.by_dynamic_programming(n, r) == runs.least_errors(n, r)
    lengths = [1] * (r - 1) + [n - r + 1]
    labels = [(i % 2) for i, length in enumerate(lengths) for _ in range(length)]
    assert sum(b != i % 2 for i, b in enumerate(labels)) == runs.least_errors(n, r)


@pytest.mark.parametrize(("nodes", "layers"), [(3, 3), (4, 2), (7, 2)])
def test_folded_networks_attain_the_bound(nodes: int, layers: int) -> None:
    network = ReluNetwork.of(pieces.folded(nodes, layers))
    assert network.rectified == (nodes,) * layers
    function = network.function()
    assert function.pieces == (nodes + 1) ** layers
    assert set(function.values) == {0, 1}
    assert sum(1 / s for s in pieces.slopes(nodes)) == 1


@given(st.integers(1, 2), st.data())
def test_narrow_networks_stay_below(nodes: int, data: st.DataObject) -> None:
    layers = data.draw(networks(3, nodes).filter(lambda found: len(found) > 2))
    function = ReluNetwork.of(layers).function((-50, 50))
    assert function.pieces <= pieces.narrow_pieces(len(layers) - 1, nodes)


@pytest.mark.parametrize("nodes", [1, 2, 3, 4])
def test_alternating_slopes_by_a_linear_programme(nodes: int) -> None:
    """Slopes of at least one in turn, either sign first, for some jumps: SciPy's answer."""
    possible = []
    for directions in itertools.product((1, -1), repeat=nodes):
        rows = []
        for i in range(nodes + 1):  # on piece i the knots j < i lie to the left
            row = [float(j < i) if d > 0 else -float(j >= i) for j, d in enumerate(directions)]
            rows.append([(-1) ** i * entry for entry in row])
        free = [(None, None)] * nodes
        found = linprog(
            [0.0] * nodes, [[-e for e in r] for r in rows], [-1.0] * len(rows), bounds=free
        )
        if found.status == 0:
            possible.append(directions)
    assert pieces.alternating(nodes) == possible


# Checks, and checks that are wrong on purpose ----------------------------------------------


@pytest.mark.parametrize("name", ["relu-pieces", "telgarsky", "alternation"])
def test_the_check_holds(name: str) -> None:
    stages: list[str] = []
    evidence = bp.check(name, lambda stage, done, total: stages.append(stage))
    assert evidence.holds, str(evidence)
    assert evidence.curves
    assert stages


def test_mutants_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    mutants: tuple[tuple[Any, str, Any, Any], ...] = (
        (runs, "least_errors", lambda n, r: (n - r) // 2, alternation.check),
        (
            runs,
            "continuous",
            lambda n, t: Fraction(runs.least_errors(n, min(t, n)), n),
            alternation.check,
        ),
        (pieces, "most_pieces", lambda widths: int(np.prod(widths)), relu_pieces.check),
        (
            runs,
            "telgarsky",
            lambda n, t: Fraction(n - 6 * t, 3 * n),
            telgarsky.check,
        ),
        (
            sawtooth,
            "LAYERS",
            (triangle_map.LAYERS[0], ([[sp.Integer(2), sp.Integer(-3)]], [sp.S.Zero])),
            telgarsky.check,
        ),
    )
    for module, name, wrong, check in mutants:
        with monkeypatch.context() as patch:
            patch.setattr(module, name, wrong)
            assert not check().holds, name
