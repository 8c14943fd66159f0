"""Functions of entries: exp, tanh, maximum, where, …"""

from __future__ import annotations

from functools import partial
from typing import Any

import sympy as sp

from backproof.theory.errors import BackproofError
from backproof.theory.scalars import ELEMENTARY, FUNCTIONS, larger, smaller, softplus
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Condition, Value, number


def value_of(x: Any) -> Value | Condition:
    """A value or condition as it is, a Python number or size as a constant."""
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
    return statement.elementwise(
        lambda c, a, b: sp.Piecewise((a, c), (b, True)), condition, value_of(yes), value_of(no)
    )


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


def _softplus_of_difference(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    return a + softplus(b - a) if a == 0 else b + softplus(a - b)


TABLE: dict[str, Any] = {
    **{name: partial(apply, f) for f in FUNCTIONS for name in f.spelled},
    **{name: partial(apply, f) for name, f in ELEMENTARY.items()},
    "numpy.logaddexp": partial(apply, _softplus_of_difference),
    "numpy.square": lambda s, x: power(s, x, 2),
    "numpy.power": power,
    "numpy.reciprocal": partial(apply, lambda a: 1 / a),
    "numpy.negative": partial(apply, lambda a: -a),
    "numpy.add": lambda s, a, b: s.add(value_of(a), value_of(b)),
    "numpy.multiply": lambda s, a, b: s.multiply(value_of(a), value_of(b)),
    "numpy.subtract": lambda s, a, b: s.add(value_of(a), s.multiply(number(-1), value_of(b))),
    "numpy.divide": lambda s, a, b: s.multiply(value_of(a), power(s, b, -1)),
    "numpy.where": _where,
    "numpy.clip": _clip,
    "numpy.copy": lambda s, x: Value(x.axes, x.rhs) if isinstance(x, Value) else value_of(x),
    "numpy.asarray": lambda s, x, dtype=None: value_of(x),
    "numpy.array": lambda s, x, dtype=None: value_of(x),
    "numpy.float64": lambda s, x: value_of(x),
    "scipy.special.log_expit": partial(apply, lambda a: -softplus(-a)),
    "scipy.special.logit": partial(apply, lambda a: sp.log(a) - sp.log(1 - a)),
    "scipy.special.xlogy": partial(apply, lambda a, b: a * sp.log(b)),
    "scipy.special.polygamma": _polygamma,
}
