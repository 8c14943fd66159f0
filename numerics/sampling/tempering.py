"""Parallel tempering: chains at several β that exchange their states.

Replicas a and b swap with probability min(1, f_a(x_b) f_b(x_a) / (f_a(x_a) f_b(x_b))), f_β the
weight of a state at β along the path, which leaves the product of their distributions invariant.
The replicas' own states give log Z on the way, as E_β[f_β′(x)/f_β(x)] = Z_β′/Z_β.

Reference: C. Geyer, Computing Science and Statistics (1991).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

from backproof.numerics.sampling.annealing import Annealed, Estimate
from backproof.numerics.sampling.checkpoints import read_run, write_run
from backproof.numerics.sampling.conditionals import State
from backproof.theory.errors import BackproofError


@dataclass
class Tempering:
    """A replica for every β, from the one asked for (β = 1, the last) to the flattest.

    Every replica has the same number of rows; row r of one swaps with row r of the next.
    ``accepted`` and ``proposed`` count swaps for each pair of neighbours.
    """

    path: Annealed
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
        cls, path: Annealed, betas: Sequence[float], rows: int, random: np.random.Generator
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

    # log Z ---------------------------------------------------------------------------------

    def log_steps(self) -> np.ndarray:
        """log f_β′(x) − log f_β(x) of each replica but the last, at the next β′: (pair, row)."""
        log_f = self.path.log_f
        return np.array(
            [
                log_f(self.states[n], high) - log_f(self.states[n], low)
                for n, (low, high) in enumerate(pairwise(self.betas))
            ]
        )

    def estimate(self, rounds: int) -> Estimate:
        """log Z = log Z₀ + Σ_β log of the mean of f_β′(x)/f_β(x), over some rounds and all rows.

        The rows are independent: the error is their jackknife, whatever the correlations within
        a row.  ``mean`` is that of the rows' own estimates, below log Z in expectation where the
        chains have mixed.  Raises `BackproofError` for replicas that do not begin at β = 0, for
        fewer than two rows, and for less than one round.

        >>> from backproof.numerics.sampling.path import Path
        >>> from backproof.theory.energy.builders import rbm
        >>> values = {"W": np.ones((2, 1)), "b_v": np.zeros(2), "b_h": np.zeros(1)}
        >>> random = np.random.default_rng(1)
        >>> found = Tempering.start(Path(rbm(), values), [0, 0.5, 1], 200, random).estimate(40)
        >>> bool(abs(found.log_Z - np.log(4 + (1 + np.e) ** 2)) < 6 * found.error)
        True
        """
        rows = len(self.states[0][self.path.kept[0]])
        if self.betas[0] != 0 or rows < 2 or rounds < 1:
            raise BackproofError(
                "estimate",
                f"β from {self.betas[0]}, {rows} rows, {rounds} rounds",
                "β from 0, two rows or more, one round or more",
                "start with betas=[0, …, 1] and more rows",
            )
        logs = np.empty((rounds, len(self.betas) - 1, rows))
        for n in range(rounds):
            self.advance()
            logs[n] = self.log_steps()
        peak = logs.max((0, 2))
        ratio = np.exp(logs - peak[:, None]).mean(0)  # of each row, (pair, row)
        others = (ratio.sum(1, keepdims=True) - ratio) / (rows - 1)
        left_out = np.log(others).sum(0)
        value = self.path.log_Z0 + float(peak.sum() + np.log(ratio.mean(1)).sum())
        error = float(np.sqrt((rows - 1) / rows * ((left_out - left_out.mean()) ** 2).sum()))
        each = self.path.log_Z0 + peak.sum() + np.log(ratio).sum(0)
        return Estimate(value, error, float(each.mean()), each)

    # checkpoints ---------------------------------------------------------------------------

    def save(self, path: str | Path) -> None:
        """Write states, counts and generator to an ``.npz`` file."""
        arrays = {f"{n} {k}": x for n, states in enumerate(self.states) for k, x in states.items()}
        counts = {"accepted": self.accepted, "proposed": self.proposed}
        write_run(path, {**arrays, **counts}, self.random, self.rounds)

    @classmethod
    def resume(cls, path: str | Path, machines: Annealed, betas: Sequence[float]) -> Tempering:
        """The replicas of a file on a path of machines, to go on with bit for bit."""
        arrays, random, rounds = read_run(path)
        names = {f"{n} {k}" for n in range(len(betas)) for k in machines.kept}
        if set(arrays) != names | {"accepted", "proposed"}:
            raise BackproofError(
                str(path), f"{sorted(arrays)}", f"{sorted(names)}", "pass its path and its betas"
            )
        states = [{k: arrays[f"{n} {k}"] for k in machines.kept} for n in range(len(betas))]
        found = cls(machines, betas, states, random, rounds)
        found.accepted, found.proposed = arrays["accepted"], arrays["proposed"]
        return found
