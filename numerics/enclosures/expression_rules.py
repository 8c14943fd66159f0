"""Rules that make Taylor models of the nodes of an expression from those of its operands."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import sympy as sp

from backproof.numerics.enclosures import kinks
from backproof.numerics.enclosures.composition import compose
from backproof.numerics.enclosures.functions import BY_SYMBOL, Power
from backproof.numerics.enclosures.kinks import Boxes
from backproof.numerics.enclosures.rounding import TINY, Array, U
from backproof.numerics.enclosures.taylor import Taylor, constant, hull
from backproof.theory.errors import UnsupportedError


def number(boxes: Boxes, value: sp.Expr) -> Taylor:
    """A constant."""
    about, error = nearest(value)
    shape = len(boxes.centre)
    return constant(boxes.basis, np.full(shape, about), np.full(shape, error))


@lru_cache(maxsize=1024)
def nearest(value: sp.Expr) -> tuple[float, float]:
    """A real constant as a float and a bound of its error."""
    exact = value if value.is_Rational else value.evalf(40)
    about = float(exact)
    if value.is_Rational and sp.Rational(about) == value:
        return about, 0.0
    if value.is_Float and sp.Rational(value) == sp.Rational(about):
        return about, 0.0
    return about, abs(about) * 2 * U + TINY


def variable(boxes: Boxes, axis: int) -> Taylor:
    """A coordinate."""
    all_ = boxes.variables()
    return Taylor(all_.basis, all_.degree, all_.c[..., axis], all_.e[..., axis])


def plus(_: Boxes, value: sp.Expr, q: Taylor) -> Taylor:
    """q + number."""
    return q.plus(*nearest(value))


def times(_: Boxes, value: sp.Expr, q: Taylor) -> Taylor:
    """number · q."""
    return q.times(*nearest(value))


def natural(boxes: Boxes, exponent: int, q: Taylor) -> Taylor:
    """qⁿ by squaring."""
    if exponent == 1:
        return q
    half = natural(boxes, exponent // 2, q)
    return half * half * q if exponent % 2 else half * half


def composed(_: Boxes, symbol: type[sp.Basic], exponent: sp.Rational | None, q: Taylor) -> Taylor:
    """g(q)."""
    return compose(BY_SYMBOL[symbol] if exponent is None else Power(exponent), q)


def pieces(
    boxes: Boxes, conditions: list[sp.Basic], comparisons: list[sp.Basic], *models: Taylor
) -> Taylor:
    """From the last piece to the first; a box that may lie in two takes the hull of both."""
    values, differences = models[: len(conditions)], models[len(conditions) :]
    known: dict[sp.Basic, tuple[Array, Array]] = {}
    for comparison, difference in zip(comparisons, differences, strict=True):
        low, high = difference.range()
        boxes.mark(difference, (low <= 0) & (high >= 0))
        known[comparison] = low > 0, high < 0
    shape = len(boxes.centre)
    result = constant(boxes.basis, np.zeros(shape), np.full(shape, np.inf))
    for here, condition in reversed(list(zip(values, conditions, strict=True))):
        true, false = _decided(condition, known, shape)
        result = here.where(true, result.where(false, either(here, result)))
    return result


def _decided(
    condition: sp.Basic, known: dict[sp.Basic, tuple[Array, Array]], shape: int
) -> tuple[Array, Array]:
    """Where a condition surely holds, and where it surely does not."""
    if condition in known:
        return known[condition]
    if condition in (sp.true, sp.false):
        holds = np.full(shape, bool(condition))
        return holds, ~holds
    parts = [_decided(a, known, shape) for a in condition.args]
    true: Array = np.array([true for true, _ in parts])
    false: Array = np.array([false for _, false in parts])
    if isinstance(condition, sp.And):
        return np.all(true, axis=0), np.any(false, axis=0)
    if isinstance(condition, sp.Or):
        return np.any(true, axis=0), np.all(false, axis=0)
    if isinstance(condition, sp.Not):
        return false[0], true[0]
    raise UnsupportedError("the target", f"the condition {condition}", "and, or, not", "rewrite it")


def either(p: Taylor, q: Taylor) -> Taylor:
    """All that is known is that the value is one of two."""
    (low, high), (lower, higher) = p.range(), q.range()
    return hull(p.basis, np.minimum(low, lower), np.maximum(high, higher))


RULES: dict[str, Callable[..., Taylor]] = {
    "number": number,
    "variable": variable,
    "plus": plus,
    "times": times,
    "add": lambda _, p, q: p + q,
    "multiply": lambda _, p, q: p * q,
    "natural": natural,
    "composed": composed,
    "relu": kinks.relu,
    "absolute": kinks.absolute,
    "sign": lambda boxes, below, at, above, q: kinks.sign(boxes, q, below, at, above),
    "larger": kinks.larger,
    "smaller": lambda boxes, p, q: -kinks.larger(boxes, -p, -q),
    "pieces": pieces,
}
