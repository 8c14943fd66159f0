"""Laws of proximal maps, against minimisation in many digits that knows no formula."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import mpmath
import sympy as sp

from backproof.theory.proximal import CENTRE, SCALE, Proximal
from backproof.theory.regularisers import Regulariser
from backproof.theory.scalars import defined

DIGITS = 40
CLOSE = mpmath.mpf(10) ** -30  # of a minimum: a minimiser off by 1e-14 is told apart
NEAR = mpmath.mpf(10) ** -12  # beside a threshold
Number = Any
Penalty = Callable[[Number], Number]

# ω in plain numbers, written once more.
PENALTIES: dict[str, Callable[..., Number]] = {
    "l2": lambda w, λ: λ * w * w,
    "l1": lambda w, λ: λ * abs(w),
    "l0": lambda w, λ: λ * (w != 0),
    "elastic_net": lambda w, λ, μ: λ * abs(w) + μ * w * w,
}
STRENGTHS = (mpmath.mpf("0.5"), mpmath.mpf(1), mpmath.mpf("0.1"))
STEPS = (mpmath.mpf("0.25"), mpmath.mpf(2))


def cases(regulariser: Regulariser) -> Iterator[tuple[Number, Number, tuple[Number, ...]]]:
    """(v, t, strengths), with the ends of the interval that is mapped to zero among the v."""
    count = len(regulariser.strengths)
    for t, first in itertools.product(STEPS, STRENGTHS):
        strengths = (first, STRENGTHS[1])[:count]
        threshold = regulariser.derived_proximal().threshold
        symbols = dict(zip(regulariser.strengths, strengths, strict=True)) | {"t": t}
        ends = []
        if threshold is not None:
            end = sp.lambdify(list(threshold.free_symbols), threshold, "mpmath")
            at = end(*(symbols[s.name] for s in threshold.free_symbols))
            ends = [at, -at, at * (1 + NEAR), at * (1 - NEAR)]
        for v in (*map(mpmath.mpf, ("0", "0.01", "-0.3", "0.7", "-1.5", "3")), *ends):
            yield v, t, strengths


def map_of(derived: Proximal, regulariser: Regulariser) -> Callable[..., Number]:
    """prox(v, t, strengths…) in mpmath numbers."""
    known = [sp.Symbol(s, positive=True) for s in regulariser.strengths]
    return sp.lambdify([CENTRE, SCALE, *known], defined(derived.map), "mpmath")


def minimised(objective: Penalty, reach: Number, steps: int = 110) -> tuple[Number, Number]:
    """The minimiser and minimum on [−reach, reach], by golden sections on each side of 0, and 0."""
    ratio = (mpmath.sqrt(5) - 1) / 2
    best = (mpmath.mpf(0), objective(mpmath.mpf(0)))
    for side in (1, -1):
        low, high = mpmath.mpf(0), reach
        for _ in range(steps):
            a, b = high - ratio * (high - low), low + ratio * (high - low)
            if objective(side * a) <= objective(side * b):
                high = b
            else:
                low = a
        found = side * (low + high) / 2
        if objective(found) < best[1]:
            best = found, objective(found)
    return best


def it_minimises(derived: Proximal, regulariser: Regulariser) -> int:
    """p = prox(v) attains min_x ½ (x − v)² + t ω(x) to thirty digits."""
    proximal, penalty = map_of(derived, regulariser), PENALTIES[regulariser.name]
    compared = 0
    for v, t, strengths in cases(regulariser):

        def objective(x: Number, v: Number = v, t: Number = t, at: Any = strengths) -> Number:
            return (x - v) ** 2 / 2 + t * penalty(x, *at)

        p = proximal(v, t, *strengths)
        _, least = minimised(objective, abs(v) + 1)
        assert objective(p) <= least + CLOSE, f"{regulariser.name} at {v}, {t}, {strengths}: {p}"
        compared += 1
    return compared


def ties_go_to_zero(derived: Proximal, regulariser: Regulariser) -> None:
    """At |v| = θ of a map that jumps both points are minimisers, and 0 is taken."""
    assert derived.jumps
    proximal, penalty = map_of(derived, regulariser), PENALTIES[regulariser.name]
    for t, strength, v in ((2, 1, 2), (mpmath.mpf("0.5"), 9, 3), (8, mpmath.mpf("0.25"), -2)):
        value = {x: mpmath.mpf(x - v) ** 2 / 2 + t * penalty(x, strength) for x in (0, v)}
        assert value[0] == value[v], "no tie"
        assert proximal(mpmath.mpf(v), t, strength) == 0


def conjugate(penalty: Penalty, y: Number, reach: Number) -> Number:
    """ω*(y) = sup_x x y − ω(x) over |x| ≤ reach: where that is infinite, a very steep wall."""
    return -minimised(lambda x: penalty(x) - x * y, reach, 70)[1]


def moreau_decomposition(derived: Proximal, regulariser: Regulariser) -> None:
    """v = prox_{tω}(v) + t prox_{ω*/t}(v/t), the second found by minimisation alone.

    With y = (v − prox_{tω}(v))/t the claim is that y minimises ½ (y − v/t)² + ω*(y)/t.
    """
    proximal, penalty = map_of(derived, regulariser), PENALTIES[regulariser.name]
    t, strengths = mpmath.mpf(2), (STRENGTHS[0], STRENGTHS[1])[: len(regulariser.strengths)]
    for v in map(mpmath.mpf, ("-0.4", "1", "2.5")):

        def dual(y: Number, v: Number = v) -> Number:
            wall = conjugate(lambda x: penalty(x, *strengths), y, mpmath.mpf(10) ** 4)
            return (y - v / t) ** 2 / 2 + wall / t

        y = (v - proximal(v, t, *strengths)) / t
        found, _ = minimised(dual, abs(v) + 1, 45)
        assert abs(found - y) < mpmath.mpf(10) ** -8, f"{regulariser.name} at {v}: {y}, not {found}"


def nothing_is_moved_apart(derived: Proximal, regulariser: Regulariser) -> None:
    """|prox(a) − prox(b)| ≤ |a − b|, and prox(−a) = −prox(a)."""
    proximal = map_of(derived, regulariser)
    points = [mpmath.mpf(n) / 7 for n in range(-14, 15)]
    at = (mpmath.mpf("0.75"), *STRENGTHS[: len(regulariser.strengths)])
    for a, b in itertools.pairwise(points):
        assert abs(proximal(a, *at) - proximal(b, *at)) <= abs(a - b)
        assert proximal(-a, *at) == -proximal(a, *at)
