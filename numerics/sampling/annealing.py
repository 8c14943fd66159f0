"""Annealed importance sampling, forward and in reverse: estimates that bracket log Z.

A path of machines β = 0 … 1: weights times β, and biases b₀ + β (b − b₀).  At β = 0 the units are
independent and log Z₀ is known.  With f_β the weight of the groups that are kept (the others are
summed out), a forward run draws from p₀ and multiplies f_{next}(x)/f_{this}(x) *before* each move
by a sweep at the next β, which leaves its p invariant: E[w] = Z₁/Z₀ exactly.  A reverse run starts
from p₁ and goes down: E[w] = Z₀/Z₁.  By Jensen the means of the logs lie below and above log Z.

References: R. Neal, Statistics and Computing 11 (2001); R. Salakhutdinov, I. Murray, ICML (2008);
Y. Burda, R. Grosse, R. Salakhutdinov, AISTATS (2015) for the reverse.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np

from backproof.numerics.sampling.conditionals import State
from backproof.numerics.sampling.path import Path
from backproof.numerics.sampling.workers import Progress, spread
from backproof.theory.errors import BackproofError

BLOCK = 32  # runs that share a generator: the answer is the same however many workers there are


class Annealed(Protocol):
    """A path of machines from independent units: `Path`, or `GraphPath` for a literal machine."""

    @property
    def kept(self) -> tuple[str, ...]:
        """The names of the states that are kept; the others are summed out."""

    @property
    def log_Z0(self) -> float:
        """log Z of the independent units."""

    def log_f(self, states: State, beta: float) -> np.ndarray:
        """log of the unnormalised probability of the kept states."""

    def moved(self, states: State, beta: float, random: np.random.Generator) -> State:
        """A transition that leaves p_beta invariant."""

    def start(self, rows: int, random: np.random.Generator) -> State:
        """Exact draws at β = 0."""


class Population(Protocol):
    """What a schedule of annealing works on: weighted samples, or the measure itself."""

    def reweigh(self, low: float, high: float) -> None:
        """Multiply by f_high/f_low."""

    def move(self, beta: float) -> None:
        """Apply a transition that leaves p_beta invariant."""


def anneal(population: Population, betas: Sequence[float]) -> None:
    """Go along the path: weigh before each move; no move is needed at the end."""
    for low, high in pairwise(betas):
        population.reweigh(low, high)
        if high != betas[-1]:
            population.move(high)


@dataclass
class Particles:
    """Weighted samples of the kept groups."""

    path: Annealed
    states: State
    log_weight: np.ndarray
    random: np.random.Generator

    def reweigh(self, low: float, high: float) -> None:
        """log w += log f_high(x) − log f_low(x)."""
        f = self.path.log_f(self.states, high) - self.path.log_f(self.states, low)
        self.log_weight = self.log_weight + f

    def move(self, beta: float) -> None:
        """A sweep of every sample."""
        self.states = self.path.moved(self.states, beta, self.random)


@dataclass(frozen=True)
class Estimate:
    """An estimate of log Z with its standard error (by the delta method) and its weights."""

    log_Z: float
    error: float
    mean: float  # the mean of the runs' own estimates: below log Z forward, above in reverse
    log_weights: np.ndarray
    rests_on: tuple[str, ...] = ("derived", "sampled")

    @property
    def effective(self) -> float:
        """How many equally weighted runs the weights are worth."""
        w = np.exp(self.log_weights - self.log_weights.max())
        return float(w.sum() ** 2 / (w**2).sum())


@dataclass(frozen=True)
class Bracket:
    """Estimates from below and from above, and the gap between them."""

    forward: Estimate
    reverse: Estimate

    @property
    def gap(self) -> float:
        """The mean of the reverse runs minus that of the forward ones."""
        return self.reverse.mean - self.forward.mean

    def __str__(self) -> str:
        low, high = self.forward.mean, self.reverse.mean
        return f"log Z in [{low:.4f}, {high:.4f}] in expectation, gap {self.gap:.4f}"


def forward(
    path: Annealed,
    betas: int | Sequence[float],
    runs: int,
    seed: int,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Estimate:
    """log Z from annealing upward from independent units.

    The runs are independent: any executor of `concurrent.futures` may share them, and the answer
    is the same, bit for bit, however many workers it has.
    Raises `BackproofError` for a schedule that does not rise from 0 to 1.
    """
    schedule = _schedule(betas)
    weights = _blocks(path, schedule, runs, seed, executor, progress, None)
    return _estimate(path.log_Z0 + weights, 1)


def reverse(
    path: Annealed,
    betas: int | Sequence[float],
    start: State,
    seed: int,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Estimate:
    """log Z from annealing downward from samples of the machine (its kept groups).

    The estimate is an upper bound in expectation if ``start`` are exact samples; chains that have
    not mixed make it a guess.
    """
    schedule = _schedule(betas)[::-1]
    missing = [name for name in path.kept if name not in start]
    if missing:
        raise BackproofError("start", f"no states of {missing[0]}", ", ".join(path.kept), "add it")
    runs = len(start[path.kept[0]])
    weights = _blocks(path, schedule, runs, seed, executor, progress, start)
    return _estimate(path.log_Z0 - weights, -1)


def bracket(
    path: Annealed,
    betas: int | Sequence[float],
    start: State,
    seed: int,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Bracket:
    """Forward and reverse estimates with the same schedule and number of runs."""
    runs = len(start[path.kept[0]])
    return Bracket(
        forward(path, betas, runs, seed, executor, progress),
        reverse(path, betas, start, seed + 1, executor, progress),
    )


@dataclass(frozen=True)
class Job:
    """A block of runs with a generator of its own, made of the seed and the block's place."""

    path: Annealed
    schedule: tuple[float, ...]
    rows: int
    seed: tuple[int, int]
    start: State | None

    def run(self) -> np.ndarray:
        """The log weights of the runs."""
        random = np.random.default_rng(list(self.seed))
        states = self.path.start(self.rows, random) if self.start is None else self.start
        population = Particles(self.path, states, np.zeros(self.rows), random)
        anneal(population, self.schedule)
        return np.asarray(population.log_weight, float)


def _blocks(
    path: Annealed,
    schedule: Sequence[float],
    runs: int,
    seed: int,
    executor: Executor | None,
    progress: Progress | None,
    start: State | None,
) -> np.ndarray:
    """Runs in blocks of a fixed size, so that the answer does not depend on the workers."""
    if runs < 1:
        raise BackproofError("annealing", f"{runs} runs", "one or more", "raise runs")
    jobs = [
        Job(
            path,
            tuple(schedule),
            min(BLOCK, runs - first),
            (seed, number),
            None if start is None else {k: start[k][first : first + BLOCK] for k in path.kept},
        )
        for number, first in enumerate(range(0, runs, BLOCK))
    ]
    return np.concatenate(spread(Job.run, jobs, executor, progress))


def _schedule(betas: int | Sequence[float]) -> list[float]:
    found = (
        list(np.linspace(0, 1, betas + 1)) if isinstance(betas, int) else [float(b) for b in betas]
    )
    rising = all(a < b for a, b in pairwise(found))
    if len(found) < 2 or found[0] != 0 or found[-1] != 1 or not rising:
        raise BackproofError(
            "betas", f"{found[:3]} …", "numbers that rise from 0 to 1", "write e.g. 1000"
        )
    return found


def _estimate(logs: np.ndarray, sign: int) -> Estimate:
    """log of the mean of exp(sign · logs), with sign."""
    signed = sign * logs
    peak = signed.max()
    ratios = np.exp(signed - peak)
    value = float(peak + np.log(ratios.mean()))
    error = float(ratios.std(ddof=1) / ratios.mean() / np.sqrt(len(logs))) if len(logs) > 1 else 0.0
    return Estimate(sign * value, error, float(logs.mean()), signed)


__all__ = ["Bracket", "Estimate", "Particles", "Path", "anneal", "bracket", "forward", "reverse"]
