"""Every unit keeps the laws of a distribution; its loss is the one that SciPy has."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import mpmath
import pytest
import sympy as sp
from scipy import stats

from backproof.theory.calculus.derivation import derive
from backproof.theory.evaluation.exact import evaluate
from backproof.theory.likelihood import in_words
from backproof.theory.networks import mlp
from backproof.theory.units import (
    UNITS,
    Unit,
    bernoulli,
    gaussian,
    heteroscedastic,
    laplace,
    poisson,
)
from laws.units import (
    CLOSE,
    DIGITS,
    SCIPY,
    is_exponential_family,
    loss_is_that_of_scipy,
    mean_is_the_first_moment,
    mean_is_the_slope_of_the_log_partition,
    probabilities_add_up,
    residual_carries_the_energy,
)

SCALAR = [u for u in UNITS if not u.labels]
Law = Callable[[Unit], None]


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    with mpmath.workdps(DIGITS):
        yield


def name(thing: object) -> str:
    return getattr(thing, "name", getattr(thing, "__name__", ""))


@pytest.mark.parametrize("unit", SCALAR, ids=name)
@pytest.mark.parametrize(
    "law", [probabilities_add_up, mean_is_the_first_moment, loss_is_that_of_scipy], ids=name
)
def test_law(law: Law, unit: Unit) -> None:
    law(unit)


@pytest.mark.parametrize("unit", [u for u in SCALAR if is_exponential_family(u)], ids=name)
def test_exponential_families(unit: Unit) -> None:
    mean_is_the_slope_of_the_log_partition(unit)


def test_which_units_are_exponential_families_in_z() -> None:
    assert [u.name for u in SCALAR if is_exponential_family(u)] == ["bernoulli", "poisson"]


@pytest.mark.parametrize("unit", [u for u in UNITS if u.residual], ids=name)
def test_residuals(unit: Unit) -> None:
    residual_carries_the_energy(unit)


def test_scipy_knows_every_unit() -> None:
    assert set(SCIPY) == {u.name for u in SCALAR}


def test_closed_forms() -> None:
    z, s = heteroscedastic.fields
    assert poisson.log_partition() == sp.exp(z)
    assert laplace.log_partition() == sp.log(2)
    assert heteroscedastic.log_partition() == s / 2 + sp.log(2) / 2 + sp.log(sp.pi) / 2


def test_the_loss_in_words() -> None:
    (said,) = in_words(gaussian)
    assert "mean squared error" in said
    assert "constant" in said
    assert in_words(bernoulli) == ()


def test_the_categorical_unit() -> None:
    """Σ_k P(k) = 1, −log P(k) as SciPy has it, and ∂ log Z/∂z_k = P(k), the mean of label k."""
    model = mlp([3, 3], likelihood="categorical")
    z = [mpmath.mpf("-0.75"), mpmath.mpf("1.5"), mpmath.mpf("0.25")]
    ones = [[mpmath.mpf(int(i == j)) for j in range(3)] for i in range(3)]
    inputs = {"x": [z], "W1": ones, "b1": [mpmath.mpf(0)] * 3}
    shares = []
    for label in range(3):
        loss = evaluate(model, {**inputs, "y": [label]}, {"N": 1})["nll"][0]
        shares.append(mpmath.exp(-loss))
    assert abs(mpmath.fsum(shares) - 1) < CLOSE
    p = [float(s) for s in shares]
    for label in range(3):
        known = stats.multinomial.logpmf([int(k == label) for k in range(3)], 1, p)
        assert abs(float(mpmath.log(shares[label])) - known) < 1e-12
    slopes = derive(model.up_to("L"), wrt="z1")
    given = {name: value for name, value in inputs.items() if name in slopes.arguments}
    found = evaluate(slopes, given, {"N": 1})[slopes.results["z1"].name][0][0]
    assert max(abs(a - b) for a, b in zip(found, shares, strict=True)) < CLOSE


# Wrong units are refuted -------------------------------------------------------------------

WRONG: tuple[tuple[Unit, Law], ...] = (
    (replace(gaussian, energy=lambda y, z: (y - z) ** 2), loss_is_that_of_scipy),
    (replace(laplace, energy=lambda y, z: abs(y - z) / 2), loss_is_that_of_scipy),
    (replace(poisson, energy=lambda y, z: sp.loggamma(y + 2) - y * z), loss_is_that_of_scipy),
    (replace(bernoulli, energy=lambda y, z: y * z), loss_is_that_of_scipy),
    (
        replace(
            heteroscedastic, energy=lambda y, z, s: (y - z) ** 2 * sp.exp(-2 * s) / 2, residual=None
        ),
        loss_is_that_of_scipy,
    ),
)


@pytest.mark.parametrize(("unit", "law"), WRONG, ids=lambda x: name(x))
def test_a_wrong_unit_is_found(unit: Unit, law: Law) -> None:
    with pytest.raises(AssertionError):
        law(unit)


def test_a_wrong_partition_is_found() -> None:
    class Halved(Unit):
        def log_partition(self) -> sp.Expr:
            return super().log_partition() / 2

    for unit in (gaussian, poisson, laplace):
        wrong = Halved(unit.name, unit.support, unit.energy, unit.output, unit.reference)
        with pytest.raises(AssertionError):
            probabilities_add_up(wrong)


def test_a_residual_that_does_not_carry_the_energy_is_refused() -> None:
    wrong = replace(heteroscedastic, residual=lambda y, z, s: (y - z) * sp.exp(-s))
    with pytest.raises(AssertionError, match="no function of the residual"):
        wrong.energy_of_residual()
