"""Laws of a unit: what follows from support and energy, by sums and integrals of many digits."""

from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from scipy import stats

from backproof.theory.scalars import defined
from backproof.theory.units import Unit
from backproof.theory.units.unit import STATE

DIGITS = 30
CLOSE = mpmath.mpf(10) ** -20
POINTS = (-2.5, -0.3, 0.0, 0.7, 1.9)  # values of a field

# −log P(y | z) by SciPy, which knows nothing of energies.
SCIPY: dict[str, Callable[..., Any]] = {
    "gaussian": lambda y, z: -stats.norm.logpdf(y, z),
    "bernoulli": lambda y, z: -stats.bernoulli.logpmf(y, 1 / (1 + np.exp(-z))),
    "poisson": lambda y, z: -stats.poisson.logpmf(y, np.exp(z)),
    "laplace": lambda y, z: -stats.laplace.logpdf(y, z),
    "heteroscedastic": lambda y, z, s: -stats.norm.logpdf(y, z, np.exp(s / 2)),
}


def fields_of(unit: Unit) -> list[tuple[float, ...]]:
    """Some assignments of a unit's fields, all different."""
    count = len(unit.fields)
    return [tuple(POINTS[(n + 2 * k) % len(POINTS)] for k in range(count)) for n in range(5)]


def surprise(unit: Unit) -> Callable[..., Any]:
    """The derived −log P(y | fields) as a function of mpmath numbers."""
    expression = defined(unit.negative_log_likelihood())
    return sp.lambdify([STATE, *unit.fields], expression, modules="mpmath")


def summed(unit: Unit, term: Callable[[Any], Any], near: float) -> Any:
    """Σ over the states of a term, or its integral over the line, split at ``near``."""
    assert unit.support is not None
    if not unit.support.is_subset(sp.S.Integers):
        return mpmath.quad(term, [-mpmath.inf, near - 5, near, near + 5, mpmath.inf])
    states = [int(s) for s in unit.support] if unit.support.is_finite_set else range(200)
    return mpmath.fsum(term(mpmath.mpf(s)) for s in states)


def probabilities_add_up(unit: Unit) -> None:
    """Σ_y P(y | z) = 1."""
    derived = surprise(unit)
    for at in fields_of(unit):
        total = summed(unit, lambda y, at=at: mpmath.exp(-derived(y, *at)), at[0])
        assert abs(total - 1) < CLOSE, f"{unit.name} at {at}: {total}"


def mean_is_the_first_moment(unit: Unit) -> None:
    """E[y | z] = Σ_y y P(y | z)."""
    derived = surprise(unit)
    stated = sp.lambdify(unit.fields, defined(unit.mean()), modules="mpmath")
    for at in fields_of(unit):
        first = summed(unit, lambda y, at=at: y * mpmath.exp(-derived(y, *at)), at[0])
        assert abs(first - stated(*map(mpmath.mpf, at))) < CLOSE, f"{unit.name} at {at}"


def is_exponential_family(unit: Unit) -> bool:
    """Whether z stands against y alone, E = −y z + (something of y)."""
    (z, *others) = unit.fields
    energy = unit.energy(STATE, *unit.fields)
    return not others and sp.expand(sp.diff(energy, z) + STATE) == 0


def mean_is_the_slope_of_the_log_partition(unit: Unit) -> None:
    """E[y | z] = d log Z/dz for E = −y z + c(y), by the numerical slope of log Z."""
    log_partition = sp.lambdify(unit.fields, defined(unit.log_partition()), modules="mpmath")
    stated = sp.lambdify(unit.fields, defined(unit.mean()), modules="mpmath")
    for z in POINTS:
        slope = mpmath.diff(log_partition, mpmath.mpf(z))
        assert abs(slope - stated(mpmath.mpf(z))) < CLOSE, f"{unit.name} at {z}"


def loss_is_that_of_scipy(unit: Unit) -> None:
    """−log P(y | z) as `scipy.stats` has it."""
    derived = surprise(unit)
    assert unit.support is not None
    whole = unit.support.is_subset(sp.S.Integers)
    states: Sequence[float] = (0, 1) if unit.support.is_finite_set else (0, 1, 2, 7, 30)
    for y in states if whole else (-3.2, -0.3, 0.0, 0.7, 4.4):
        for at in fields_of(unit):
            expected = float(SCIPY[unit.name](y, *at))
            found = float(derived(mpmath.mpf(y), *map(mpmath.mpf, at)))
            assert abs(found - expected) <= 1e-12 * max(1, abs(expected)), f"{unit.name} {y} {at}"


def residual_carries_the_energy(unit: Unit) -> None:
    """E(y, fields) is the stated function of the residual, where a unit has one."""
    assert unit.residual is not None
    symbols = [STATE, *unit.fields]
    whole = sp.lambdify(symbols, defined(unit.energy(*symbols)), modules="mpmath")
    residual = sp.lambdify(symbols, defined(unit.residual(*symbols)), modules="mpmath")
    through = sp.lambdify([STATE], defined(unit.energy_of_residual()), modules="mpmath")
    for y in (-1.25, 0.5, 3.0):
        for at in fields_of(unit):
            point = tuple(map(mpmath.mpf, (y, *at)))
            assert abs(whole(*point) - through(residual(*point))) < CLOSE
