"""The derived formulas of a unit as NumPy functions of its field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from backproof.numerics import tails
from backproof.numerics.logistic import functions
from backproof.numerics.scalar_code import code
from backproof.theory.energy import local
from backproof.theory.energy.rewriting import NORMAL, SHARE
from backproof.theory.energy.units.unit import FIELD, STATE, Unit

Function = Callable[..., Any]
SPACE: dict[str, Any] = {"np": np, "special": functions, "tails": tails}


@dataclass(frozen=True)
class UnitCode:
    """Functions of (z, *parameters) for a unit with scalar states, in order of derivation."""

    log_normaliser: Function
    mean_feature: Function
    variance_feature: Function
    mean: Function
    variance: Function
    conditions: tuple[Function, ...]


@cache
def unit_code(unit: Unit) -> UnitCode:
    """The compiled formulas of a unit.

    >>> from backproof.theory.energy.units import binary
    >>> float(unit_code(binary).log_normaliser(700.0))
    700.0
    """
    slope = local.mean_feature(unit).diff(FIELD)
    return UnitCode(
        function(local.log_normaliser(unit), unit),
        function(local.mean_feature(unit), unit),
        function(slope, unit),
        function(local.mean(unit), unit),
        function(local.variance(unit), unit),
        tuple(function(condition, unit) for condition in local.conditions(unit)),
    )


@cache
def sampler(unit: Unit) -> Function:
    """draw(noise, z, *parameters): the state of a unit from uniform, or from normal, numbers.

    A state s of a finite support is passed by where the number is below P(y > s | z); a real
    state is the quantile of the number.
    """
    if not unit.discrete:
        return function(local.quantile(unit), unit, first=noise(unit))
    states = [float(y) for y in unit.states]
    shares = [function(tail, unit) for tail in local.tails(unit)]

    def draw(number: Any, z: Any, *parameters: Any) -> Any:
        if states == [0.0, 1.0]:
            return (number < shares[0](z, *parameters)).astype(np.result_type(z))
        state = np.full(np.shape(number), states[0], np.result_type(z))
        for share, low, high in zip(shares, states, states[1:], strict=False):
            state += (number < share(z, *parameters)) * state.dtype.type(high - low)
        return state

    return draw


def noise(unit: Unit) -> sp.Symbol:
    """The kind of random number that a unit is drawn from: `SHARE` (uniform) or `NORMAL`."""
    return NORMAL if not unit.discrete and local.quantile(unit).has(NORMAL) else SHARE


def function(expression: sp.Expr, unit: Unit, first: sp.Symbol | None = None) -> Function:
    """An expression in the field and the unit's parameters as a function of arrays."""
    names = [*([first] if first is not None else []), FIELD, *unit.parameters]
    body = code(sp.sympify(expression))
    header = ", ".join(s.name for s in names)
    space = dict(SPACE)
    exec(f"def formula({header}):\n    return {body}\n", space)  # our own generated source
    found: Function = space["formula"]
    return found


@cache
def feature_scale(unit: Unit) -> Function:
    """c of the feature f = c y, as a function of the unit's parameters."""
    return function(unit.feature / STATE, unit)


@cache
def own_energy(unit: Unit) -> Function:
    """e(y; 0), the energy of the unit without a field, as a function of (y, *parameters)."""
    energy = unit.energy.xreplace({FIELD: sp.S.Zero})
    return function(energy.xreplace({STATE: FIELD}), unit)  # y stands in the place of z
