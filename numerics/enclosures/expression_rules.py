"""Rules that make Taylor models of the nodes of an expression from those of its operands."""

from __future__ import annotations

import numpy as np
import sympy as sp

from backproof.numerics.enclosures import kinks
from backproof.numerics.enclosures.composition import compose
from backproof.numerics.enclosures.functions import Smooth
from backproof.numerics.enclosures.kinks import Boxes
from backproof.numerics.enclosures.rounding import Array
from backproof.numerics.enclosures.taylor import Taylor, constant, hull
from backproof.theory.errors import UnsupportedError


def constant_number(value: float, error: float, boxes: Boxes) -> Taylor:
    """A constant known up to an error."""
    shape = len(boxes.centre)
    return constant(boxes.basis, np.full(shape, value), np.full(shape, error))


def variable(axis: int, boxes: Boxes) -> Taylor:
    """A coordinate."""
    all_ = boxes.variables()
    return Taylor(all_.basis, all_.degree, all_.c[..., axis], all_.e[..., axis])


def plus(value: float, error: float, _: Boxes, q: Taylor) -> Taylor:
    """q + number."""
    return q.plus(value, error)


def times(value: float, error: float, _: Boxes, q: Taylor) -> Taylor:
    """number · q."""
    return q.times(value, error)


def composed(g: Smooth, _: Boxes, q: Taylor) -> Taylor:
    """g(q)."""
    return compose(g, q)


def natural(exponent: int, boxes: Boxes, q: Taylor) -> Taylor:
    """qⁿ by squaring."""
    if exponent == 1:
        return q
    half = natural(exponent // 2, boxes, q)
    return half * half * q if exponent % 2 else half * half


def of_sign(values: tuple[float, float, float], boxes: Boxes, q: Taylor) -> Taylor:
    """A function of the sign."""
    return kinks.sign(boxes, q, *values)


def larger_of(boxes: Boxes, p: Taylor, q: Taylor) -> Taylor:
    """max(p, q)."""
    return kinks.larger(boxes, p, q)


def smaller_of(boxes: Boxes, p: Taylor, q: Taylor) -> Taylor:
    """min(p, q)."""
    return -kinks.larger(boxes, -p, -q)


def pieces(
    conditions: list[sp.Basic], comparisons: list[sp.Basic], boxes: Boxes, *models: Taylor
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
    true, false = (np.array([part[n] for part in parts]) for n in (0, 1))
    if isinstance(condition, sp.And):
        return true.all(0), false.any(0)
    if isinstance(condition, sp.Or):
        return true.any(0), false.all(0)
    if isinstance(condition, sp.Not):
        return false[0], true[0]
    raise UnsupportedError("the target", f"the condition {condition}", "and, or, not", "rewrite it")


def either(p: Taylor, q: Taylor) -> Taylor:
    """All that is known is that the value is one of two."""
    (low, high), (lower, higher) = p.range(), q.range()
    return hull(p.basis, np.minimum(low, lower), np.maximum(high, higher))
