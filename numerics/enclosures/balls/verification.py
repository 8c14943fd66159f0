"""A certificate of the float engine, checked again box by box in ball arithmetic."""

from __future__ import annotations

from dataclasses import replace

from backproof.numerics.enclosures.balls.arithmetic import (
    Ball,
    Precision,
    arb,
    float_above,
    hull,
)
from backproof.numerics.enclosures.balls.enclosing import enclose
from backproof.numerics.enclosures.balls.model import Box, Model
from backproof.numerics.enclosures.basis import basis
from backproof.numerics.enclosures.certificate import Certificate
from backproof.numerics.enclosures.rounding import TRUSTED
from backproof.numerics.enclosures.search import DEGREES, Enclosed

GROUNDS = frozenset({"enclosed"})
DEPTH = 30  # halvings after which a box is taken as it is
MORE = 8  # boxes enclosed for each box of the certificate, before the rest are taken as they are


def verified(claim: Certificate, q: Enclosed, derivatives: int = 0) -> Certificate:
    """The certificate with bounds that rest on ball arithmetic alone.

    ``derivatives`` is the largest order in q, for which power series reach farther.
    Boxes whose ball bound exceeds the float engine's ``upper`` are halved until none does; where
    that does not help soon, ``upper`` grows to what the balls show.
    """
    dimension = claim.low.shape[1]
    order = DEGREES[dimension]
    goal = arb(claim.upper)
    worst = arb(0)
    boxes = [
        (tuple(map(float, low)), tuple(map(float, high)), 0)
        for low, high in zip(claim.low, claim.high, strict=True)
    ]
    count, most = 0, MORE * len(boxes) + 200
    with Precision(order + 2 + derivatives):
        while boxes:
            low, high, depth = boxes.pop()
            count += 1
            bound = largest(enclose(q, box_of(low, high, order)), dimension)
            if bound <= goal or depth >= DEPTH or count > most:
                worst = worst.max(bound)
            else:
                boxes += [(*half, depth + 1) for half in halves(low, high)]
        value = abs(enclose(q, point_of(claim.point or ())).c[0])
        lower = value.lower()
    upper = float_above(worst.upper())
    low_float = float(lower) * (1 - 2.0**-50)
    found = max(0.0, low_float)
    return replace(
        claim,
        rests_on=GROUNDS,
        assumptions=TRUSTED,
        lower=found,
        upper=upper,
        met=claim.met and upper <= found * (1 + 2 * claim.rtol),
        engine="ball",
        enclosed=count,
    )


def box_of(low: tuple[float, ...], high: tuple[float, ...], order: int) -> Box:
    """Exact centre and radius: sums of two floats are exact here."""
    ends = [(arb(a), arb(b)) for a, b in zip(low, high, strict=True)]
    centre = tuple(((a + b) / 2).mid() for a, b in ends)
    radius = tuple((b - m).max(m - a).upper() for (a, b), m in zip(ends, centre, strict=True))
    return Box(basis(len(low), order), centre, radius)


def point_of(point: tuple[float, ...]) -> Box:
    """A box without extent."""
    return Box(basis(len(point), 0), tuple(map(arb, point)), tuple(arb(0) for _ in point))


def halves(
    low: tuple[float, ...], high: tuple[float, ...]
) -> list[tuple[tuple[float, ...], tuple[float, ...]]]:
    """Both halves, along the longest side."""
    axis = max(range(len(low)), key=lambda n: high[n] - low[n])
    middle = 0.5 * low[axis] + 0.5 * high[axis]
    below = tuple(middle if n == axis else x for n, x in enumerate(high))
    above = tuple(middle if n == axis else x for n, x in enumerate(low))
    return [(low, below), (above, high)]


def largest(q: Model, dimension: int) -> Ball:
    """An upper bound of |q| over the box, the quadratic in each variable maximised."""
    if not all(c.is_finite() for c in q.c):
        return arb.pos_inf()
    squares = q.basis.squares if len(q.c) > 1 + dimension else ()
    special = {0, *range(1, 1 + dimension), *squares}
    rest = sum((c.abs_upper() for n, c in enumerate(q.c) if n not in special), arb(0))
    sides = []
    for sign in (1, -1):
        total = sign * q.c[0]
        for axis in range(dimension if len(q.c) > 1 else 0):
            a, b = sign * q.c[1 + axis], sign * q.c[squares[axis]] if squares else arb(0)
            total = total + parabola(a, b)
        sides.append((total + rest).upper())
    return sides[0].max(sides[1]).max(arb(0))


def parabola(a: Ball, b: Ball) -> Ball:
    """max over |t| ≤ 1 of a t + b t², as a ball: −a²/4b inside, |a| + b at the ends."""
    ends = abs(a) + b
    if b < 0:
        inner = -a * a / (4 * b)
        if abs(a) > -2 * b:
            return ends
        return inner if abs(a) < -2 * b else hull(inner, ends)
    return ends
