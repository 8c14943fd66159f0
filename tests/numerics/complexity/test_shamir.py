"""Periodic targets and parities: closed forms against quadrature, sampling and enumeration."""

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
from backproof.numerics.complexity import sphere
from backproof.numerics.complexity.parities import gradient_variance, tanh_unit, walsh
from backproof.numerics.complexity.periodic_training import energy, gradient, on_sphere, train
from backproof.theory.complexity import orthonormal, periodic

RESULTS = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[2] / "cases" / "results.json").read_text("utf-8")
    )
}


def test_the_record_of_cosines() -> None:
    case = RESULTS["shamir-noise"]
    for r, plain, sine in zip(
        case["inputs"]["r"], case["expected"]["cos"], case["expected"]["xsin"], strict=True
    ):
        assert abs(float(sphere.cosine(r)) / plain - 1) < 1e-12
        assert abs(float(sphere.sine(r)) / sine - 1) < 1e-12


def test_the_record_of_parities() -> None:
    for d, (variance, bound) in RESULTS["parity-gradvar"]["expected"].items():
        found = tanh_unit(np.random.default_rng(3).normal(size=int(d)))
        assert abs(found.enumerated / variance - 1) < 1e-9
        assert abs(found.bound / bound - 1) < 1e-9
        assert abs(found.sharp / variance - 1) < 1e-9


def by_trapezoids(function: object, d: int) -> mpmath.mpf:
    """E f(t) on the sphere in ℝ^d with t = cos θ, by the trapezoidal rule in θ."""
    assert callable(function)
    n = 400
    nodes = [mpmath.pi * k / n for k in range(1, n)]
    weights = [mpmath.sin(a) ** (d - 2) for a in nodes]
    total = mpmath.fsum(w * function(mpmath.cos(a)) for w, a in zip(weights, nodes, strict=True))
    return total / mpmath.fsum(weights)


@pytest.mark.parametrize("d", [4, 6, 10, 24])
def test_closed_forms_to_thirty_digits(d: int) -> None:
    """The trapezoidal rule is exact to rounding for even d: the integrand is periodic there."""
    with mpmath.workdps(60):
        k = mpmath.mpf(2 * d) / 3
        mean = by_trapezoids(lambda t: mpmath.exp(k * t), d)
        assert abs(sphere.mean(d, k) / mean - 1) < mpmath.mpf(10) ** -30

        def zonal(t: mpmath.mpf, degree: int) -> mpmath.mpf:
            top = mpmath.gegenbauer(degree, mpmath.mpf(d) / 2 - 1, t)
            return top / mpmath.gegenbauer(degree, mpmath.mpf(d) / 2 - 1, 1)

        for degree in (0, 2, 4):
            direct = by_trapezoids(
                lambda t, n=degree: mpmath.exp(-k) * mpmath.cosh(k * t) * zonal(t, n), d
            )
            found = sphere.eigenvalue(d, k, degree)
            assert abs(found / direct - 1) < mpmath.mpf(10) ** -30
        r, u = mpmath.mpf("0.2"), mpmath.mpf("0.3")
        damped = mpmath.exp(-2 * mpmath.pi**2 * (r * r + u * u))
        kernel = [
            by_trapezoids(
                lambda t, p=p: (damped * mpmath.cosh(4 * mpmath.pi**2 * r * u * t)) ** p, d
            )
            for p in (1, 2)
        ]
        found = sphere.variance(d, r, u)
        assert abs(found / (kernel[1] - kernel[0] ** 2) - 1) < mpmath.mpf(10) ** -30


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 60), st.floats(0.1, 60))
def test_the_largest_eigenvalue_is_of_degree_two(d: int, kappa: float) -> None:
    values = [sphere.eigenvalue(d, kappa, degree) for degree in (0, 2, 4)]
    assert values[0] > values[1] > values[2] > 0
    assert values[0] + sphere.multiplicity(d, 2) * values[1] <= mpmath.exp(-kappa) * mpmath.cosh(
        kappa
    )


def test_it_falls_exponentially() -> None:
    for ratio in (0.5, 1.0, 3.0):
        logs = [float(mpmath.log(sphere.eigenvalue(d, ratio * d))) for d in range(4, 60, 4)]
        slopes = np.diff(logs) / 4
        assert np.all(slopes < 0)
        assert abs(slopes[-1] / sphere.rate(ratio) - 1) < 0.02


def test_the_overlap_by_sampling() -> None:
    """False alarms below 1e-6 by the normal approximation; an error of 0.01 is seen."""
    rng = np.random.default_rng(0)
    u, w = on_sphere(rng, 2, 3, 0.25)
    x = rng.normal(size=(1 << 18, 3))
    terms = np.cos(2 * np.pi * x @ u) * np.cos(2 * np.pi * x @ w)
    form = sp.lambdify((periodic.R, periodic.U, periodic.T), periodic.overlap())
    value = form(0.25, 0.25, u @ w / 0.25**2)
    assert abs(terms.mean() - value) < 4.9 * terms.std() / np.sqrt(len(x)) < 0.01


def test_no_test_function_sees_more() -> None:
    """Variances of random test functions, spans of cosines, stay below λ₂; one comes near it."""
    d, ratio, rng = 3, 1.0, np.random.default_rng(5)
    r = float(np.sqrt(ratio * d) / (2 * np.pi))
    v, w = on_sphere(rng, 60, d, r), on_sphere(rng, 4000, d, r)
    damped = np.exp(-4 * np.pi**2 * r * r)
    gram = damped * np.cosh(4 * np.pi**2 * v @ v.T)
    seen = damped * np.cosh(4 * np.pi**2 * w @ v.T)
    values, vectors = np.linalg.eigh(gram)
    kept = values > 1e-9 * values[-1]
    whiten = vectors[:, kept] / np.sqrt(values[kept])
    top = float(np.linalg.eigvalsh(np.cov((seen @ whiten).T))[-1])
    bound = float(sphere.eigenvalue(d, ratio * d))
    assert 0.9 * bound < top < 1.1 * bound  # 4000 targets: the sample's own error


def test_the_gradient_is_that_of_sampled_losses() -> None:
    """The derived gradient of the exact loss against finite differences of a quadrature of it."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    x = np.array(list(product(nodes, repeat=2)))
    mass = np.array([a * b for a, b in product(weights, repeat=2)]) / (2 * np.pi)
    rng = np.random.default_rng(1)
    frequencies, a, w = 0.3 * rng.normal(size=(3, 2)), rng.normal(size=3), np.array([0.2, -0.1])

    def direct(amplitudes: np.ndarray, u: np.ndarray) -> float:
        gap = np.cos(2 * np.pi * x @ u.T) @ amplitudes - np.cos(2 * np.pi * x @ w)
        return float(mass @ gap**2 / 2)

    out = gradient()(U=frequencies, w=w, a=a)
    h = 1e-5
    for j in range(3):
        e = np.eye(3)[j] * h
        assert (
            abs((direct(a + e, frequencies) - direct(a - e, frequencies)) / 2 / h - out["a"][j])
            < 1e-7
        )
        for k in range(2):
            s = np.zeros((3, 2))
            s[j, k] = h
            slope = (direct(a, frequencies + s) - direct(a, frequencies - s)) / 2 / h
            assert abs(slope - out["U"][j, k]) < 1e-6


def test_the_energy_of_features_by_quadrature() -> None:
    run = train(2, steps=5)
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    x = np.array(list(product(nodes, repeat=2)))
    mass = np.array([a * b for a, b in product(weights, repeat=2)]) / (2 * np.pi)
    phase = 2 * np.pi * x @ run.frequencies.T
    in_a = mass @ np.cos(phase) ** 2
    slope = 2 * np.pi * run.weights * np.sin(phase)
    in_u = mass @ (slope**2 * (x**2).sum(1, keepdims=True))
    assert abs(energy(run) / float((in_a + in_u).sum()) - 1) < 1e-9


# Parities ------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 6), st.integers(1, 3), st.integers(0, 10**6))
def test_any_gradient_over_all_parities(d: int, k: int, seed: int) -> None:
    jacobian = np.random.default_rng(seed).normal(size=(2**d, k))
    found = gradient_variance(jacobian)
    assert found.enumerated <= found.bound * (1 + 1e-12)
    assert abs(found.enumerated - found.sharp) <= 1e-12 * found.bound
    x = np.array(orthonormal.corners(d))
    hats = np.array(
        [np.prod(x[:, list(s)], axis=1) @ jacobian / 2**d for s in orthonormal.parities(d)]
    )
    spread = np.mean(np.sum((hats - hats.mean(0)) ** 2, axis=1))
    assert abs(spread - found.enumerated) <= 1e-12 * found.bound
    assert np.allclose(sorted(np.abs(walsh(jacobian)).ravel()), sorted(np.abs(hats).ravel()))


@given(st.integers(1, 5), st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_the_bound_for_some_of_the_parities(d: int, seed: int) -> None:
    """Bessel's inequality needs no whole basis: any subset H of the parities will do."""
    rng = np.random.default_rng(seed)
    jacobian = rng.normal(size=(2**d, 2))
    x = np.array(orthonormal.corners(d))
    every = list(orthonormal.parities(d))
    chosen = [every[i] for i in rng.permutation(len(every))[: rng.integers(1, len(every) + 1)]]
    hats = np.array([np.prod(x[:, list(s)], axis=1) @ jacobian / 2**d for s in chosen])
    variance = np.mean(np.sum((hats - hats.mean(0)) ** 2, axis=1))
    energy_of = np.mean(np.sum(jacobian**2, axis=1))
    assert variance <= energy_of / len(chosen) * (1 + 1e-12)


def test_the_mean_parity_is_an_indicator() -> None:
    for d in (1, 2, 3):
        mean = orthonormal.mean_parity(d)
        x = sp.symbols(f"x1:{d + 1}")
        for at in orthonormal.corners(d):
            assert mean.subs(dict(zip(x, at, strict=True))) == (at == (1,) * d)


def test_refusals() -> None:
    with pytest.raises(bp.BackproofError, match="sphere"):
        sphere.mean(1, 1.0)
    with pytest.raises(bp.BackproofError, match="corner"):
        gradient_variance(np.zeros((3, 1)))


@pytest.mark.parametrize("name", ["shamir", "shamir-parities"])
def test_the_check_holds(name: str) -> None:
    evidence = bp.check(name)
    assert evidence.holds, str(evidence)
