"""Every witness errs by no more than was predicted, and the records of the literature hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

import backproof as bp
from backproof.numerics.universality import greedy, jackson
from backproof.numerics.universality.target import TARGETS, Target, X
from backproof.numerics.universality.witnesses import OF_A_TARGET
from backproof.numerics.universality.witnesses.monomials import monomial
from backproof.numerics.universality.witnesses.monotone_steps import monotone_steps
from backproof.numerics.universality.witnesses.ridge import ridge
from backproof.numerics.universality.witnesses.witness import Witness
from backproof.numerics.universality.witnesses.yarotsky import yarotsky
from backproof.theory.universality import barron, slopes, smoothing, triangle
from backproof.theory.universality import jackson as densities

RESULTS = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[2] / "cases" / "results.json").read_text("utf-8")
    )
}


@pytest.mark.parametrize("target", TARGETS, ids=lambda t: t.name)
@pytest.mark.parametrize("build", OF_A_TARGET, ids=lambda b: b.__name__)
def test_the_error_is_within_the_bound(
    build: Callable[[Target, int], Witness], target: Target, tally: Callable[[str, int], None]
) -> None:
    for size in (3, 8):
        witness = build(target, size)
        assert witness.verdict in ("within", "attained"), (witness.predicted, witness.claim)
        assert witness.ratio <= 1.01
    tally("witnesses whose certified error is within the predicted bound", 2)


def test_monotone_steps() -> None:
    names = {"x²", "e⁻ˣ", "log(1 + 3x)", "tanh(8x − 4)", "√x"}
    for target in (t for t in TARGETS if t.name in names):
        witness = monotone_steps(target, 10)
        assert witness.verdict != "exceeded"
        assert witness.ratio <= 1 + 1e-4
        assert witness.claim.lower >= 0.999 * witness.predicted  # osc/2N is attained
    with pytest.raises(bp.BackproofError, match="monotone"):
        monotone_steps(TARGETS[0], 4)


@pytest.mark.parametrize("degree", [1, 2, 3, 4])
def test_monomials(degree: int) -> None:
    coarse, fine = monomial(degree, 2.0**-3), monomial(degree, 2.0**-4)
    assert coarse.verdict == fine.verdict == "within"
    assert fine.claim.upper < 0.3 * coarse.claim.upper  # of the second order in h


@pytest.mark.parametrize("pieces", [2, 5])
def test_ridge_functions_of_the_plane(pieces: int) -> None:
    witness = ridge(pieces)
    assert witness.verdict != "exceeded"
    assert witness.ratio <= 1.01


def test_a_bound_that_is_too_small_is_refuted() -> None:
    witness = yarotsky(3)
    wrong = Witness("", witness.network, witness.target, 0, witness.predicted * 0.999, "")
    assert witness.verdict != "exceeded"
    assert wrong.verdict == "exceeded"


# Records -----------------------------------------------------------------------------------


def expected(name: str) -> Any:
    """What a record of the file says."""
    return RESULTS[name]["expected"]


def test_teeth_of_the_triangle_map() -> None:
    k = RESULTS["tel-pieces"]["inputs"]["k"]
    assert [triangle.affine_pieces(n) for n in k] == expected("tel-pieces")["pieces"]
    assert [triangle.teeth(n) for n in k] == expected("tel-pieces")["teeth"]


def test_classification_error_of_shallow_networks() -> None:
    inputs = RESULTS["tel-bound"]["inputs"]["(k,l,m)"]
    found = [str(triangle.classification_bound(*case)) for case in inputs]
    assert found == expected("tel-bound")


def test_distance_of_the_triangle_map_from_a_half() -> None:
    assert {triangle.distance_from_half(k) for k in range(1, 9)} == {Fraction(expected("tel-L1"))}
    x = sp.Symbol("x", real=True)
    once = sp.Abs(1 - sp.Abs(2 * x - 1) - sp.S.Half)
    assert sp.integrate(once.rewrite(sp.Piecewise), (x, 0, 1)) == sp.Rational(1, 4)


def test_the_square_by_yarotsky() -> None:
    levels = RESULTS["yar-x2"]["inputs"]["m"]
    assert [str(triangle.square_error(m)) for m in levels] == expected("yar-x2")
    for m in levels:
        witness = yarotsky(m)
        assert witness.ratio <= 1 + 1e-8
        assert witness.claim.lower >= float(triangle.square_error(m)) * (1 - 1e-9)


def test_the_square_by_chords_and_stairs() -> None:
    n = RESULTS["x2-sup-pieces"]["inputs"]["n"]
    assert [str(triangle.best_error(k)) for k in n] == expected("x2-sup-pieces")["best"]
    assert [str(triangle.chord_error(k)) for k in n] == expected("x2-sup-pieces")["interp"]
    steps = RESULTS["stair-uniform"]["inputs"]["N"]
    assert [str(triangle.stairs_error(k)) for k in steps] == expected("stair-uniform")


def test_derivatives_of_the_logistic_function() -> None:
    for k, value in zip(RESULTS["sig-derivs"]["inputs"]["k"], expected("sig-derivs"), strict=True):
        assert abs(float(sp.N(slopes.supremum(k), 20)) - value) < 1e-12
        t = sp.Symbol("t", real=True)
        from backproof.theory.scalars import sigmoid

        claim = bp.certify(sp.diff(sigmoid(t), t, k), 0, (-30, 30), rtol=1e-6)
        assert claim.lower <= value * (1 + 1e-12)
        assert value <= claim.upper


def test_constants_of_the_logistic_density() -> None:
    record = expected("phi-const")
    phi0, phi1 = (float(densities.density(sp.Integer(k)).evalf(20)) for k in (0, 1))
    assert abs(phi0 - record["phi0"]) < 1e-12
    assert abs(phi0 - float((sp.E - 1) / (2 * (sp.E + 1)))) < 1e-15
    assert abs(phi1 - record["phi1"]) < 1e-12
    assert abs(1 / phi1 - record["inv_phi1"]) < 1e-11
    assert abs(float((sp.E**2 - 1) / 2) - record["(e^2-1)/2"]) < 1e-12
    # What is printed follows from 7.3984 in place of e², with φ(1) = (e² − 1)/(4(e² + 1)).
    printed = 7.3984
    assert float((sp.E**2 - 1) / (4 * (sp.E**2 + 1))) == pytest.approx(phi1, abs=1e-15)
    assert round(4 * (printed + 1) / (printed - 1), 4) == 5.2503
    assert round((printed - 1) / 2, 4) == 3.1992


def test_the_least_sum_of_densities() -> None:
    for n, value in zip(
        RESULTS["phi-den-inf"]["inputs"]["n"], expected("phi-den-inf"), strict=True
    ):
        claim = jackson.least_weight(n)
        assert 1 - claim.upper <= value + 1e-9
        assert value - 1e-9 <= 1 - claim.lower


def test_the_jackson_constant() -> None:
    found = jackson.mean_distance()
    assert found.bound <= 1.4876
    sigma = lambda z: 1 / (1 + mpmath.exp(-z))  # noqa: E731
    phi = lambda z: (sigma(z + 1) - sigma(z - 1)) / 2  # noqa: E731
    random = np.random.default_rng(1)
    for n in (1, 2, 3, 5, 20):
        for u in [0, n / 2, *random.uniform(0, n, 20)]:
            weights = [phi(u - k) for k in range(n + 1)]
            mean = mpmath.fdot(weights, [abs(u - k) for k in range(n + 1)]) / mpmath.fsum(weights)
            assert mean <= found.bound
    assert found.bound >= 1.48759  # sharp: the mean at an integer, over all integers
    at_zero = 2 * mpmath.fsum(k * phi(k) for k in range(1, 60))
    at_half = 2 * mpmath.fsum((k + 0.5) * phi(k + 0.5) for k in range(60))
    assert max(at_zero, at_half) >= 1.48759


def test_the_constant_of_barron() -> None:
    for d, value in zip(
        RESULTS["barron-gauss"]["inputs"]["d"], expected("barron-gauss"), strict=True
    ):
        assert abs(float(barron.gaussian(d)) - value) < 1e-12
    x, y = sp.symbols("x y", real=True)
    wave = barron.sinusoid(sp.sin(2 * sp.pi * x), (x,))
    assert abs(float(wave) - expected("barron-sine")) < 1e-12
    both = barron.sinusoid(3 * sp.cos(2 * x) + 4 * sp.sin(2 * x) + sp.sin(x - y), (x, y))
    assert both == 10 + sp.sqrt(2)
    with pytest.raises(bp.BackproofError, match="Barron"):
        barron.sinusoid(x * sp.sin(x), (x,))


def test_barrons_constant_of_a_power_bounds_a_series() -> None:
    """Σ|jω||c_j| of the periodic extension by quadrature stays below the derived bound."""
    omega = mpmath.pi / 2
    for k in (2, 4):
        total = 2 * mpmath.fsum(abs(_slope_coefficient(k, j, omega)) for j in range(1, 40))
        assert total <= float(barron.monomial(k))


def _slope_coefficient(k: int, j: int, omega: mpmath.mpf) -> mpmath.mpc:
    """The j-th Fourier coefficient of the derivative of x^k, reflected to the period 4."""

    def slope(t: mpmath.mpf) -> mpmath.mpf:
        return k * (t if t <= 1 else 2 - t) ** (k - 1)

    return mpmath.quad(lambda t: slope(t) * mpmath.expj(-j * omega * t), [-1, 1, 3]) / 4


def test_smoothing_record() -> None:
    inputs = RESULTS["gauss-smooth"]["inputs"]
    bound = smoothing.bound(inputs["L"], sp.Rational(str(inputs["h"])))
    assert abs(float(bound) - expected("gauss-smooth")) < 1e-12


# Greedy algorithms -------------------------------------------------------------------------


@pytest.mark.parametrize("target", TARGETS, ids=lambda t: t.name)
def test_every_greedy_iterate_meets_its_bound(target: Target) -> None:
    values = target(np.arange(120) / 120)
    dictionary, f, total = greedy.step_dictionary(values)
    assert np.allclose(np.diff(values) @ dictionary, f)
    for run in (greedy.relaxed, greedy.orthogonal):
        found = run(dictionary, f, total, 25)
        assert found.holds
        assert len(found.errors) >= 25
    assert not greedy.orthogonal(dictionary, f, total * 0.01, 25).holds


def test_targets_are_what_they_say() -> None:
    random = np.random.default_rng(2)
    for target in TARGETS:
        a, b = random.uniform(0, 1, (2, 2000))
        rise = np.abs(target(a) - target(b))
        assert np.all(
            rise <= target.holder * np.abs(a - b) ** float(target.exponent) * (1 + 1e-9) + 1e-15
        )
        exact = float(target.expression.subs(X, sp.Rational(2, 7)))
        assert abs(float(target(np.array(2 / 7))) - exact) < 1e-14
