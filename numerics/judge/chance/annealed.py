"""Annealed importance sampling: weights whose mean is a ratio of partition functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from backproof.numerics.exact.two_groups import Enumeration, small
from backproof.numerics.judge.chance.contract import BUDGET, Array, Broken, Caller, Contract
from backproof.numerics.judge.chance.counting import Test
from backproof.numerics.judge.finding import Finding
from backproof.theory.energy.builders import rbm

RUNS = 60_000
LADDERS = ((0.0, 0.4, 1.0), (0.0, 0.3, 0.6, 1.0))
SETTINGS = ((3, 2, 1.0), (2, 3, 0.8))


@dataclass(frozen=True)
class Annealed(Contract):
    """Log-weights of n runs from β = 0 to 1, where everything is multiplied by β.

        E[w] = Z/Z₀,      Z₀ = 2^(visible + hidden),      0 ≤ w ≤ max e^{−E}

    A state is weighed by f_{next}/f_{this} before it is moved by a transition of the next β, the
    energy's or with the hidden units summed out.  The mean of n weights is held against Z by the
    empirical Bernstein bound, which needs no variance (A. Maurer, M. Pontil, COLT 2009, theorem 4).
    """

    budget: float = BUDGET

    @property
    def arguments(self) -> tuple[str, ...]:
        return ("W", "b_v", "b_h", "betas", "n")

    @property
    def title(self) -> str:
        return "weights of annealed importance sampling"

    def tests(self, caller: Caller, seed: int) -> Iterator[Callable[[float], Test]]:
        for model, betas, weights in self.runs(caller, seed):
            words = f"the mean weight over {len(betas) - 1} steps, {len(weights)} runs"
            exact, top = _ratio(model), float(np.exp(-model.energy.min()))
            yield partial(of_weights, words, weights, exact, top)

    def runs(self, caller: Caller, seed: int) -> Iterator[tuple[Enumeration, Array, Array]]:
        """For each setting: the model, the ladder and the weights."""
        rng = np.random.default_rng([seed, 61])
        for number, ((n, m, scale), ladder) in enumerate(zip(SETTINGS, LADDERS, strict=True)):
            model, betas = small(rbm("n", "m"), n, m, scale, rng), np.array(ladder)
            values = {**model.values, "betas": betas}
            if number == 0:
                caller.require_generator({**values, "n": 16}, seed)
            made = caller(rng, **{**values, "n": RUNS})
            logs: Array = np.asarray(made[0] if isinstance(made, tuple) else made, float)
            if logs.shape != (RUNS,):
                found, move = f"shape {logs.shape}", "return the log-weight of each run"
                raise Broken(Finding("shape", "wrong", caller.title, found, f"({RUNS},)", move))
            if not np.all(logs < np.inf):
                found, move = "a weight that is ∞ or nan", "add logarithms"
                raise Broken(Finding("support", "wrong", caller.title, found, "numbers", move))
            yield model, betas, np.exp(logs)

    def cause(self, caller: Caller, seed: int, failed: Sequence[Test]) -> str:
        """The expectation of a mistake, where the means agree with that one."""
        fitting = []
        for model, betas, weights in self.runs(caller, seed + 1):
            top = float(np.exp(-model.energy.min()))
            fitting.append(
                [
                    said
                    for said, exact in mistaken(model, betas)
                    if not of_weights(said, weights, exact, top, 1e-3).rejects
                ]
            )
        shared = [w for w in fitting[0] if all(w in others for others in fitting)]
        return shared[0] if shared else ""


def of_weights(words: str, weights: Array, exact: float, top: float, alpha: float) -> Test:
    """Whether the mean of weights between 0 and ``top`` is what it is expected to be."""
    n = len(weights)
    bits = np.log(4 / alpha)
    variance = float(np.var(weights, ddof=1))
    bound = float(np.sqrt(2 * variance * bits / n) + 7 * top * bits / (3 * (n - 1)))
    mean = float(np.mean(weights))
    detail = f"mean {mean:.5g}, exactly {exact:.5g}"
    power = f"a bias of {2 * bound / exact:.2g} of it is found with power at least {1 - alpha:.6f}"
    return Test(words, abs(mean - exact) / bound, 1.0, n, detail, power)


def _ratio(model: Enumeration) -> float:
    """Z/Z₀."""
    return float(np.mean(np.exp(-model.energy)))


def mistaken(model: Enumeration, betas: Array) -> Iterator[tuple[str, float]]:
    """Expected weights as people get them wrong, each with its words."""
    yield "a state is weighed after it is moved, not before", _after(model, betas)
    right = _ratio(model)
    yield "Z₀ is counted in", right * model.energy.size
    yield "the weights are upside down", _expected(model, betas, -1)
    yield "the last step is left out", float(np.mean(np.exp(-betas[-2] * model.energy)))


def _factor(model: Enumeration, low: float, high: float) -> Array:
    """f_high/f_low of each visible state, the hidden units summed out."""
    f = [np.exp(-beta * model.energy).sum(axis=1) for beta in (low, high)]
    return np.asarray(f[1] / f[0])


def _moved(model: Enumeration, beta: float) -> Array:
    """The transition of a β."""
    values = {name: beta * array for name, array in model.values.items()}
    return Enumeration(model.machine, values).transition


def _expected(model: Enumeration, betas: Array, power: int = 1) -> float:
    """E[wᵖ] of runs that weigh before they move."""
    mass: Array = np.full(len(model.v), 1 / len(model.v))
    for low, high in pairwise(betas):
        mass = (mass * _factor(model, low, high) ** power) @ _moved(model, high)
    return float(mass.sum())


def _after(model: Enumeration, betas: Array) -> float:
    """E[w] of runs that move before they weigh."""
    mass: Array = np.full(len(model.v), 1 / len(model.v))
    for low, high in pairwise(betas):
        mass = (mass @ _moved(model, high)) * _factor(model, low, high)
    return float(mass.sum())
