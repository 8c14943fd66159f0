"""Every unit of an energy keeps every law; and a unit that a user states in ten lines does too."""

from collections.abc import Callable, Iterator

import mpmath
import numpy as np
import pytest
import sympy as sp
from scipy import stats

from backproof.numerics import tails
from backproof.numerics.kernel import compile
from backproof.numerics.sampling.conditionals import Conditionals
from backproof.numerics.unit_code import sampler, unit_code
from backproof.theory.calculus.derivation import derive
from backproof.theory.energy import local
from backproof.theory.energy.free_energy import free_energy
from backproof.theory.energy.layers import layer
from backproof.theory.energy.machine import Machine
from backproof.theory.energy.scalars import FUNCTIONS
from backproof.theory.energy.units import UNITS, Unit, binary, exponential, rectified
from backproof.theory.energy.units.unit import y, z
from backproof.theory.errors import BackproofError
from backproof.theory.scalars import Elementwise, defined
from laws.energy_units import LAWS, draws_follow_the_distribution, is_normalised

SCALAR = [unit for unit in UNITS if not unit.labels]
Q = sp.Symbol("q", positive=True)
TERNARY = Unit(
    name="ternary",
    support=sp.FiniteSet(-1, 0, 1),
    energy=Q * y**2 / 2 - z * y,
    parameters=(Q,),
    reference="Blume, Physical Review 141 (1966)",
)
SYMMETRIC = Unit(
    name="symmetric",
    support=sp.Interval(-1, 1),
    energy=-z * y,
    reference="a tilted uniform variable about zero",
)
USERS = [TERNARY, SYMMETRIC]


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    with mpmath.workdps(30):
        yield


@pytest.mark.parametrize("unit", SCALAR, ids=lambda u: u.name)
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_law(law: Callable[[Unit], None], unit: Unit) -> None:
    law(unit)


@pytest.mark.parametrize("unit", USERS, ids=lambda u: u.name)
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_a_users_unit_keeps_the_laws(law: Callable[[Unit], None], unit: Unit) -> None:
    law(unit)


@pytest.mark.parametrize("unit", [*SCALAR, TERNARY], ids=lambda u: u.name)
def test_a_sampler_that_is_off_is_found(unit: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stated power: shares off by a fiftieth, states moved by a twentieth of the deviation."""

    def wrong(unit: Unit) -> Callable[..., np.ndarray]:
        right = sampler(unit)

        def draw(number: np.ndarray, field: np.ndarray, *parameters: float) -> np.ndarray:
            if unit.discrete:
                return right(np.clip(number - 0.02, 0, 1), field, *parameters)
            deviation = np.sqrt(unit_code(unit).variance(field[0], *parameters))
            return right(number, field, *parameters) + 0.05 * deviation

        return draw

    monkeypatch.setattr("laws.energy_units.sampler", wrong)
    with pytest.raises(AssertionError):
        draws_follow_the_distribution(unit)


# Categorical -------------------------------------------------------------------------------


def only(K: int) -> Machine:
    """A machine of one categorical unit, which its bias alone makes."""
    return Machine((layer("c", "categorical", 1, K),))


def logs(bias: np.ndarray) -> tuple[mpmath.mpf, list[mpmath.mpf]]:
    """log Σ exp z and log p of each state, by the definition."""
    exact = [mpmath.mpf(float(b)) for b in bias]
    total = mpmath.log(mpmath.fsum(mpmath.exp(b) for b in exact))
    return total, [b - total for b in exact]


FIELDS = [
    [0.3, -1.0],
    [0.0, 0.0, 0.0],
    [2.5, -0.7, 0.4, -3.2, 1e-7],
    [-700.0, 700.0, 0.0],
    [700.0, 699.0, 700.0, -700.0],
    [-700.0, -701.5],
]


@pytest.mark.parametrize("z", FIELDS, ids=str)
def test_a_categorical_unit_keeps_the_laws(z: list[float]) -> None:
    """Normalised, mean = ∂A/∂z, variance p(1 − p) ≥ 0, ratio of states, stable at ±700."""
    bias, K = np.array([z]), len(z)
    total, log_p = logs(bias[0])
    machine = only(K)
    minus_F = -compile(free_energy(machine, over=["c"]))(b_c=bias)
    assert abs(mpmath.mpf(float(minus_F)) - total) <= 1e-14 * max(1, abs(total))
    conditionals = Conditionals(machine, {"b_c": bias})
    nothing = {"c": np.zeros((1, 1, K))}
    for p in (conditionals.mean("c", nothing)[0, 0], conditionals.mean_in("c", bias)[0]):
        assert p.sum() == pytest.approx(1, abs=1e-15)
        assert np.all(p * (1 - p) >= 0)
        for found, log in zip(p, log_p, strict=True):
            expected = mpmath.exp(log)
            assert abs(mpmath.mpf(float(found)) - expected) <= 1e-13 * expected + 1e-300
    slope = compile(derive(free_energy(machine, over=["c"]), wrt="b_c"))(b_c=bias)["b_c"][0]
    assert np.allclose(-slope, p, rtol=1e-13, atol=1e-300)
    single = Conditionals(machine, {"b_c": bias}, "float32").mean("c", nothing)
    assert single.dtype == np.float32
    assert np.allclose(single[0, 0], p, rtol=1e-5, atol=1e-30)


@pytest.mark.parametrize("off", [0.0, 0.02])
def test_categorical_draws_follow_their_shares(off: float) -> None:
    """50,000 draws by a binomial test of each state, 1e-6 in all; shares off by 0.02 are found."""
    z = np.array([[0.3, -1.0, 0.9, 0.1]])
    _, log_p = logs(z[0])
    conditionals = Conditionals(only(4), {"b_c": z})
    random = np.random.default_rng(8)
    drawn = conditionals.drawn("c", np.tile(z, (50_000, 1, 1)), (), random)[:, 0].sum(0)
    shares = [float(mpmath.exp(log)) for log in log_p]
    shares[0], shares[1] = shares[0] + off, shares[1] - off
    tests = [stats.binomtest(int(n), 50_000, p) for n, p in zip(drawn, shares, strict=True)]
    assert (min(t.pvalue for t in tests) > 1e-6 / 4) == (off == 0)


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
