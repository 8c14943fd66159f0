"""Every unit of an energy keeps every law; and a unit that a user states in ten lines does too."""

from collections.abc import Callable, Iterator

import mpmath
import numpy as np
import pytest
import sympy as sp

from backproof.numerics import tails
from backproof.numerics.unit_code import unit_code
from backproof.theory.energy import local
from backproof.theory.energy.scalars import FUNCTIONS
from backproof.theory.energy.units import UNITS, Unit, binary, exponential, rectified
from backproof.theory.energy.units.unit import y, z
from backproof.theory.errors import BackproofError
from backproof.theory.scalars import Elementwise, defined
from laws.energy_units import (
    LAWS,
    conditional_from_the_ratio,
    is_normalised,
    mean_is_the_derivative,
)

SCALAR = [unit for unit in UNITS if not unit.labels]
Q = sp.Symbol("q", positive=True)
TERNARY = Unit(
    name="ternary",
    support=sp.FiniteSet(-1, 0, 1),
    energy=Q * y**2 / 2 - z * y,
    parameters=(Q,),
    reference="Blume, Physical Review 141 (1966)",
)


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    with mpmath.workdps(30):
        yield


@pytest.mark.parametrize("unit", SCALAR, ids=lambda u: u.name)
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_law(law: Callable[[Unit], None], unit: Unit) -> None:
    law(unit)


@pytest.mark.parametrize("law", [is_normalised, mean_is_the_derivative, conditional_from_the_ratio])
def test_a_users_unit_keeps_the_laws(law: Callable[[Unit], None]) -> None:
    law(TERNARY)


def test_a_wrong_normaliser_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = unit_code(rectified)
    wrong = lambda z, q: right.log_normaliser(z, q) + 1e-9  # noqa: E731
    monkeypatch.setattr(
        "laws.energy_units.unit_code",
        lambda unit: type(right)(wrong, *list(vars(right).values())[1:]),
    )
    with pytest.raises(AssertionError, match="rectified"):
        is_normalised(rectified)


def test_what_is_derived() -> None:
    q = rectified.parameters[0]
    assert local.conditions(exponential) == (-z,)
    assert local.conditions(rectified) == (q,)
    assert str(local.log_normaliser(binary)) == "softplus(z)"
    assert [step.rule for step in local.steps(binary)] == [
        "statement",
        "log-normaliser",
        "mean",
        "variance",
    ]


def test_an_energy_that_is_not_linear_in_the_field_is_refused() -> None:
    with pytest.raises(BackproofError, match="linear in the field"):
        Unit("square", sp.Reals, (y - z) ** 2 / 2 + z**2 * y, "")
    with pytest.raises(BackproofError, match="degree 4"):
        local.normaliser(Unit("quartic", sp.Reals, y**4 - z * y, ""))


# The scalar functions ----------------------------------------------------------------------

ONE = [f for f in FUNCTIONS if f.__name__ not in ("tail_quantile", "tilt_quantile")]
POINTS = (-700.0, -41.3, -6.2, -0.51, -0.49, -1e-8, 1e-8, 0.3, 0.6, 2.9, 3.1, 12.0, 700.0)


@pytest.mark.parametrize("function", ONE, ids=lambda f: f.__name__)
def test_scalar_functions_are_accurate_in_both_tails(function: type[Elementwise]) -> None:
    x = sp.Symbol("x")
    exact = sp.lambdify(x, function.definition(x), "mpmath")
    stable = getattr(tails, function.__name__)
    for point in POINTS:
        with mpmath.workdps(700):
            expected = exact(mpmath.mpf(point))
        error = abs(mpmath.mpf(float(stable(point))) - expected)
        assert error <= 1e-13 * abs(expected), (point, stable(point), mpmath.nstr(expected, 20))
        single = stable(np.float32(point))
        assert single.dtype == np.float32
        with mpmath.workdps(700):
            rounded = exact(mpmath.mpf(float(np.float32(point))))
        assert abs(mpmath.mpf(float(single)) - rounded) <= 3e-5 * abs(rounded)


@pytest.mark.parametrize("function", ONE, ids=lambda f: f.__name__)
def test_scalar_functions_state_their_derivatives(function: type[Elementwise]) -> None:
    x = sp.Symbol("x", real=True)
    stated = sp.lambdify(x, defined(function(x).diff(x)), "mpmath")
    for point in ("-1.3", "0.7", "2.9"):
        with mpmath.workdps(40):
            slope = mpmath.diff(sp.lambdify(x, function.definition(x), "mpmath"), mpmath.mpf(point))
            assert abs(stated(mpmath.mpf(point)) - slope) < 1e-15 * (1 + abs(slope))


@pytest.mark.parametrize("x", [-700.0, -5.0, -0.3, 1e-7, 2.0, 3.5, 80.0, 700.0])
def test_quantiles_hold_their_share(x: float) -> None:
    for w in (1e-9, 0.01, 0.5, 0.99):
        with mpmath.workdps(700):
            t = mpmath.mpf(float(tails.tail_quantile(x, w)))
            share = mpmath.erfc(x + t) / mpmath.erfc(mpmath.mpf(x))
            density = 2 * mpmath.exp(-((x + t) ** 2)) / mpmath.sqrt(mpmath.pi) / mpmath.erfc(x)
            assert abs(share - w) <= 1e-12 * w + 1e-15 * density * (abs(t) + abs(x))
            t = mpmath.mpf(float(tails.tilt_quantile(x, w)))
            share = (mpmath.exp(x) - mpmath.exp(x * t)) / mpmath.expm1(x)
            density = x * mpmath.exp(x * t) / mpmath.expm1(x)
            assert abs(share - w) <= 1e-12 * w + 4e-16 * density
