"""Parallel tempering: chains at several β that exchange their states.

Replicas a and b swap with probability min(1, f_a(x_b) f_b(x_a) / (f_a(x_a) f_b(x_b))), f_β the
weight of a state at β along the path, which leaves the
product of their distributions invariant.  Reference: C. Geyer (1991).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from backproof.numerics.sampling.conditionals import State
from backproof.numerics.sampling.path import Path
from backproof.theory.errors import BackproofError


@dataclass
class Tempering:
    """A replica for every β, from the one asked for (β = 1, the last) to the flattest.

    Every replica has the same number of rows; row r of one swaps with row r of the next.
    ``accepted`` and ``proposed`` count swaps for each pair of neighbours.
    """

    path: Path
    betas: Sequence[float]
    states: list[State]
    random: np.random.Generator
    rounds: int = 0
    accepted: np.ndarray = field(init=False)
    proposed: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        if (
            len(self.betas) < 2
            or self.betas[-1] != 1
            or any(a >= b for a, b in pairwise(self.betas))
        ):
            raise BackproofError(
                "betas", f"{list(self.betas)}", "rising numbers that end with 1", "e.g. [0, 0.5, 1]"
            )
        self.accepted = np.zeros(len(self.betas) - 1, int)
        self.proposed = np.zeros(len(self.betas) - 1, int)

    @classmethod
    def start(
        cls, path: Path, betas: Sequence[float], rows: int, random: np.random.Generator
    ) -> Tempering:
        """Replicas that all start from independent units."""
        return cls(path, betas, [path.start(rows, random) for _ in betas], random)

    def advance(self, rounds: int = 1) -> State:
        """Sweep every replica, then swap neighbours: even pairs in one round, odd in the next."""
        for _ in range(rounds):
            for n, beta in enumerate(self.betas):
                self.states[n] = self.path.moved(self.states[n], beta, self.random)
            for n in range(self.rounds % 2, len(self.betas) - 1, 2):
                self.swap(n)
            self.rounds += 1
        return self.states[-1]

    def swap(self, n: int) -> None:
        """Exchange rows of replicas n and n + 1 where the rule accepts."""
        ratio = self.log_ratio(n, self.states[n], self.states[n + 1])
        accept = np.log(1 - self.random.random(len(ratio))) < ratio
        for name in self.path.kept:
            low, high = self.states[n][name], self.states[n + 1][name]
            which = accept.reshape(-1, *(1,) * (low.ndim - 1))
            self.states[n][name] = np.where(which, high, low)
            self.states[n + 1][name] = np.where(which, low, high)
        self.accepted[n] += int(accept.sum())
        self.proposed[n] += len(accept)

    def log_ratio(self, n: int, low: State, high: State) -> np.ndarray:
        """log of the ratio that decides a swap of states ``low`` (at n) and ``high`` (at n + 1)."""
        a, b = self.betas[n], self.betas[n + 1]
        log_f = self.path.log_f
        return log_f(high, a) + log_f(low, b) - log_f(low, a) - log_f(high, b)
