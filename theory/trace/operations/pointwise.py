"""Functions of entries: exp, tanh, maximum, where, …"""

from __future__ import annotations

from functools import partial
from typing import Any

import sympy as sp

from backproof.theory.errors import BackproofError
from backproof.theory.scalars import (
    ELEMENTARY,
    FUNCTIONS,
    absolute,
    floor,
    larger,
    log1p,
    rel_entr,
    sgn,
    smaller,
    softplus,
    xlogy,
)
from backproof.theory.trace.operands import numbers_of, operand
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.steps import listed
from backproof.theory.trace.values import Collected, Condition, Label, Value, number


def value_of(x: Any) -> Value | Condition:
    """A value or condition as it is, positions as numbers, a Python number as a constant."""
    if isinstance(x, Label):
        return numbers_of(x)
    if isinstance(x, Collected):
        return listed(x)
    return x if isinstance(x, Value | Condition) else number(x)


def apply(function: Any, statement: Statement, *arguments: Any) -> Value:
    """The scalar function applied entry by entry."""
    return statement.elementwise(lambda *a: function(*a), *map(value_of, arguments))


def _where(statement: Statement, condition: Any, yes: Any, no: Any) -> Value:
    if not isinstance(condition, Condition):
        raise BackproofError(
            "np.where",
            "a condition that is no comparison",
            "e.g. z > 0",
            "write the comparison out",
        )
    fixed = [x if x in (sp.oo, -sp.oo) else None for x in (yes, no)]  # as in a mask before softmax
    values = [value_of(0 if f is not None else x) for f, x in zip(fixed, (yes, no), strict=True)]

    def pieces(c: sp.Basic, *branches: sp.Expr) -> sp.Expr:
        a, b = (f if f is not None else x for f, x in zip(fixed, branches, strict=True))
        return sp.Piecewise((a, c), (b, True))

    return statement.elementwise(pieces, condition, *values)


def _joined(how: Any, statement: Statement, *conditions: Any) -> Condition:
    """``np.logical_and`` and its like."""
    if not all(isinstance(c, Condition) for c in conditions):
        raise BackproofError("np.logical", "no comparison", "e.g. z > 0", "write it out")
    return statement.compare(how, *conditions)


def _astype(statement: Statement, x: Any, dtype: Any) -> Any:
    """The array as real numbers; comparisons count as 0 and 1."""
    name = str(getattr(dtype, "name", dtype))
    whole = isinstance(x, Label) or (isinstance(x, Condition) and "int" in name)
    if isinstance(x, Condition) and "bool" in name:
        return x
    if isinstance(x, Value) and "bool" in name:
        return statement.compare(lambda a: sp.Ne(a, 0), x)
    if not ("float" in name or "double" in name or whole):
        raise BackproofError(
            "astype", name.removeprefix("builtins."), "float", "use np.floor to cut numbers off"
        )
    return x if isinstance(x, Label) and "int" in name else operand(x, statement)


def _huber(delta: sp.Expr, r: sp.Expr) -> sp.Expr:
    size = absolute(r)
    return sp.Piecewise((r**2 / 2, size <= delta), (delta * (size - delta / 2), True))


def _heaviside(x: sp.Expr, at_zero: sp.Expr) -> sp.Expr:
    return sp.Piecewise((0, x < 0), (at_zero, sp.Eq(x, 0)), (1, True))


def _cube_root(x: sp.Expr) -> sp.Expr:
    return sgn(x) * absolute(x) ** sp.Rational(1, 3)


def _select(statement: Statement, conditions: Any, choices: Any, default: Any = 0) -> Value:
    """The choice of the first condition that holds."""
    result = value_of(default)
    for condition, choice in reversed(list(zip(conditions, choices, strict=True))):
        result = _where(statement, condition, choice, result)
    assert isinstance(result, Value)
    return result


def _clip(statement: Statement, x: Any, a_min: Any = None, a_max: Any = None) -> Value:
    value = value_of(x)
    if a_min is not None:
        value = statement.elementwise(larger, value, value_of(a_min))
    if a_max is not None:
        value = statement.elementwise(smaller, value, value_of(a_max))
    assert isinstance(value, Value)
    return value


def power(statement: Statement, base: Any, exponent: Any) -> Value:
    """base ** exponent; small whole powers of a sum are products of one named quantity."""
    left, right = value_of(base), value_of(exponent)
    if isinstance(right, Value) and right.constant is not None and right.constant.is_Integer:
        n = int(right.constant)
        if 2 <= n <= 3 and isinstance(left, Value) and not left.entrywise:
            left = statement.bind(left)
    return statement.elementwise(lambda a, b: a**b, left, right)


def _polygamma(statement: Statement, order: Any, x: Any) -> Value:
    return statement.elementwise(lambda n, a: sp.polygamma(n, a), value_of(order), value_of(x))


TABLE: dict[str, Any] = {
    **{name: partial(apply, f) for f in FUNCTIONS for name in f.spelled},
    **{name: partial(apply, f) for name, f in ELEMENTARY.items()},
    "numpy.square": lambda s, x: power(s, x, 2),
    "numpy.power": power,
    "numpy.reciprocal": partial(apply, lambda a: 1 / a),
    "numpy.negative": partial(apply, lambda a: -a),
    "numpy.add": lambda s, a, b: s.add(value_of(a), value_of(b)),
    "numpy.multiply": lambda s, a, b: s.multiply(value_of(a), value_of(b)),
    "numpy.subtract": lambda s, a, b: s.add(value_of(a), s.multiply(number(-1), value_of(b))),
    "numpy.divide": lambda s, a, b: s.multiply(value_of(a), power(s, b, -1)),
    "numpy.true_divide": lambda s, a, b: s.multiply(value_of(a), power(s, b, -1)),
    "numpy.float_power": power,
    "numpy.positive": lambda s, x: value_of(x),
    "numpy.arctan2": partial(apply, sp.atan2),
    "numpy.arccosh": partial(apply, sp.acosh),
    "numpy.exp2": partial(apply, lambda a: 2**a),
    "numpy.log2": partial(apply, lambda a: sp.log(a) / sp.log(2)),
    "numpy.log10": partial(apply, lambda a: sp.log(a) / sp.log(10)),
    "numpy.cbrt": partial(apply, _cube_root),
    "numpy.deg2rad": partial(apply, lambda a: a * sp.pi / 180),
    "numpy.rad2deg": partial(apply, lambda a: a * 180 / sp.pi),
    "numpy.heaviside": partial(apply, _heaviside),
    "numpy.logical_and": partial(_joined, sp.And),
    "numpy.logical_or": partial(_joined, sp.Or),
    "numpy.logical_not": partial(_joined, sp.Not),
    "numpy.where": _where,
    "numpy.select": _select,
    "numpy.clip": _clip,
    "numpy.astype": _astype,
    "numpy.ceil": partial(apply, lambda a: -floor(-a)),
    "numpy.trunc": partial(apply, lambda a: sgn(a) * floor(absolute(a))),
    "numpy.mod": partial(apply, lambda a, b: a - b * floor(a / b)),
    "numpy.remainder": partial(apply, lambda a, b: a - b * floor(a / b)),
    "scipy.special.huber": partial(apply, _huber),
    "scipy.special.pseudo_huber": partial(
        apply, lambda d, r: d**2 * (sp.sqrt(1 + (r / d) ** 2) - 1)
    ),
    "numpy.copy": lambda s, x: Value(x.axes, x.rhs) if isinstance(x, Value) else value_of(x),
    "numpy.float64": lambda s, x: value_of(x),
    "scipy.special.log_expit": partial(apply, lambda a: -softplus(-a)),
    "scipy.special.logit": partial(apply, lambda a: sp.log(a) - sp.log(1 - a)),
    "scipy.special.xlog1py": partial(apply, lambda a, b: a * log1p(b)),
    "scipy.special.entr": partial(apply, lambda a: -xlogy(a, a)),
    "scipy.special.kl_div": partial(apply, lambda a, b: rel_entr(a, b) - a + b),
    "scipy.special.betaln": partial(
        apply, lambda a, b: sp.loggamma(a) + sp.loggamma(b) - sp.loggamma(a + b)
    ),
    "scipy.special.i0": partial(apply, lambda a: sp.besseli(0, a)),
    "scipy.special.i1": partial(apply, lambda a: sp.besseli(1, a)),
    "scipy.special.polygamma": _polygamma,
}
