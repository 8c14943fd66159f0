"""Scores, Stein's identity, moments and recovery, against derivatives, quadrature and the truth."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import backproof as bp
from backproof.numerics.algorithms import janzamin
from backproof.numerics.algorithms.planted import (
    Planted,
    T,
    compared,
    exact_moments,
    kappa,
    plant,
    recover,
    sampled_moments,
)
from backproof.numerics.algorithms.score_kernel import moment, normal_kernel, score_kernel
from backproof.numerics.algorithms.stein import deviations, quantile
from backproof.numerics.algorithms.tensor_power import decompose, rank_one_sum
from backproof.theory.algorithms.moments import B, gaussian_mean, network_derivative
from backproof.theory.algorithms.score import hermite, mixture, normal, score
from backproof.theory.algorithms.stein import concomitant, stein

RESULTS = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[2] / "cases" / "results.json").read_text("utf-8")
    )
}
X, Y = sp.symbols("x y", real=True)
HALF = sp.S.Half
DENSITIES = {
    "normal": normal((X, Y)),
    "shifted": normal((X, Y), [1, -2]),
    "mixture": mixture((HALF, HALF), [normal((X, Y)), normal((X, Y), [1, 2])]),
    "correlated": sp.exp(-(X**2) + X * Y - Y**2),
    "Student": (1 + X**2 + Y**2) ** sp.Rational(-5, 2),
    "logistic": sp.exp(-X - Y) / ((1 + sp.exp(-X)) * (1 + sp.exp(-Y))) ** 2,
    "quartic": sp.exp(-(X**4) - Y**4 - X * Y),
}


def test_the_record_of_scores() -> None:
    for name, text in RESULTS["score-S3"]["expected"].items():
        assert sp.expand(janzamin.score_three()[name] - sp.sympify(text)) == 0


def test_the_record_of_relu() -> None:
    for found, expected in zip(
        janzamin.relu_moments(), RESULTS["relu-hermite"]["expected"], strict=True
    ):
        assert abs(float(found) - expected) < 1e-12
    assert janzamin.relu_moments()[3] == 0


@pytest.mark.parametrize("name", DENSITIES)
@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_a_score_is_what_it_is_by_definition(name: str, order: int) -> None:
    """The recursion against (−1)^m ∂^m p / p, differentiated m times, at points in 30 digits."""
    p = DENSITIES[name]
    s = score(p, (X, Y), order)
    places = {X: sp.Rational(1, 3), Y: sp.Rational(-3, 7)}
    for index in product(range(2), repeat=order):
        direct = (-1) ** order * (sp.diff(p, *((X, Y)[i] for i in index)) if order else p) / p
        assert abs((s[index] - direct).subs(places).evalf(30)) < sp.Float("1e-25", 30)


@given(st.integers(0, 7))
def test_hermite(order: int) -> None:
    coefficients = np.polynomial.hermite_e.herme2poly([0] * order + [1])
    assert sp.Poly(hermite(order, X), X).all_coeffs()[::-1] == [int(c) for c in coefficients] or (
        order == 0 and hermite(0, X) == 1
    )


@given(st.integers(1, 5))
def test_the_concomitant_is_an_identity(order: int) -> None:
    g, p = sp.Function("G")(X), sp.Function("p")(X)
    left = g.diff(X, order) * p - (-1) ** order * g * p.diff(X, order)
    assert sp.expand(left - concomitant(g, p, X, order).diff(X)) == 0


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("coefficients", [(2,), (0, 3, -1), (1, 0, 0, 2), (3, -2, 0, 1, 1)])
def test_stein_for_polynomials(coefficients: tuple[int, ...], order: int) -> None:
    """Both sides against the moments 0, 1, 0, 3, 0, 15, … of a normal variable."""
    g = sp.sympify(sum(c * X**k for k, c in enumerate(coefficients)))
    found = stein(g, normal((X,)), X, order)
    moments = [0 if k % 2 else int(sp.factorial2(k - 1)) for k in range(12)]
    slope = sp.Poly(sp.diff(g, X, order), X)
    expected = sum(c * moments[k] for (k,), c in slope.terms())
    assert found.by_score == found.by_derivative == expected
    assert found.holds


def test_stein_fails_where_a_density_stops_short() -> None:
    for g in (1 + X, sp.exp(-X), 2 + X**2):
        found = stein(g, sp.exp(-X), X, 1, (0, sp.oo))
        assert not found.holds
        assert found.by_derivative - found.by_score == found.boundary == -g.subs(X, 0)


def test_sampled_from_a_mixture() -> None:
    """False alarms at 1e-6 (normal approximation); a displacement of 0.3 is seen."""
    for order in (1, 2, 3):
        right = np.abs(deviations(order, 1 << 15, seed=10 + order))
        assert right.max() < quantile(len(right))
    wrong = np.abs(deviations(2, 1 << 15, seed=3, shift=0.3))
    assert wrong.max() > quantile(len(wrong))


def test_network_derivatives() -> None:
    w = sp.symbols("w1:4")
    for index, entry in network_derivative(3, 3).items():
        assert entry == sp.Mul(*(w[i] for i in index))


ACTIVATIONS = {"tanh": sp.tanh(T), "sigmoid": 1 / (1 + sp.exp(-T)), "erf": sp.erf(T), "cube": T**3}


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("order", [1, 2, 3])
def test_moments_of_units_by_quadrature(name: str, order: int) -> None:
    """κ_m(b) = E[σ(Z + b) He_m(Z)]: the other side of Stein's identity, in mpmath."""
    sigma = sp.lambdify(T, ACTIVATIONS[name], "mpmath")
    he = sp.lambdify(X, hermite(order, X), "mpmath")
    for b in (-0.7, 0.0, 1.3):
        direct = mpmath.quad(
            lambda z, b=b: sigma(z + b) * he(z) * mpmath.npdf(z), [-12, -4, 0, 4, 12]
        )
        assert abs(kappa(ACTIVATIONS[name], order)(b) - direct) < 1e-9


@pytest.mark.parametrize("order", [0, 1, 2, 3, 4])
def test_moments_of_relu_with_a_bias(order: int) -> None:
    form = gaussian_mean(janzamin.relu, order, B)
    he = sp.lambdify(X, hermite(order, X), "mpmath")
    for b in (-1.1, 0.4):
        direct = mpmath.quad(lambda z, b=b: (z + b) * he(z) * mpmath.npdf(z), [-b, -b + 3, -b + 14])
        assert abs(float(form.subs(B, b)) - direct) < 1e-12


def test_the_ratio_that_gives_the_bias_falls() -> None:
    for name in ("tanh", "sigmoid", "erf"):
        one, two = (kappa(ACTIVATIONS[name], m) for m in (1, 2))
        ratios = [two(b) / one(b) for b in np.linspace(-4, 4, 81)]
        assert np.all(np.diff(ratios) < 0)


def test_a_symmetric_moment() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(500, 3)), rng.normal(size=500)
    found = moment(normal_kernel(3, 3), x, y)
    eye = np.eye(3)
    direct = np.einsum("n,na,nb,nc->abc", y, x, x, x)
    for a, b, c in ("abc", "bca", "cab"):
        direct -= np.einsum(f"n,n{a},{b}{c}->abc", y, x, eye)
    assert np.allclose(found.tensor, direct / 500, atol=1e-12)
    with pytest.raises(bp.BackproofError, match="shape"):
        moment(normal_kernel(3, 3), x, y[:3])


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 6), st.data())
def test_a_tensor_is_taken_apart(d: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(1, d))
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    basis = np.linalg.qr(rng.normal(size=(d, d)))[0][:k]
    vectors = basis + 0.3 * rng.normal(size=(k, d)) / np.sqrt(d)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    weights = rng.choice([-1, 1], k) * rng.uniform(0.5, 2, k)
    found = decompose(rank_one_sum(weights, vectors), k)
    assert found.residual < 1e-9
    cosines = np.abs(found.vectors @ vectors.T)
    assert np.allclose(np.sort(cosines.max(axis=1)), 1, atol=1e-9)
    assert len(set(cosines.argmax(axis=1))) == k


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4), st.sampled_from(["tanh", "sigmoid", "erf"]))
def test_exact_moments_give_the_network(seed: int, k: int, name: str) -> None:
    net = plant(5, k, seed, ACTIVATIONS[name])
    if np.linalg.svd(net.vectors)[1][-1] < 0.1:
        return  # nearly dependent directions: the theorem does not speak of them
    found = compared(recover(exact_moments(net), k, net.activation), net)
    assert max(found.vectors, found.biases, found.amplitudes) < 1e-6


def test_a_planted_network_from_samples() -> None:
    """End to end: 2¹⁸ points; the predictions are compared, not the parameters alone."""
    net = plant(4, 2, 1)
    found = recover(sampled_moments(net, 1 << 18, seed=2), 2, net.activation)
    errors = compared(found, net)
    assert errors.vectors < 0.1
    assert errors.biases < 0.1
    x = np.random.default_rng(9).normal(size=(4000, 4))
    gap = found(x) - net(x)
    assert np.std(gap) < 0.05 * np.std(net(x))


@pytest.mark.sweep
def test_the_error_falls_as_the_root_of_the_number_of_points() -> None:
    sizes = [1 << e for e in (14, 16, 18, 20)]
    medians = [np.median([janzamin.sampled_error(n, s) for s in range(6)]) for n in sizes]
    slope = np.polyfit(np.log(sizes), np.log(medians), 1)[0]
    assert -0.65 < slope < -0.35


def test_relu_needs_the_fourth_moment() -> None:
    assert janzamin.relu_refused()
    assert janzamin.relu_by_fourth(3) < 1e-10


def test_a_mixture_of_inputs() -> None:
    """E[y S₃] is a sum of cubes for inputs that are not normal, by the derived score of theirs."""
    x = sp.symbols("x1:3", real=True)
    density = mixture((HALF, HALF), [normal(x), normal(x, [1, -1])])
    rng = np.random.default_rng(0)
    points = rng.normal(size=(1 << 17, 2)) + rng.integers(0, 2, (1 << 17, 1)) * np.array([1, -1])
    net = Planted(np.array([[0.6, 0.8]]), np.array([0.2]), np.array([1.5]))
    found = moment(score_kernel(score(density, x, 3)), points, net(points))
    third = sp.lambdify(T, sp.diff(sp.tanh(T), T, 3))(points @ net.vectors[0] + 0.2)
    expected = rank_one_sum(np.array([1.5 * third.mean()]), net.vectors)
    slack = 1.5 * third.std() / np.sqrt(len(points))
    limit = quantile(8)
    assert np.all(np.abs(found.tensor - expected) < limit * (found.error + slack))
    assert np.abs(expected).max() > 5 * found.error.max()  # the power: zero would be seen


def test_refusals() -> None:
    with pytest.raises(bp.BackproofError, match="joint"):
        score(normal((X,)), (X, Y), 1)
    with pytest.raises(bp.BackproofError, match="natural number"):
        score(normal((X,)), (X,), -1)
    with pytest.raises(bp.BackproofError, match="sum one"):
        mixture((HALF, sp.Rational(1, 3)), [normal((X,)), normal((X,))])
    with pytest.raises(bp.BackproofError, match="definite"):
        decompose(np.zeros((3, 3, 3)), 2)
    with pytest.raises(bp.BackproofError, match="k ≤ d"):
        decompose(np.zeros((3, 3, 3)), 4)


@pytest.mark.parametrize("name", ["stein", "janzamin"])
def test_the_check_holds(name: str) -> None:
    evidence = bp.check(name)
    assert evidence.holds, str(evidence)
