"""Proximal maps, derived: the minimiser of ½ (x − v)² + t ω(x) by the cases x ≠ 0 and x = 0.

    prox_{tω}(v) = argmin_x  F(x),        F(x) = ½ (x − v)² + t ω(x)

For an even penalty ω, smooth but for a kink or a jump at 0, it is enough to look at v ≥ 0 and
x ≥ 0.  There F has one stationary point x₊(v), the root of F′, and the minimiser is either x₊(v)
or 0, whichever is lower.  With D(v) = F(0) − F(x₊(v)), what is gained by leaving 0,

    D′(v) = x₊(v)        (envelope: ∂F/∂v at a minimiser is v − x, here v − (v − x₊))

so that D rises from where x₊ becomes positive on, and one threshold θ separates the cases:
the larger of the roots of x₊ and of D.  At the threshold of a penalty that jumps both points are
minimisers and 0 is taken, the sparser one.

Reference: N. Parikh and S. Boyd, Proximal Algorithms (2014), sections 1.1 and 6.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from backproof.theory.errors import UnsupportedError
from backproof.theory.scalars import absolute, nonzero, relu, sgn, step
from backproof.theory.steps import Step

POINT = sp.Symbol("x", positive=True)  # the minimiser, on the side that is looked at
CENTRE = sp.Symbol("v", real=True)
SCALE = sp.Symbol("t", positive=True)
JUMP = "where leaving 0 gains nothing, both 0 and the other point are minimisers: 0 is taken"


@dataclass(frozen=True)
class Proximal:
    """A proximal map: ``map`` in `CENTRE`, `SCALE` and the strengths, and how it was found.

    ``threshold`` is the largest |v| that is mapped to 0, none for a smooth penalty; ``jumps``
    says whether the map leaps there.
    """

    map: sp.Expr
    threshold: sp.Expr | None
    jumps: bool
    steps: tuple[Step, ...]


def proximal(penalty: sp.Expr, variable: sp.Symbol) -> Proximal:
    """The proximal map of t ω, ω a scalar penalty in ``variable`` with positive strengths.

    Raises `UnsupportedError` for a penalty that is not even, or whose stationary point has no
    closed form.

    >>> w, λ = sp.Symbol("w", real=True), sp.Symbol("λ", positive=True)
    >>> proximal(λ * absolute(w), w).map
    relu(-t*λ + absolute(v))*sgn(v)
    >>> proximal(λ * nonzero(w), w).map
    v*step(-2*t*λ + v**2)
    """
    right, left = (_on_one_side(penalty, variable, side) for side in (POINT, -POINT))
    if sp.expand(right - left) != 0:
        raise UnsupportedError(
            "proximal map",
            f"ω = {penalty}, not even",
            "ω(−x) = ω(x)",
            "minimise it by its gradient",
        )
    objective = (POINT - CENTRE) ** 2 / 2 + SCALE * right
    slope = sp.diff(objective, POINT)
    stationary = _stationary(slope, penalty)
    steps = [
        Step("one side", SCALE * penalty, objective, "ω is even: look at v ≥ 0 and x > 0"),
        Step("stationary point", slope, stationary, "where the derivative in x is zero"),
    ]
    if not penalty.has(absolute, nonzero):
        return Proximal(stationary, None, False, tuple(steps))
    gain = sp.factor(CENTRE**2 / 2 - objective.subs(POINT, stationary))
    assert sp.cancel(sp.diff(gain, CENTRE) - stationary) == 0, "the envelope theorem"
    threshold = _threshold(stationary, gain)
    found, jumps = _assembled(stationary, threshold)
    why = "the minimum is at 0 up to the threshold and at the stationary point beyond it"
    steps += [
        Step("gain of leaving 0", CENTRE**2 / 2 - objective, gain, "½ v² is the value at 0"),
        Step("threshold", gain, threshold, "where the gain is zero; it rises beyond"),
        Step("both sides", stationary, found, f"{why}; {JUMP}" if jumps else why),
    ]
    return Proximal(found, threshold, jumps, tuple(steps))


def _on_one_side(penalty: sp.Expr, variable: sp.Symbol, point: sp.Expr) -> sp.Expr:
    """The penalty at a point that is not zero: |x| is ±x there, and 1[x ≠ 0] is 1."""
    there = penalty.subs(variable, point)
    return there.replace(absolute, sp.Abs).replace(nonzero, lambda _: sp.S.One)


def _stationary(slope: sp.Expr, penalty: sp.Expr) -> sp.Expr:
    """The one root of F′, rising in v; refused where there is no such closed form."""
    point = sp.Dummy(real=True)  # the root of F′ may have any sign
    try:
        roots = sp.solve(slope.subs(POINT, point), point)
    except NotImplementedError:
        roots = []
    # F″ · dx₊/dv = 1 at a stationary point: one that rises with v is a minimum
    if len(roots) == 1 and sp.diff(roots[0], CENTRE).is_positive:
        return roots[0]
    raise UnsupportedError(
        "proximal map",
        f"ω = {penalty}, whose stationary points have no one closed form",
        "a penalty with one stationary point on each side of 0",
        "minimise it by its gradient",
    )


def _threshold(stationary: sp.Expr, gain: sp.Expr) -> sp.Expr:
    """The largest nonnegative root of the stationary point and of the gain."""
    roots = {*sp.solve(stationary, CENTRE), *sp.solve(gain, CENTRE)}
    candidates = [r for r in roots if r.is_nonnegative]
    (largest,) = (r for r in candidates if all((r - o).is_nonnegative for o in candidates))
    return largest


def _assembled(stationary: sp.Expr, threshold: sp.Expr) -> tuple[sp.Expr, bool]:
    """The map for either sign of v, and whether it jumps at the threshold.

    An affine x₊ that vanishes at θ is c (v − θ), and cut off there it is c · relu(v − θ).
    """
    size = absolute(CENTRE)
    at_threshold = sp.expand(stationary.subs(CENTRE, threshold))
    rate = sp.diff(stationary, CENTRE)
    if at_threshold == 0 and CENTRE not in rate.free_symbols:
        return sgn(CENTRE) * rate * relu(size - threshold), False
    odd = sp.expand(stationary.subs(CENTRE, -CENTRE) + stationary) == 0
    both = stationary if odd else sgn(CENTRE) * stationary.subs(CENTRE, size)
    return both * step(_beyond(size, threshold)), at_threshold != 0


def _beyond(size: sp.Expr, threshold: sp.Expr) -> sp.Expr:
    """What is positive where |v| > θ; squares are compared where that is free of roots."""
    square = sp.expand(threshold**2)
    rooted = any(not p.exp.is_Integer for p in threshold.atoms(sp.Pow))
    if rooted and all(p.exp.is_Integer for p in square.atoms(sp.Pow)):
        return CENTRE**2 - square
    return size - threshold
