"""Running error of a scalar expression: one rule for each kind of node of the SymPy tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from scipy import special

from backproof.numerics.judge.reference.rounding import Function, Place, function, product, total
from backproof.numerics.judge.reference.running import EXTENDED, Array, Running, cleaned, constant
from backproof.theory import scalars
from backproof.theory.errors import UnsupportedError

Slots = Mapping[sp.Basic, Running]


def _by_digits(function: Callable[[Any], Any]) -> Callable[[Array], Array]:
    """A function that NumPy and SciPy lack in extended precision, by mpmath."""

    def one(x: Any) -> Any:
        if not np.isfinite(x):
            return EXTENDED(np.nan)
        high = float(x)
        with mpmath.workprec(80):
            try:
                result = function(mpmath.mpf(high) + mpmath.mpf(float(x - EXTENDED(high))))
            except (ValueError, ZeroDivisionError):  # a pole
                return EXTENDED(np.nan)
            if isinstance(result, mpmath.mpc):  # outside the domain of the real function
                return EXTENDED(np.nan)
            top = float(result)
            return EXTENDED(top) + EXTENDED(float(result - mpmath.mpf(top)))

    many = np.frompyfunc(one, 1, 1)
    return lambda x: np.asarray(many(x), EXTENDED)


FUNCTIONS: dict[type, tuple[Function, float]] = {  # the function and its natural scale
    sp.exp: (np.exp, 0.0),
    sp.log: (np.log, 1.0),
    sp.tanh: (np.tanh, 1.0),
    sp.sinh: (np.sinh, 1.0),
    sp.cosh: (np.cosh, 0.0),
    sp.sin: (np.sin, 1.0),
    sp.cos: (np.cos, 1.0),
    sp.tan: (np.tan, 1.0),
    sp.atan: (np.arctan, 1.0),
    sp.asin: (np.arcsin, 1.0),
    sp.acos: (np.arccos, 1.0),
    sp.asinh: (np.arcsinh, 1.0),
    sp.acosh: (np.arccosh, 1.0),
    sp.atanh: (np.arctanh, 1.0),
    sp.erfinv: (_by_digits(mpmath.erfinv), 1.0),
    sp.gamma: (_by_digits(mpmath.gamma), 1.0),
    sp.Abs: (np.abs, 0.0),
    sp.erf: (_by_digits(mpmath.erf), 1.0),
    sp.erfc: (_by_digits(mpmath.erfc), 1.0),
    sp.loggamma: (_by_digits(mpmath.loggamma), 1.0),
    sp.digamma: (_by_digits(mpmath.digamma), 1.0),
    scalars.absolute: (np.abs, 0.0),
    scalars.expm1: (np.expm1, 1.0),
    scalars.log1p: (np.log1p, 1.0),
    scalars.log_ndtr: (_by_digits(lambda x: mpmath.log(mpmath.ncdf(x))), 1.0),
    scalars.ndtr: (_by_digits(mpmath.ncdf), 1.0),
    scalars.ndtri: (_by_digits(lambda p: mpmath.sqrt(2) * mpmath.erfinv(2 * p - 1)), 1.0),
    scalars.relu: (lambda x: np.maximum(x, 0), 0.0),
    scalars.sigmoid: (special.expit, 1.0),
    scalars.softplus: (lambda x: np.logaddexp(EXTENDED(0), x), 1.0),
    scalars.floor: (np.floor, 0.0),
}
WHOLE = (scalars.relu, scalars.absolute, scalars.floor, sp.Abs)  # whole numbers stay whole


def scalar(expression: sp.Basic, slots: Slots, here: Place) -> Running:
    """The value and running error of an expression whose symbols are ``slots``."""
    if expression in slots:
        return slots[expression]
    if isinstance(expression, sp.Expr) and expression.is_number and not expression.free_symbols:
        value, short = constant(expression)
        error = EXTENDED(0) if short else here.form.written * abs(value)
        return Running(np.asarray(value), np.asarray(error), short)
    if isinstance(expression, sp.Add):
        return total([scalar(a, slots, here) for a in expression.args], here)
    if isinstance(expression, sp.Mul):
        return product([scalar(a, slots, here) for a in expression.args], here)
    if isinstance(expression, sp.Pow):
        return _power(expression, slots, here)
    if isinstance(expression, sp.Piecewise):
        return _piecewise(expression, slots, here)
    if isinstance(expression, scalars.step | scalars.sgn):
        return _jump(expression, scalar(expression.args[0], slots, here), here)
    if isinstance(expression, scalars.larger | scalars.smaller | sp.Max | sp.Min):
        parts = [scalar(a, slots, here) for a in expression.args]
        pick = np.maximum if isinstance(expression, scalars.larger | sp.Max) else np.minimum
        return Running(
            pick.reduce(np.broadcast_arrays(*(p.value for p in parts))),
            np.maximum.reduce(np.broadcast_arrays(*(p.error for p in parts))),
            all(p.exact for p in parts),
        )
    known = FUNCTIONS.get(type(expression))
    if known is not None and len(expression.args) == 1:
        inner = scalar(expression.args[0], slots, here)
        exact = inner.exact and isinstance(expression, WHOLE)
        return function(known[0], EXTENDED(known[1]), inner, exact, here)
    if isinstance(expression, scalars.Elementwise):
        return scalar(expression.definition(*expression.args), slots, here)
    if isinstance(expression, sp.polygamma) and expression.args[0].is_Integer:
        order = int(expression.args[0])
        psi = _by_digits(lambda x: mpmath.psi(order, x))
        inner = scalar(expression.args[1], slots, here)
        return function(psi, EXTENDED(1), inner, False, here)
    raise UnsupportedError(
        "bp.verify",
        f"the function {type(expression).__name__} in an equation",
        f"one of {', '.join(sorted(f.__name__ for f in FUNCTIONS))}",
        "state the model with one of these",
    )


def _power(expression: sp.Pow, slots: Slots, here: Place) -> Running:
    base, exponent = expression.args
    if exponent.is_Integer and exponent > 0:
        return product([scalar(base, slots, here)] * int(exponent), here)
    x = scalar(base, slots, here)
    if exponent.is_Integer:
        whole = product([x] * int(-exponent), here)
        return function(lambda v: 1 / v, EXTENDED(0), whole, False, here)
    if exponent.is_number:
        power = constant(exponent)[0]
        return function(lambda v: np.power(v, power), EXTENDED(0), x, False, here)
    y = scalar(exponent, slots, here)
    log = function(np.log, EXTENDED(1), x, False, here)
    return function(np.exp, EXTENDED(0), product([y, log], here), False, here)


def _jump(expression: sp.Expr, x: Running, here: Place) -> Running:
    """1[x > 0] or sgn x: by convention where x is exactly zero, either one where that is open."""
    kind = type(expression).__name__
    zero = x.certain_zero
    if np.any(zero):
        here.kink(kind)
    low = EXTENDED(0) if kind == "step" else EXTENDED(-1)
    value = np.where(x.value > 0, EXTENDED(1), np.where(x.value < 0, low, EXTENDED(0)))
    value = np.where(zero, EXTENDED(here.convention(kind)), value)
    error = np.where(x.doubtful_sign, 1 - low, EXTENDED(0))
    return Running(value, error, not np.any(error))


def _piecewise(expression: sp.Piecewise, slots: Slots, here: Place) -> Running:
    """The first branch whose condition holds; any branch where a condition is doubtful."""
    value: Array = np.asarray(EXTENDED(np.nan))
    error: Array = np.asarray(EXTENDED(0))
    exact = True
    for branch, condition in reversed(expression.args):
        b = scalar(branch, slots, here)
        holds, doubtful = _condition(condition, slots, here)
        other = np.where(np.isnan(value), b.value, value)
        apart = np.abs(b.value - other) + b.error + error
        value, error = (
            np.where(holds, b.value, value),
            np.where(doubtful, apart, np.where(holds, b.error, error)),
        )
        exact = exact and b.exact and not np.any(doubtful)
    return Running(value, cleaned(error), exact)


def _condition(condition: sp.Basic, slots: Slots, here: Place) -> tuple[Array, Array]:
    """Where a condition holds, and where rounding decides."""
    if condition in (sp.true, sp.false):
        return np.asarray(condition == sp.true), np.asarray(False)
    if isinstance(condition, sp.And | sp.Or):
        pairs = [_condition(c, slots, here) for c in condition.args]
        join = np.logical_and if isinstance(condition, sp.And) else np.logical_or
        return (
            join.reduce(np.broadcast_arrays(*(p[0] for p in pairs))),
            np.logical_or.reduce(np.broadcast_arrays(*(p[1] for p in pairs))),
        )
    if isinstance(condition, sp.Not):
        holds, doubtful = _condition(condition.args[0], slots, here)
        return ~holds, doubtful
    if not isinstance(condition, sp.core.relational.Relational):
        raise UnsupportedError(
            "bp.verify", f"the condition {condition}", "a comparison", "state it with < or <="
        )
    sides = [scalar(condition.lhs, slots, here), _minus(condition.rhs, slots, here)]
    difference = total(sides, here)
    zero = difference.certain_zero
    real = not condition.free_symbols <= here.whole_slots
    if real and np.any(zero):
        here.kink("piecewise")
    if real and here.convention("piecewise") == "flipped":
        condition = FLIPPED[type(condition)](condition.lhs, condition.rhs, evaluate=False)
    d = np.where(zero, EXTENDED(0), difference.value)
    return COMPARED[type(condition)](d), difference.doubtful_sign


def _minus(expression: sp.Expr, slots: Slots, here: Place) -> Running:
    r = scalar(expression, slots, here)
    return Running(-r.value, r.error, r.exact)


COMPARED: dict[type, Callable[[Array], Array]] = {
    sp.StrictLessThan: lambda d: d < 0,
    sp.LessThan: lambda d: d <= 0,
    sp.StrictGreaterThan: lambda d: d > 0,
    sp.GreaterThan: lambda d: d >= 0,
    sp.Eq: lambda d: d == 0,
    sp.Ne: lambda d: d != 0,
}
FLIPPED: dict[type, type] = {
    sp.StrictLessThan: sp.LessThan,
    sp.LessThan: sp.StrictLessThan,
    sp.StrictGreaterThan: sp.GreaterThan,
    sp.GreaterThan: sp.StrictGreaterThan,
    sp.Eq: sp.Eq,
    sp.Ne: sp.Ne,
}
