"""Laws of the units of an energy, against sums or quadrature of the stated energy at 30 digits.

The oracle reads a unit's support and energy and nothing that was derived from them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import mpmath
import numpy as np
import sympy as sp
from scipy import stats

from backproof.numerics.unit_code import noise, sampler, unit_code
from backproof.theory.energy.rewriting import NORMAL
from backproof.theory.energy.units import Unit
from backproof.theory.energy.units.unit import FIELD, STATE

FIELDS = (-30.0, -3.2, -0.7, -1e-3, 0.0, 1e-7, 0.4, 2.5, 30.0)
FAR = (-700.0, 700.0)
MODERATE = (-3.2, -0.7, 0.4, 2.5)
PARAMETERS = {"q": (0.6, 1.7), "mu": (-0.8, 1.3), "sigma": (0.7, 1.9)}
FALSE_ALARM = 1e-6
DRAWS = 50_000


def fields(unit: Unit, far: bool = False) -> list[float]:
    """Fields in which the unit has a normaliser, found by trying: the weight falls at the ends."""
    return [z for z in (FAR if far else FIELDS) if not (unit.name == "exponential" and z >= 0)]


def settings(unit: Unit) -> list[tuple[float, ...]]:
    """Two assignments of the unit's parameters."""
    return [tuple(PARAMETERS[p.name][n] for p in unit.parameters) for n in range(2)]


@dataclass(frozen=True)
class Truth:
    """log N, and the mean and variance of the state and of the feature, from the definition."""

    log_normaliser: mpmath.mpf
    mean: mpmath.mpf
    variance: mpmath.mpf
    scale: mpmath.mpf


@cache
def truth(unit: Unit, z: float, parameters: tuple[float, ...]) -> Truth:
    """Sums over the support, or quadrature around the place where the weight is largest."""
    numbers = dict(zip(unit.parameters, map(sp.Float, parameters), strict=True))
    energy = unit.energy.subs({FIELD: sp.Float(z, 40), **numbers})
    exponent = sp.lambdify(STATE, -energy, "mpmath")
    scale = mpmath.mpf(sp.N(unit.energy.diff(FIELD).subs(numbers) / -STATE, 30))
    if isinstance(unit.support, sp.FiniteSet):
        states = [mpmath.mpf(int(y)) for y in unit.support]
        peak = max(exponent(y) for y in states)

        def total(g: Callable[[mpmath.mpf], mpmath.mpf]) -> mpmath.mpf:
            return sum(g(y) * mpmath.exp(exponent(y) - peak) for y in states)

    else:
        assert unit.support is not None
        low, high = unit.support.inf, unit.support.sup
        points, peak = _grid(exponent, low, high)

        def total(g: Callable[[mpmath.mpf], mpmath.mpf]) -> mpmath.mpf:
            return mpmath.quad(
                lambda y: g(y) * mpmath.exp(exponent(y) - peak), points, method="gauss-legendre"
            )

    weight = total(lambda y: mpmath.mpf(1))
    mean = total(lambda y: y) / weight
    variance = total(lambda y: (y - mean) ** 2) / weight
    return Truth(peak + mpmath.log(weight), mean, variance, scale)


def _grid(
    exponent: Callable[[mpmath.mpf], mpmath.mpf], low: sp.Expr, high: sp.Expr
) -> tuple[list[mpmath.mpf], mpmath.mpf]:
    """Points that lie dense where the weight is, and the largest exponent."""
    first, slope = mpmath.mpf(0), mpmath.diff(exponent, 0)
    curve = -mpmath.diff(exponent, 0, 2)
    if abs(curve) > 1e-20:
        first = slope / curve
    bottom = -mpmath.inf if low == -sp.oo else mpmath.mpf(low)
    top = mpmath.inf if high == sp.oo else mpmath.mpf(high)
    if abs(curve) <= 1e-20 and slope > 0:
        first = top
    centre = min(max(first, bottom), top)
    steep = abs(mpmath.diff(exponent, centre)) if centre in (bottom, top) else mpmath.mpf(0)
    width = 1 / max(mpmath.sqrt(max(curve, 0)), steep, mpmath.mpf("1e-3"))
    offsets = [s * width * k for k in (0, 2, 6, 15, 40) for s in (-1, 1)]
    inside = sorted({min(max(centre + o, bottom), top) for o in offsets})
    return inside, exponent(centre)


def is_normalised(unit: Unit) -> None:
    """exp of the derived A is the sum of the weights."""
    for z, p in cases(unit):
        near(unit_code(unit).log_normaliser(z, *p), truth(unit, z, p).log_normaliser, unit, z)


def mean_is_the_derivative(unit: Unit) -> None:
    """The derived means are those of the definition, and the feature's is the slope of A."""
    for z, p in cases(unit):
        code, expected = unit_code(unit), truth(unit, z, p)
        near(code.mean(z, *p), expected.mean, unit, z)
        near(code.mean_feature(z, *p), expected.mean * expected.scale, unit, z)
        if z in MODERATE:
            with mpmath.workdps(40):
                step = mpmath.mpf("1e-8")
                ends = [float(z + sign * step) for sign in (1, -1)]
                up, down = (truth(unit, end, p).log_normaliser for end in ends)
                slope = (up - down) / (mpmath.mpf(ends[0]) - mpmath.mpf(ends[1]))
            assert abs(slope - code.mean_feature(z, *p)) < 1e-6 * (1 + abs(slope))


def variance_is_positive(unit: Unit) -> None:
    """The derived variance is that of the definition."""
    for z, p in cases(unit):
        found = unit_code(unit).variance(z, *p)
        assert found >= 0
        near(found, truth(unit, z, p).variance, unit, z)


def is_stable(unit: Unit) -> None:
    """At fields of ±700 log-normaliser, mean and variance have no error beyond rounding."""
    for z in fields(unit, far=True):
        for p in settings(unit):
            code, expected = unit_code(unit), truth(unit, z, p)
            near(code.log_normaliser(z, *p), expected.log_normaliser, unit, z)
            near(code.mean(z, *p), expected.mean, unit, z)
            near(code.variance(z, *p), expected.variance, unit, z)


def conditional_from_the_ratio(unit: Unit) -> None:
    """P(y)/P(y′) = exp(E(y′) − E(y)) with P = exp(−E − A), at states of the support."""
    some = [-1.3, 0.2, 0.9] if unit.support == sp.Reals else [0.1, 0.5, 0.9]
    states = [float(y) for y in unit.states] if unit.discrete else some
    energy = sp.lambdify((STATE, FIELD, *unit.parameters), unit.energy, "math")
    for z, p in cases(unit):
        logs = [-energy(y, z, *p) - unit_code(unit).log_normaliser(z, *p) for y in states]
        direct = [energy(states[0], z, *p) - energy(y, z, *p) for y in states]
        assert np.allclose(np.array(logs) - logs[0], direct, rtol=1e-12, atol=1e-10)


def draws_follow_the_distribution(unit: Unit, seed: int = 7) -> None:
    """Draws have the distribution of the definition.

    Kolmogorov's distance to the distribution function by quadrature (a table of it) for a real
    unit, and the share of each state for a discrete one, by an exact binomial test.  The
    false-alarm rate of the whole law is 1e-6; a shift of a twentieth of the deviation, and a share
    that is off by a fiftieth, are found more often than 99 times in 100.
    """
    random = np.random.default_rng(seed)
    chosen = [(z, p) for z, p in cases(unit) if z in MODERATE]
    for z, p in chosen:
        numbers = (
            random.standard_normal(DRAWS) if noise(unit) == NORMAL else 1 - random.random(DRAWS)
        )
        found = np.asarray(sampler(unit)(numbers, np.full(DRAWS, z), *p))
        level = FALSE_ALARM / len(chosen)
        if unit.discrete:
            states = [float(y) for y in unit.states]
            assert set(np.unique(found)) <= set(states)
            for y in states:
                count = int((found == y).sum())
                test = stats.binomtest(count, DRAWS, share(unit, y, z, p))
                assert test.pvalue > level / len(states), (unit.name, z)
        else:
            table = distribution(unit, z, p)
            assert stats.kstest(found, table).pvalue > level, (unit.name, z)


def share(unit: Unit, y: float, z: float, parameters: tuple[float, ...]) -> float:
    """P(y) of a state by the definition."""
    energy = sp.lambdify((STATE, FIELD, *unit.parameters), unit.energy, "mpmath")
    log = -energy(mpmath.mpf(y), mpmath.mpf(z), *map(mpmath.mpf, parameters))
    return float(mpmath.exp(log - truth(unit, z, parameters).log_normaliser))


def distribution(
    unit: Unit, z: float, parameters: tuple[float, ...]
) -> Callable[[np.ndarray], np.ndarray]:
    """The distribution function by the trapezoidal rule on a fine grid."""
    expected = truth(unit, z, parameters)
    mean, deviation = float(expected.mean), float(mpmath.sqrt(expected.variance))
    assert unit.support is not None
    low = max(mean - 12 * deviation, float(unit.support.inf))
    high = min(mean + 40 * deviation, float(unit.support.sup))
    grid = np.linspace(low, high, 40_001)
    energy = sp.lambdify((STATE, FIELD, *unit.parameters), unit.energy, "numpy")
    weight = np.exp(-energy(grid, z, *parameters) - float(expected.log_normaliser))
    steps = (weight[1:] + weight[:-1]) / 2 * (grid[1] - grid[0])
    shares = np.concatenate([[0.0], np.cumsum(steps)])
    return lambda y: np.interp(y, grid, shares)


def cases(unit: Unit) -> list[tuple[float, tuple[float, ...]]]:
    return [(z, p) for z in fields(unit) for p in settings(unit)]


def near(found: float, expected: mpmath.mpf, unit: Unit, z: float) -> None:
    """Equal to 1e-12 of the larger of the value and the rounding of the field itself."""
    error = abs(mpmath.mpf(float(found)) - expected)
    assert error <= 1e-12 * abs(expected) + 4e-16, f"{unit.name} at z = {z}: {found} ≠ {expected}"


LAWS = (
    is_normalised,
    mean_is_the_derivative,
    variance_is_positive,
    is_stable,
    conditional_from_the_ratio,
    draws_follow_the_distribution,
)
