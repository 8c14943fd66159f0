"""Stability of gradient steps: bounds against eigenvalues, recursions, hand-written runs."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import binom

import backproof as bp
from backproof.numerics.algorithms import hardt
from backproof.numerics.algorithms.constants import box_constants, ridge_constants
from backproof.numerics.algorithms.coupled import (
    coupled_runs,
    expected_bound,
    mean_with_error,
    path_bound,
)
from backproof.theory.algorithms import expansivity, growth
from backproof.theory.algorithms.losses import ridge_form, write_out

CASES = json.loads(Path(__file__).parents[2].joinpath("cases", "results.json").read_text("utf-8"))
RECORDS = {record["id"]: record for record in CASES}
POSITIVE = st.fractions(Fraction(1, 20), 4, max_denominator=20)


# Expansivity -------------------------------------------------------------------------------


def worst(alpha: float, beta: float, gamma: float, seed: int) -> float:
    """The largest |v − αHv|/|v| over random symmetric H with curvature in [γ, β], ends included."""
    rng = np.random.default_rng(seed)
    found = 0.0
    for _ in range(20):
        q, _ = np.linalg.qr(rng.normal(size=(4, 4)))
        curvature = np.concatenate([[gamma, beta], rng.uniform(gamma, beta, 2)])
        found = max(found, np.linalg.norm(np.eye(4) - alpha * (q * curvature) @ q.T, 2))
    return float(found)


@given(POSITIVE, POSITIVE, st.fractions(-1, 1, max_denominator=20), st.integers(0, 99))
def test_the_factor_is_the_worst_that_quadratics_do(
    alpha: Fraction, beta: Fraction, share: Fraction, seed: int
) -> None:
    gamma = share * beta
    exact = expansivity.factor(sp.Rational(alpha), sp.Rational(beta), sp.Rational(gamma))
    assert float(exact) == pytest.approx(worst(float(alpha), float(beta), float(gamma), seed))


@given(POSITIVE, st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=20), POSITIVE)
def test_the_published_factor_is_larger(beta: Fraction, share: Fraction, part: Fraction) -> None:
    gamma = share * beta
    alpha = part / 2 / (beta + gamma)  # at most 2/(β + γ)
    values = {expansivity.ALPHA: alpha, expansivity.BETA: beta, expansivity.GAMMA: gamma}
    published = expansivity.published_factor().subs(values)
    least = expansivity.factor(*map(sp.Rational, (alpha, beta, gamma)))
    assert published - least == alpha * gamma**2 / (beta + gamma)


def test_the_certificates_are_identities_with_signs() -> None:
    small = {expansivity.BETA: 3, expansivity.GAMMA: sp.Rational(1, 2)}
    for certificate, alphas in (
        (expansivity.short_steps(), ("1/10", "1/2", "4/7")),
        (expansivity.long_steps(), ("4/7", "1", "5")),
    ):
        assert certificate.remainder() == 0
        for alpha in map(sp.Rational, alphas):
            values = {**small, expansivity.ALPHA: alpha}
            assert certificate.curvature.subs(values) >= 0
            assert certificate.slack.subs(values) >= 0
            assert certificate.condition.subs(values) >= 0


# Growth ------------------------------------------------------------------------------------


@given(
    POSITIVE,
    st.fractions(Fraction(1, 20), 2, max_denominator=20),
    st.integers(1, 30),
    st.integers(1, 12),
)
def test_the_recursion_is_solved(
    alpha: Fraction, factor: Fraction, examples: int, steps: int
) -> None:
    if factor == 1:
        return
    delta = Fraction(0)
    for _ in range(steps):
        delta = factor * delta + 2 * alpha / examples
    values = {
        expansivity.ALPHA: alpha,
        growth.FACTOR: factor,
        growth.LIPSCHITZ: 1,
        growth.EXAMPLES: examples,
        growth.STEPS: steps,
    }
    assert growth.distance_after(growth.FACTOR).subs(values) == delta


def test_the_records_of_the_paper() -> None:
    record = RECORDS["stab-strong"]
    inputs = record["inputs"]
    found = growth.strongly_convex(inputs["L"], inputs["gamma"], inputs["n"])
    assert float(found) == pytest.approx(record["expected"], abs=1e-12)
    L, beta, c, T = growth.LIPSCHITZ, expansivity.BETA, growth.RATE, growth.STEPS
    stated = (2 * c * L**2) ** (1 / (beta * c + 1)) * T ** (beta * c / (beta * c + 1))
    ratio = sp.expand_log(sp.log(growth.optimal_start() / stated), force=True)
    assert sp.cancel(ratio) == 0
    assert growth.is_stationary() == 0
    start, n = growth.START, growth.EXAMPLES
    trade = start / n + 2 * c * L**2 / (beta * c * n) * (T / start) ** (beta * c)
    point = {L: 0.7, beta: 1.3, c: 0.4, T: 50, n: 20, start: 3.1}
    assert float(trade.subs(point)) == pytest.approx(float(growth.trade_off().subs(point)))


@given(st.floats(0.2, 3), st.floats(0.2, 3), st.floats(0.1, 2), st.integers(50, 500))
@settings(max_examples=20)
def test_the_start_minimises(lipschitz: float, beta: float, c: float, steps: int) -> None:
    def bound(start: float) -> float:
        return start + 2 * lipschitz**2 / beta * (steps / start) ** (beta * c)

    names = (growth.LIPSCHITZ, expansivity.BETA, growth.RATE, growth.STEPS)
    values = dict(zip(names, (lipschitz, beta, c, steps), strict=True))
    start = float(growth.optimal_start().evalf(30, subs=values))
    best = minimize_scalar(bound, bounds=(start / 50, start * 50), method="bounded")
    assert bound(start) <= best.fun * (1 + 1e-9)
    assert bound(1.05 * start) > bound(start) < bound(0.95 * start)


@given(st.integers(2, 40), st.floats(0.1, 1.5), st.floats(0.2, 2), st.integers(2, 30))
@settings(max_examples=12)
def test_the_trade_off_bounds_the_recursion(n: int, c: float, beta: float, steps: int) -> None:
    # Step by step from each t₀, with L = 1: nothing of the integral or of the exponential is used.
    best = math.inf
    for start in range(1, steps + 1):
        delta = 0.0
        for t in range(start + 1, steps + 1):
            delta = (1 + c * beta / t) * delta + 2 * c / (t * n)
        best = min(best, start / n + delta)
        q = beta * c
        assert delta <= 2 / (beta * n) * (steps / start) ** q * (1 + 1e-12)
    assert growth.sharper_nonconvex(1, beta, c, n, steps) <= growth.nonconvex(1, beta, c, n, steps)


# Constants of losses -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "labels"),
    [
        ("np.logaddexp(0, -y*(w @ x)) + 0.3/2*np.sum(w**2)", (-1.0, 1.0)),
        ("(w @ x - y)**2/2", (0.0, 1.0)),
        ("(special.expit(w @ x) - y)**2/2", (0.0, 1.0)),
        ("np.tanh(w @ x)*y", (-1.0, 1.0)),
    ],
)
def test_constants_hold_and_are_nearly_attained(source: str, labels: tuple[float, ...]) -> None:
    model = bp.trace(source, w="d", x="d", y="")
    found = ridge_constants(model, radius=2, norm=Fraction(3, 2), values={"y": labels})
    kernel = bp.compile(model)
    rng = np.random.default_rng(0)
    step, slopes, curvatures = 1e-4, [], []
    for _ in range(3000):  # along lines, by differences: no derivative of the library
        x = rng.normal(size=2)
        x *= 1.5 / np.linalg.norm(x)
        along = rng.random() < 0.5
        u = x / 1.5 if along else np.array([-x[1], x[0]]) / 1.5
        w = rng.uniform(-1, 1) * 2 * (x / 1.5)
        y = rng.choice(labels)
        low, here, high = (float(kernel(w=w + s * step * u, x=x, y=y)) for s in (-1, 0, 1))
        slopes.append(abs(high - low) / (2 * step))
        curvatures.append((high - 2 * here + low) / step**2)
    lipschitz, beta, gamma = map(float, (found.lipschitz, found.smoothness, found.convexity))
    assert 0.95 * lipschitz <= max(slopes) <= lipschitz + 1e-6
    assert 0.95 * beta <= np.abs(curvatures).max() <= beta + 1e-5
    assert gamma - 1e-5 <= min(curvatures) <= gamma + 0.05 * beta
    assert found.spread <= 2 * found.lipschitz


def test_constants_over_a_box() -> None:
    model = bp.trace("(w[1]*np.tanh(w[0]*x) - x)**2/2", w="2", x="")
    found = box_constants(model, box={"w": [(-1, 1), (-1, 1)], "x": [(1, 1)]})
    a, b = np.meshgrid(np.linspace(-1, 1, 201), np.linspace(-1, 1, 201))
    t = np.tanh(a)
    r, s = b * t - 1, 1 - t**2
    norm = np.hypot(r * b * s, r * t)  # by hand
    assert 0.97 * float(found.lipschitz) <= norm.max() <= float(found.lipschitz)


def test_a_loss_that_is_no_ridge_loss_is_refused() -> None:
    model = bp.trace("np.sum(np.tanh(w*x))", w="d", x="d")
    assert ridge_form(write_out(model, "w", {"d": 2}), "w", "x") is None
    with pytest.raises(bp.BackproofError, match="box_constants"):
        ridge_constants(model, radius=1, norm=1)
    logistic = bp.trace("np.logaddexp(0, -y*(w @ x))", w="d", x="d", y="")
    with pytest.raises(bp.BackproofError, match="nothing for y"):
        ridge_constants(logistic, radius=1, norm=1)


# Coupled runs ------------------------------------------------------------------------------


def test_runs_are_those_of_a_hand_written_loop() -> None:
    model = bp.trace(hardt.LOGISTIC, w="d", x="d", y="")
    first, second = hardt.neighbours(4, 3, 1)
    made = coupled_runs(model, first, second, [0.7] * 9, runs=3, seed=5, dimension=3, radius=0.5)
    drawn = np.random.default_rng(5).integers(0, 4, size=(3, 9))
    for run in range(3):
        ends: list[Any] = []
        for data in (first, second):
            w = np.zeros(3)
            for index in drawn[run]:
                x, y = data[index]["x"], data[index]["y"]
                w = w + 0.7 * y * x / (1 + np.exp(y * (w @ x)))
                w = w * min(1, 0.5 / max(np.linalg.norm(w), 1e-300))
            ends.append(w)
        assert made.distance[run, -1] == pytest.approx(np.linalg.norm(ends[0] - ends[1]))


def test_no_run_exceeds_its_bound_and_a_smaller_bound_is_exceeded() -> None:
    model = bp.trace("w @ x", w="d", x="d")
    first = [{"x": np.array([s])} for s in (1.0, -1.0, 1.0)]
    second = [*first[:-1], {"x": np.array([-1.0])}]
    steps = [0.5, 0.25, 0.25, 0.5]
    made = coupled_runs(model, first, second, steps, runs=60, seed=0, dimension=1)
    exact = path_bound(made.hits, steps, [1.0] * 4, 2.0)
    assert np.allclose(made.distance, exact)  # the linear loss attains the bound on every path
    smaller = path_bound(made.hits, steps, [1.0] * 4, 1.9)
    assert (made.distance > smaller + 1e-12).any()
    assert expected_bound(steps, [1.0] * 4, 2.0, 3)[-1] == pytest.approx(2 * 1.5 / 3)


def test_a_contracting_loss_attains_its_path_bound() -> None:
    model = bp.trace("0.5*np.sum(w**2)/2 + w @ x", w="d", x="d")  # γ = ½, D = 2
    first = [{"x": np.array([s])} for s in (1.0, -1.0, 1.0)]
    second = [*first[:-1], {"x": np.array([-1.0])}]
    steps = [0.5, 0.25, 1.0, 0.5]
    made = coupled_runs(model, first, second, steps, runs=40, seed=0, dimension=1)
    factors = [1 - alpha / 2 for alpha in steps]
    assert np.allclose(made.distance, path_bound(made.hits, steps, factors, 2.0))


def test_data_sets_that_differ_twice_are_refused() -> None:
    model = bp.trace("w @ x", w="d", x="d")
    here, there = {"x": [1.0]}, {"x": [2.0]}
    for pair in (([here, here], [there, there]), ([here], [here, here]), ([], [])):
        with pytest.raises(bp.BackproofError, match="data sets"):
            coupled_runs(model, *pair, [1.0], runs=1, seed=0, dimension=1)


@pytest.mark.parametrize("p", [0.02, 0.3, 0.9])
def test_the_error_of_a_mean_covers(p: float) -> None:
    count, level, missed = 40, 0.05, 0.0
    for ones in range(count + 1):
        values = np.array([1.0] * ones + [0.0] * (count - ones))
        mean, error = mean_with_error(values, 1.0, level)
        if mean + error < p:
            missed += binom.pmf(ones, count, p)
    assert missed <= level


def test_the_rows_that_need_no_runs_hold() -> None:
    rows = hardt.derived_rows() + hardt.attained_rows() + hardt.constant_rows(hardt.settings())
    assert all(row.holds for row in rows), [row.cells for row in rows if not row.holds]


@pytest.mark.sweep
def test_the_whole_check_holds() -> None:
    assert bp.check("hardt-recht-singer").holds
