"""The machines: what is learnt, in which order, and how good each turned out to be."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from data import Images

import backproof as bp
from backproof.numerics.sampling.belief_chains import BeliefSampler
from backproof.numerics.sampling.conditionals import Conditionals

Arrays = dict[str, np.ndarray]
Say = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Plan:
    """Sizes and schedules. A rate is kept for the first part of the epochs and then falls to 0."""

    small: int  # hidden units of the machine whose log Z is a sum
    hidden: int
    top: int
    batch: int
    chains: int
    small_epochs: int
    epochs: int
    deep_epochs: int
    rate: float
    rounds: int  # of the mean-field equations in a gradient
    betas: int
    runs: int
    sweeps: int  # before a reverse run, from the persistent chains
    draws: int  # of the hidden layers for the bound of the deep belief network

    def rates(self, epochs: int) -> list[float]:
        """The rate of each epoch."""
        left = (np.arange(epochs, 0, -1) - 0.5) / epochs
        return [float(self.rate * min(1, 2 * x)) for x in left]


MNIST = Plan(16, 100, 200, 100, 100, 50, 40, 40, 0.05, 5, 1000, 96, 500, 20)
DIGITS = Plan(8, 16, 12, 20, 50, 30, 30, 30, 0.05, 5, 100, 32, 50, 10)


@dataclass
class Run:
    """One run of the program: the images, the plan, a folder for checkpoints, and a reporter."""

    images: Images
    plan: Plan
    folder: Path
    say: Say

    def __post_init__(self) -> None:
        self.mean = self.images.train.mean(0, dtype=float)
        share = np.clip(self.mean, 1e-3, 1 - 1e-3)
        self.bias = np.log(share / (1 - share))  # independent pixels have the data's means

    def trained(self, name: str, learner: Any, data: np.ndarray, epochs: int) -> float:
        """Train to the end, from the file of an earlier run if there is one; the CPU seconds."""
        training = bp.sampling.Training(learner, {"v": data}, self.plan.batch)
        file, clock = self.folder / f"{name}.npz", self.folder / f"{name}.seconds"
        spent = 0.0
        if file.exists():
            training.resume(file)
            spent = float(clock.read_text("utf-8"))
        for rate in self.plan.rates(epochs)[training.epochs :]:
            start = time.process_time()
            done = training.epochs

            def progress(rows: int, total: int, done: int = done) -> None:
                self.say(name, done * total + rows, epochs * total)

            training.advance(1, rate, progress)
            spent += time.process_time() - start
            clock.write_text(str(spent), "utf-8")
            training.save(file)
        return spent

    def restricted(
        self, name: str, data: np.ndarray, hidden: int, epochs: int, centre: bool
    ) -> Any:
        """A restricted machine by persistent chains, with its CPU seconds."""
        random = np.random.Generator(np.random.SFC64([1, len(name), hidden]))
        mean = data.mean(0, dtype=float)
        share = np.clip(mean, 1e-3, 1 - 1e-3)
        values = {
            "W": 0.01 * random.standard_normal((data.shape[1], hidden)),
            "b_v": np.log(share / (1 - share)),
            "b_h": np.zeros(hidden),
        }
        machine = bp.energy.rbm(data.shape[1], hidden)
        learner = bp.sampling.learner(
            machine,
            values,
            random,
            chains=self.plan.chains,
            dtype="float32",
            centre={"v": mean} if centre else None,
        )
        return learner, self.trained(name, learner, data, epochs)

    def deep(self, name: str) -> Any:
        """A deep Boltzmann machine of two hidden layers, by mean field and persistent chains."""
        random = np.random.Generator(np.random.SFC64(2))
        sizes = [self.images.train.shape[1], self.plan.hidden, self.plan.top]
        machine = bp.energy.dbm(sizes)
        values = {
            "W1": 0.01 * random.standard_normal(sizes[:2]),
            "W2": 0.01 * random.standard_normal(sizes[1:]),
            "b_v": self.bias,
            "b_h1": np.zeros(sizes[1]),
            "b_h2": np.zeros(sizes[2]),
        }
        conditionals = Conditionals(machine, values, "float32")
        start = conditionals.start(self.plan.chains, random)
        chains = bp.sampling.Chains(conditionals, start, random)
        centring = bp.sampling.Centring.at(conditionals, {"v": self.mean})
        learner = bp.sampling.DeepLearner(conditionals, chains, self.plan.rounds, centring=centring)
        return learner, self.trained(name, learner, self.images.train, self.plan.deep_epochs)

    def belief(self, name: str, first: Conditionals) -> Any:
        """A deep belief network: a second restricted machine learns the first one's hidden states.

        They are drawn once for each image.
        """
        random = np.random.Generator(np.random.SFC64(3))
        z = first.field("h", {"v": self.images.train})
        hidden = first.drawn("h", z, (), random)
        learner, seconds = self.restricted(
            name, hidden, self.plan.top, self.plan.deep_epochs, centre=True
        )
        return bp.sampling.stacked([first, learner.conditionals], random), seconds, learner

    # how good ------------------------------------------------------------------------------

    def bracket(self, machine: Any, values: Arrays, base: np.ndarray, states: Arrays) -> Any:
        """log Z from below and from above, the reverse runs from samples of the machine."""
        path = bp.sampling.Path(machine, values, {"b_v": base}, "float32")
        chains = bp.sampling.Chains(path.end, states, np.random.Generator(np.random.SFC64(4)))
        runs = self.plan.runs
        at = chains.advance(self.plan.sweeps)
        start = {k: at[k][np.arange(runs) % len(at[k])] for k in path.kept}
        return bp.sampling.bracket(path, self.plan.betas, start, seed=5)


def free_energies(machine: Any, values: Arrays, rows: np.ndarray) -> np.ndarray:
    """F(v) of each row, in double precision."""
    kernel = bp.compile(bp.energy.free_energy(machine, "N"))
    doubles = {name: x.astype(float) for name, x in values.items()}
    return np.asarray(kernel(v=rows.astype(float), **doubles))


def bounds(learner: Any, rows: np.ndarray, rounds: int = 50, part: int = 1000) -> np.ndarray:
    """The mean-field bound of each row without log Z, after more rounds than in a gradient."""
    careful = bp.sampling.DeepLearner(learner.conditionals, learner.chains, rounds)
    parts = [rows[n : n + part].astype(float) for n in range(0, len(rows), part)]
    return np.concatenate([careful.bound({"v": one}) for one in parts])


def belief_bounds(sampler: BeliefSampler, rows: np.ndarray, draws: int) -> np.ndarray:
    """E_q[log p*(v, h) − log q(h | v)] of each row without log Z, over some draws."""
    return sampler.log_bound(rows, 0.0, np.random.default_rng(6), draws=draws)
