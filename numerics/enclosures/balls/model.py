"""Polynomials with ball coefficients over one box: f(m + r t) ∈ Σ C_α t^α for t ∈ [−1, 1]^d.

What a truncation loses widens the constant coefficient, so that no separate remainder is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from backproof.numerics.enclosures.balls.arithmetic import Ball, arb, exactly, hull
from backproof.numerics.enclosures.balls.functions import CURVES, Curve, Jets, power
from backproof.numerics.enclosures.basis import Basis


@dataclass(frozen=True, slots=True)
class Box:
    """One box, with centre and radius as exact balls."""

    basis: Basis
    centre: tuple[Ball, ...]
    radius: tuple[Ball, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """Ball coefficients by monomial, up to some degree."""

    basis: Basis
    c: list[Ball] = field(default_factory=list)

    def spread(self) -> Ball:
        """The ball of all values of the non-constant part."""
        if len(self.c) == 2:
            return within(self.c[1])
        return sum(map(within, self.c[1:]), arb(0))

    def range(self) -> Ball:
        """A ball that holds all values."""
        return self.c[0] + self.spread()

    def __neg__(self) -> Model:
        return Model(self.basis, [-c for c in self.c])

    def __add__(self, other: Model) -> Model:
        short, long = sorted((self.c, other.c), key=len)
        return Model(
            self.basis, [a + b for a, b in zip(short, long, strict=False)] + long[len(short) :]
        )

    def __sub__(self, other: Model) -> Model:
        return self + (-other)

    def __mul__(self, other: Model) -> Model:
        basis, lost = self.basis, arb(0)
        found: dict[int, Ball] = {}
        for n, a in enumerate(self.c):
            for m, b in enumerate(other.c):
                place = basis.place(n, m)
                if place is None:
                    lost = lost + within(a * b)
                else:
                    found[place] = found[place] + a * b if place in found else a * b
        size = basis.count(basis.degrees[max(found)])
        c = [found.get(n, arb(0)) for n in range(size)]
        c[0] = c[0] + lost
        return Model(basis, c)


def within(c: Ball) -> Ball:
    """All c t with |t| ≤ 1."""
    return arb(0, c.abs_upper())


def constant(box: Box, value: Ball) -> Model:
    """A constant."""
    return Model(box.basis, [value])


def variable(box: Box, axis: int) -> Model:
    """A coordinate, m + r t."""
    c = [box.centre[axis]]
    if box.basis.degree:
        c += [box.radius[axis] if n == axis else arb(0) for n in box.basis.linear_axes]
    else:
        c[0] = c[0] + within(box.radius[axis])
    return Model(box.basis, c)


def compose(curve: Curve | Jets, q: Model) -> Model:
    """g(q) = Σ_{k≤D} g_k(C₀) Pᵏ + [g_{D+1} over the range] Pᴰ⁺¹."""
    basis = q.basis
    if len(q.c) == 1:
        return Model(basis, [curve.jets(q.c[0], 0)[0]])
    order = basis.degree + 1
    spread = q.spread()
    jets = curve.jets(q.c[0], basis.degree)
    remainder = within(curve.bound(q.c[0] + spread, order) * spread.abs_upper() ** order)
    if basis.dimension == 1 and len(q.c) == 2:
        p, factor, c = q.c[1], arb(1), [jets[0] + remainder]
        for jet in jets[1:]:
            factor = factor * p
            c.append(jet * factor)
        return Model(basis, c)
    inner = Model(basis, [arb(0), *q.c[1:]])
    result = Model(basis, [jets[-1]])
    for jet in reversed(jets[:-1]):
        result = result * inner
        result.c[0] = result.c[0] + jet
    result.c[0] = result.c[0] + remainder
    return result


def relu(box: Box, q: Model) -> Model:
    """max(q, 0): the chord where the sign is not known."""
    values = q.range()
    if values > 0:
        return q
    if values < 0:
        return constant(box, arb(0))
    low, high = values.lower(), values.upper()
    if not (high.is_finite() and low.is_finite()) or high - low == 0:
        return constant(box, hull(arb(0), high))
    slope = arb(max(0.0, min(1.0, float(high) / (float(high) - float(low)))))
    gap = hull(arb(0), ((1 - slope) * high).max(-slope * low).max(arb(0)))
    c = [slope * a for a in q.c]
    c[0] = c[0] + gap
    return Model(q.basis, c)


def absolute(box: Box, q: Model) -> Model:
    """|q|."""
    values = q.range()
    if values > 0:
        return q
    if values < 0:
        return -q
    return relu(box, q) + relu(box, q) - q


def larger(box: Box, p: Model, q: Model) -> Model:
    """max(p, q)."""
    return q + relu(box, p - q)


def of_sign(box: Box, below: float, at: float, above: float, q: Model) -> Model:
    """A function of the sign alone."""
    values = q.range()
    if values > 0:
        return constant(box, arb(above))
    if values < 0:
        return constant(box, arb(below))
    if values.is_zero():
        return constant(box, arb(at))
    return constant(box, hull(hull(arb(below), arb(at)), arb(above)))


def natural(box: Box, exponent: int, q: Model) -> Model:
    """qⁿ."""
    if exponent == 1:
        return q
    half = natural(box, exponent // 2, q)
    return half * half * q if exponent % 2 else half * half


def composed(box: Box, symbol: type[sp.Basic], exponent: sp.Rational | None, q: Model) -> Model:
    """g(q); for a root near zero the hull over the range, where it is narrower."""
    if exponent is None:
        return compose(CURVES[symbol], q)
    if exponent.is_Integer or exponent < 0:
        return compose(power(exponent), q)
    values, p = q.range(), arb(int(exponent.p)) / int(exponent.q)
    if not values.upper() >= 0:
        return constant(box, arb.nan())
    ends = (values.lower().max(arb(0)), values.upper())
    known = hull(*(end**p if end > 0 else arb(0) for end in ends))
    if not values > 0:
        return constant(box, known)
    smooth = compose(power(exponent), q)
    return smooth if smooth.c[0].rad() < known.rad() else constant(box, known)


def pieces(
    box: Box, conditions: list[sp.Basic], comparisons: list[sp.Basic], *models: Model
) -> Model:
    """From the last piece to the first; the hull of both where a condition is not decided."""
    values, differences = models[: len(conditions)], models[len(conditions) :]
    known = {c: _decided(d.range()) for c, d in zip(comparisons, differences, strict=True)}
    result = constant(box, arb.nan())
    for here, condition in reversed(list(zip(values, conditions, strict=True))):
        holds = _holds(condition, known)
        if holds is None:
            result = constant(box, hull(here.range(), result.range()))
        elif holds:
            result = here
    return result


def _decided(difference: Ball) -> bool | None:
    return True if difference > 0 else False if difference < 0 else None


def _holds(condition: sp.Basic, known: dict[sp.Basic, bool | None]) -> bool | None:
    if condition in known:
        return known[condition]
    if condition in (sp.true, sp.false):
        return bool(condition)
    parts = [_holds(a, known) for a in condition.args]
    if isinstance(condition, sp.Not):
        return None if parts[0] is None else not parts[0]
    decisive = isinstance(condition, sp.Or)
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive


def _plus(box: Box, value: sp.Expr, q: Model) -> Model:
    return Model(q.basis, [q.c[0] + exactly(value), *q.c[1:]])


def _times(box: Box, value: sp.Expr, q: Model) -> Model:
    factor = exactly(value)
    return Model(q.basis, [factor * c for c in q.c])


RULES: dict[str, Any] = {
    "number": lambda box, value: constant(box, exactly(value)),
    "variable": variable,
    "plus": _plus,
    "times": _times,
    "add": lambda _, p, q: p + q,
    "multiply": lambda _, p, q: p * q,
    "natural": natural,
    "composed": composed,
    "relu": relu,
    "absolute": absolute,
    "sign": of_sign,
    "larger": larger,
    "smaller": lambda box, p, q: -larger(box, -p, -q),
    "pieces": pieces,
}
