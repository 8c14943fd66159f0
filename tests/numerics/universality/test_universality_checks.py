"""The checks of universality hold, and turn red where the mathematics is made wrong."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

import backproof as bp
from backproof.numerics.universality import (
    cybenko,
    hornik_continuous,
    hornik_lp,
    hornik_smooth,
    hornik_weighted,
    leshno_pinkus,
    line_measures,
)
from backproof.numerics.universality.witnesses import polynomials
from backproof.numerics.universality.witnesses.bernstein_network import coefficients
from backproof.theory.universality import divided_differences, fourier, polarisation, smoothing

# The package gives its name to the function of that module.
taylor = import_module("backproof.numerics.universality.witnesses.taylor")
NAMES = (
    "cybenko",
    "hornik-lp",
    "hornik-continuous",
    "hornik-smooth",
    "hornik-weighted",
    "leshno-pinkus",
)


@pytest.mark.parametrize("name", NAMES)
def test_the_check_of_universality_holds(name: str) -> None:
    found = bp.check(name)
    assert found.holds, str(found)
    assert len(found.rows) >= 10
    assert {"certified"} <= {row.level.split()[0] for row in found.rows}
    assert found.curves


def smaller(f: Callable[..., Any], by: float) -> Callable[..., Any]:
    """The same function, too small."""
    return lambda *given, **named: f(*given, **named) * by


MUTANTS = (
    ("a remainder of a steep unit left out", line_measures, "_rest", lambda m, s, k: 0, "cybenko"),
    ("jumps cost half", hornik_lp, "jump_bound", smaller(hornik_lp.jump_bound, 0.4), "hornik-lp"),
    ("a Gaussian of half the spread", smoothing, "bound", smaller(smoothing.bound, 0.5),
     "hornik-continuous"),
    ("variance of a spline halved", divided_differences, "variance",
     smaller(divided_differences.variance, sp.S.Half), "hornik-smooth"),
    ("Taylor's remainder dropped", taylor, "factorial", lambda n: 10**9, "hornik-smooth"),
    ("the tails left out", hornik_weighted, "UNITS", (4, 6, 8), "hornik-weighted"),
    ("a weight of the functional wrong", leshno_pinkus, "WEIGHTS",
     (sp.Rational(1, 6), -sp.Rational(1, 3), sp.Rational(1, 3), sp.Rational(1, 6)),
     "leshno-pinkus"),
)  # fmt: skip


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: m[0])
def test_wrong_mathematics_turns_a_check_red(
    mutant: tuple[str, Any, str, Any, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, module, name, wrong, theorem = mutant
    monkeypatch.setattr(module, name, wrong)
    monkeypatch.setattr(cybenko, "TARGETS", cybenko.TARGETS[:1])
    monkeypatch.setattr(leshno_pinkus, "TARGETS", leshno_pinkus.TARGETS[:1])
    monkeypatch.setattr(hornik_continuous, "UNITS", {"tanh": 10.0})
    monkeypatch.setattr(hornik_smooth, "SMOOTH", hornik_smooth.SMOOTH[:1])
    monkeypatch.setattr(hornik_weighted, "TARGETS", hornik_weighted.TARGETS[:1])
    assert not bp.check(theorem).holds


# What the checks rest on ------------------------------------------------------------------------


def difference_quotient(k: int, h: float, order: int, x: float) -> mpmath.mpf:
    """The m-th derivative of the quotient, in fifty digits, from its definition."""
    with mpmath.workdps(50):
        sigma = lambda z: 1 / (1 + mpmath.exp(-z))  # noqa: E731
        step = mpmath.mpf(h)
        top = lambda t: mpmath.fsum(  # noqa: E731
            (-1) ** (k - j) * mpmath.binomial(k, j) * sigma((j - mpmath.mpf(k) / 2) * step * t + 1)
            for j in range(k + 1)
        )
        slope = mpmath.diff(sigma, 1, k)
        return mpmath.diff(top, mpmath.mpf(x), order) / (step**k * slope)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
@pytest.mark.parametrize("order", [0, 1, 2])
def test_the_deviation_of_a_power(k: int, order: int) -> None:
    """The derived bound holds at points, and is no more than some six times too large."""
    h = 0.125
    bound = float(divided_differences.deviation(k, sp.Rational(1, 8), sp.Integer(1), order, 2))
    worst = 0.0
    for x in np.linspace(-2, 2, 17):
        exact = mpmath.ff(k, order) * mpmath.mpf(x) ** (k - order) if order <= k else 0
        worst = max(worst, abs(float(difference_quotient(k, h, order, x) - exact)))
    assert worst <= bound
    assert worst >= bound / 8


def test_polarisation_is_an_identity() -> None:
    random = np.random.default_rng(5)
    for exponents in ((3,), (1, 2), (1, 1, 1), (2, 1, 2)):
        point = [int(v) for v in random.integers(-9, 10, len(exponents))]
        total = sum(
            r.coefficient * sum(a * x for a, x in zip(r.direction, point, strict=True)) ** r.degree
            for r in polarisation.ridges(exponents)
        )
        assert total == np.prod([x**k for x, k in zip(point, exponents, strict=True)])
    (one,) = polarisation.ridges((0, 0))
    assert (one.coefficient, one.degree) == (1, 0)


def test_a_bernstein_polynomial_in_powers() -> None:
    from fractions import Fraction

    from scipy.interpolate import BPoly

    values = [Fraction(3), Fraction(-1), Fraction(2), Fraction(5), Fraction(1, 2)]
    powers = coefficients(values)
    other = BPoly(np.array(values, float)[:, None], [0, 1])
    for x in (0.0, 0.3, 0.9):
        assert (
            abs(float(sum(a * Fraction(x) ** k for k, a in enumerate(powers))) - other(x)) < 1e-12
        )


def test_steps_of_powers_balance_rounding() -> None:
    """The certified error of each power is within its bound at the step that is used."""
    for k in polynomials.STEPS:
        witness = polynomials.polynomial([0] * k + [1])
        assert witness.verdict == "within"


def test_the_transform_never_vanishes() -> None:
    for xi in (0.1, 1, 7):
        assert fourier.transform(sp.Rational(str(xi))) > 0
