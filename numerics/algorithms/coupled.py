"""Two runs of stochastic gradient descent on data sets that differ in one example.

Both draw the same index i_t ∈ {0, …, n − 1} at each step; δ_t = |w_t − w′_t|.  Along every path, by
the factor η_t of a step,

    δ_{t+1} ≤ η_t δ_t + α_t D [i_t is the example that differs],

which `path_bound` iterates; the bounds on E δ_T are its expectation.
Reference: Hardt, Recht and Singer 2016, lemma 2.5.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from backproof.numerics.kernel import compile
from backproof.theory.calculus.derivation import derive
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model

Array = np.ndarray[Any, np.dtype[Any]]
Gradient = Callable[[Array, int], Array]


@dataclass(frozen=True)
class CoupledRuns:
    """``distance`` δ_t of shape (runs, T + 1), ``hits`` (runs, T), ``last`` (runs, 2, d)."""

    distance: Array
    hits: Array
    last: Array


def coupled_runs(
    model: Model,
    first: Sequence[dict[str, Any]],
    second: Sequence[dict[str, Any]],
    steps: Sequence[float],
    *,
    runs: int,
    seed: int,
    wrt: str = "w",
    radius: float = np.inf,
    dimension: int,
) -> CoupledRuns:
    """Runs from w = 0 with steps α_t, each projected to the ball |w| ≤ ``radius``.

    ``first`` and ``second`` hold the inputs of each example; they differ in one place at most.  The
    gradient is that which the library derives and compiles from the model of one example.

    >>> from backproof.theory.trace.tracing import trace
    >>> model = trace("w @ x", w="d", x="d")
    >>> here, there = {"x": [1.0]}, {"x": [-1.0]}
    >>> made = coupled_runs(model, [here], [there], [0.5, 0.5], runs=1, seed=0, dimension=1)
    >>> made.distance.tolist()
    [[0.0, 1.0, 2.0]]
    """
    place = differing(first, second)
    kernel = compile(derive(model, wrt=wrt))
    examples = len(first)
    distance = np.zeros((runs, len(steps) + 1))
    drawn = np.random.default_rng(seed).integers(0, examples, size=(runs, len(steps)))
    last = np.empty((runs, 2, dimension))
    for run in range(runs):
        w = [np.zeros(dimension), np.zeros(dimension)]
        for t, (alpha, index) in enumerate(zip(steps, drawn[run], strict=True)):
            for side, data in enumerate((first, second)):
                moved = w[side] - alpha * kernel(**{wrt: w[side]}, **data[index])[wrt]
                size = float(np.linalg.norm(moved))
                w[side] = moved if size <= radius else moved * (radius / size)
            distance[run, t + 1] = np.linalg.norm(w[0] - w[1])
        last[run] = w
    return CoupledRuns(distance, drawn == place, last)


def differing(first: Sequence[dict[str, Any]], second: Sequence[dict[str, Any]]) -> int:
    """The place of the one example in which two data sets differ (or 0, if none)."""
    if len(first) != len(second) or not first:
        raise BackproofError(
            "data sets", f"{len(first)} and {len(second)} examples", "equally many", "check them"
        )
    places = [
        n
        for n, (one, other) in enumerate(zip(first, second, strict=True))
        if any(not np.array_equal(one[name], other[name]) for name in one)
    ]
    if len(places) > 1:
        raise BackproofError(
            "data sets", f"{len(places)} examples that differ", "one", "let all others agree"
        )
    return places[0] if places else 0


def path_bound(
    hits: Array, steps: Sequence[float], factors: Sequence[float], spread: float
) -> Array:
    """The bound of δ_t along each path, from its own hits: shape (runs, T + 1).

    >>> path_bound(np.array([[True, False, True]]), [1, 1, 1], [0.5, 0.5, 0.5], 2).tolist()
    [[0.0, 2.0, 1.0, 2.5]]
    """
    bound = np.zeros((hits.shape[0], hits.shape[1] + 1))
    for t, (alpha, factor) in enumerate(zip(steps, factors, strict=True)):
        bound[:, t + 1] = factor * bound[:, t] + alpha * spread * hits[:, t]
    return bound


def expected_bound(
    steps: Sequence[float], factors: Sequence[float], spread: float, examples: int
) -> Array:
    """The expectation of `path_bound`: shape (T + 1,)."""
    chance = np.full((1, len(steps)), 1.0 / examples)
    return path_bound(chance, steps, factors, spread)[0]


def exact_expectation(
    gradient: Callable[[Fraction, Fraction], Fraction],
    first: Sequence[Fraction],
    second: Sequence[Fraction],
    steps: Sequence[Fraction],
) -> Fraction:
    """E |w_T − w′_T| over all n^T sequences of indices, in one dimension and in fractions.

    >>> one = Fraction(1)
    >>> exact_expectation(lambda w, z: z, [one, one], [one, -one], [one / 2, one / 2])
    Fraction(1, 1)
    """
    total = Fraction(0)
    for path in itertools.product(range(len(first)), repeat=len(steps)):
        w, v = Fraction(0), Fraction(0)
        for alpha, index in zip(steps, path, strict=True):
            w -= alpha * gradient(w, first[index])
            v -= alpha * gradient(v, second[index])
        total += abs(w - v)
    return total / len(first) ** len(steps)


def mean_with_error(values: Array, largest: float, level: float) -> tuple[float, float]:
    """The mean of independent values in [0, ``largest``], and how far the true mean may be above.

    The empirical Bernstein bound √(2 v ln(2/α)/N) + 7 M ln(2/α)/(3(N − 1)), which holds with
    probability 1 − α.
    Reference: Maurer and Pontil, Empirical Bernstein bounds, COLT 2009, theorem 4.
    """
    count = len(values)
    log = np.log(2 / level)
    spread = float(np.sqrt(2 * values.var(ddof=1) * log / count))
    return float(values.mean()), spread + 7 * largest * float(log) / (3 * (count - 1))
