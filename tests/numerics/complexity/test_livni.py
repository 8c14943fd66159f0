"""Livni and others: ranks against SymPy's, exact fits of any points, certified sigmoids, GECO."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import product
from math import comb
from pathlib import Path

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import backproof as bp
from backproof.numerics.complexity.approximated import approximate
from backproof.numerics.complexity.basis_learner import generic_points, learn, monomial_rank
from backproof.numerics.complexity.chebyshev import certified, coefficients
from backproof.numerics.complexity.elimination import rank
from backproof.numerics.complexity.geco import bound, curvature, geco, loss
from backproof.numerics.complexity.livni import planted
from backproof.theory.complexity import greedy, monomials, sigmoid, squares

RESULTS = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[2] / "cases" / "results.json").read_text("utf-8")
    )
}
MATRICES = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.lists(st.integers(-4, 4), min_size=n, max_size=n), max_size=6)
)


def test_the_record_of_ranks() -> None:
    case = RESULTS["livni-rank"]
    for (m, d, t), expected in zip(case["inputs"]["(m,d,t)"], case["expected"], strict=True):
        assert monomials.generic_rank(m, d, t) == expected
        for seed in range(3):
            assert monomial_rank(generic_points(m, d, seed), t) == expected
        assert monomials.dimension(d, monomials.layers(m, d)) >= m
        assert monomials.dimension(d, monomials.layers(m, d) - 1) < m


@given(MATRICES)
def test_the_rank_is_that_of_sympy(rows: list[list[int]]) -> None:
    assert rank(rows) == (sp.Matrix(rows).rank() if rows else 0)


@given(st.integers(1, 4), st.integers(0, 4))
def test_monomials_are_counted(d: int, t: int) -> None:
    every = {e for e in product(range(t + 1), repeat=d) if sum(e) <= t}
    listed = monomials.exponents(d, t)
    assert set(listed) == every
    assert len(listed) == len(every) == comb(d + t, t)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_distinct_points_are_fitted(data: st.DataObject) -> None:
    """Also points in special position, where ranks are smaller: zero error in ≤ m − 1 layers."""
    d = data.draw(st.integers(1, 3))
    coordinate = st.integers(-3, 3)
    points = data.draw(st.lists(st.tuples(*[coordinate] * d), min_size=1, max_size=9, unique=True))
    labels = data.draw(st.lists(st.fractions(-5, 5), min_size=len(points), max_size=len(points)))
    found = learn(points, labels)
    assert [found(p) for p in points] == labels
    assert found.depth <= max(len(points) - 1, 0)
    # The ranks layer by layer are those of all monomials, by another way.
    for t, units in enumerate(found.ranks):
        assert units == min(len(points), monomial_rank(points, t))
    # The network is a polynomial of that degree, as SymPy expands it.
    x = sp.symbols(f"x1:{d + 1}")
    units_at: list[sp.Expr] = []
    for parents in found.parents:
        value = sp.Integer(1)
        if len(parents) == 1:
            value = x[parents[0]]
        elif parents:
            value = units_at[parents[0]] * x[parents[1]]
        units_at.append(value)
    whole = sum(
        sp.Rational(c.numerator, c.denominator) * u
        for c, u in zip(found.coefficients, units_at, strict=True)
    )
    at = tuple(range(2, 2 + d))
    exact = sp.sympify(whole).subs(dict(zip(x, at, strict=True)))
    assert exact == sp.Rational(*found(at).as_integer_ratio())


def test_points_on_a_line_take_every_layer() -> None:
    for m in (2, 5, 8):
        found = learn([(i, 3 * i - 1) for i in range(m)], [0] * (m - 1) + [1])
        assert found.depth == m - 1
        assert found.width == 1


def test_refusals() -> None:
    with pytest.raises(bp.BackproofError, match="distinct"):
        learn([(1, 2), (1, 2)], [0, 1])
    with pytest.raises(bp.BackproofError, match="labels"):
        learn([(1, 2)], [0, 1])
    with pytest.raises(bp.BackproofError, match="odd"):
        sigmoid.bound(4, 1)
    with pytest.raises(bp.BackproofError, match="radius"):
        approximate(1, 2, weights=6)


# Sigmoids as polynomials ---------------------------------------------------------------------


def test_the_strip_at_complex_points() -> None:
    """|tanh(z/2)| at complex numbers in mpmath against the derived quotient and its bound."""
    form = sp.lambdify((sigmoid.C, sigmoid.y), sigmoid.strip(), "mpmath")
    for re, im in product((-3.0, 0.0, 0.4, 7.0), (0.0, 0.9, 1.6, 2.5, 3.0)):
        direct = abs(mpmath.tanh(mpmath.mpc(re, im) / 2)) ** 2
        assert abs(form(mpmath.cosh(re), im) - direct) < 1e-12 * (1 + direct)
        height = max(im, mpmath.pi / 2)
        assert direct <= mpmath.tan(height / 2) ** 2 * (1 + 1e-12)


@pytest.mark.parametrize("height", sigmoid.HEIGHTS[::5])
def test_the_coefficients_fall_as_the_ellipse_says(height: sp.Expr) -> None:
    """|a_k| ≤ tan(b/2) ρ^{−k} for Chebyshev's coefficients by mpmath's quadrature."""
    radius = 3
    rho = float(sigmoid.ellipse(sp.Integer(radius), height))
    assert rho > 1
    for k in (1, 3, 7):
        a = (
            2
            / mpmath.pi
            * mpmath.quad(
                lambda t, k=k: mpmath.cos(k * t) / (1 + mpmath.exp(-radius * mpmath.cos(t))),
                [0, mpmath.pi / 2, mpmath.pi],
            )
        )
        assert abs(a) <= mpmath.tan(float(height) / 2) * rho**-k * (1 + 1e-9)


@pytest.mark.parametrize(("degree", "radius"), [(3, 1), (7, 2), (11, 4)])
def test_certified_errors(degree: int, radius: int) -> None:
    claim = certified(degree, radius)
    assert claim.upper <= sigmoid.bound(degree, radius)
    c = list(coefficients(degree, radius))
    grid = np.linspace(-radius, radius, 2001)
    sampled = np.abs(np.polyval([float(v) for v in c[::-1]], grid) - 1 / (1 + np.exp(-grid))).max()
    assert sampled <= claim.upper
    assert claim.lower >= 0.98 * sampled


def test_the_degree_is_the_least() -> None:
    for radius, error in ((1, 1e-3), (3, 1e-4)):
        found = sigmoid.degree(radius, error)
        assert sigmoid.bound(found, radius) <= error < sigmoid.bound(found - 2, radius)


def test_a_network_of_two_layers() -> None:
    found = approximate(5, 2, seed=4)
    assert found.claim.upper <= found.predicted
    x = next(iter(found.network.free_symbols))
    by_hand = [{"sigmoid": lambda t: 1 / (1 + np.exp(-t))}, "numpy"]
    f, p = (sp.lambdify(x, e, by_hand) for e in (found.network, found.polynomial))
    grid = np.linspace(-1, 1, 501)
    assert np.abs(f(grid) - p(grid)).max() <= found.claim.upper


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=12))
@settings(max_examples=30, deadline=None)
def test_squared_units_compute_any_polynomial(c: list[int]) -> None:
    net = squares.polynomial(c)
    for at in (Fraction(0), Fraction(1), Fraction(-3, 2)):
        value = net(sp.Rational(at.numerator, at.denominator))
        horner = Fraction(0)
        for v in reversed(c):
            horner = horner * at + v
        assert value == sp.Rational(horner.numerator, horner.denominator)
    assert net.depth == squares.layers_of_squares(len(c) - 1)
    assert net.width <= 2 * len(c)


# GECO ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_geco_stays_below_its_bound(seed: int, noise: float) -> None:
    x, y, matrix = planted(5, 80, noise, seed)
    fitted = geco(x, y, 20)
    # Against the planted matrix, and against the best of all matrices by least squares.
    pairs = np.einsum("ni,nj->nij", x, x).reshape(len(x), -1)
    best = np.linalg.lstsq(pairs, y, rcond=None)[0].reshape(5, 5)
    for rival in (matrix, (best + best.T) / 2):
        trace_norm = float(np.abs(np.linalg.eigvalsh(rival)).sum())
        excess = fitted.losses - loss(x, y, rival)
        limit = bound(float(excess[0]), fitted.beta, trace_norm, np.arange(21))
        assert np.all(excess <= limit * (1 + 1e-9) + 1e-12)
    assert np.all(np.diff(fitted.losses) <= 1e-12)
    prediction = np.mean((fitted(x) - y) ** 2) / 2
    assert abs(prediction - fitted.losses[-1]) < 1e-9


def test_the_curvature_bounds_every_direction() -> None:
    x = np.random.default_rng(0).normal(size=(60, 4))
    v = np.random.default_rng(1).normal(size=(4000, 4))
    v /= np.linalg.norm(v, axis=1, keepdims=True)
    fourth = ((x @ v.T) ** 4).mean(axis=0)
    assert fourth.max() <= curvature(x) <= np.mean(np.sum(x * x, axis=1) ** 2)


def test_the_recursion_stays_below_its_bound() -> None:
    """ε′ = ε − ε²/(2βτ²) iterated in 50 digits: the worst that the proof allows."""
    limit = sp.lambdify((greedy.EPS, greedy.BETA, greedy.TAU, greedy.STEPS), greedy.bound())
    with mpmath.workdps(50):
        for start, beta, tau in (("3", 2, 1), ("0.14", 5, 3), ("3.9", 2, 1)):
            first = excess = mpmath.mpf(start)
            for r in range(1, 60):
                excess = max(excess - excess**2 / (2 * beta * tau**2), mpmath.mpf(0))
                assert excess <= limit(first, beta, tau, r)


@pytest.mark.parametrize("name", ["livni-basis-learner", "livni-sigmoid", "livni-geco"])
def test_the_check_holds(name: str) -> None:
    evidence = bp.check(name)
    assert evidence.holds, str(evidence)
