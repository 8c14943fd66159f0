"""The machines: what is learnt, in which order, and how good each turned out to be."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from data import Images

import backproof as bp
from backproof.commands.bars import bar
from backproof.numerics.sampling.belief_chains import BeliefSampler
from backproof.numerics.sampling.conditionals import Conditionals
from backproof.numerics.sampling.contrastive import Learner

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Plan:
    """Sizes and schedules. A rate is kept for the first part of the epochs and then falls to 0."""

    small: int  # hidden units of the machine whose log Z is a sum
    hidden: int
    top: int  # of the deep Boltzmann machine
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


MNIST = Plan(
    small=16,
    hidden=100,
    top=200,
    batch=100,
    chains=100,
    small_epochs=50,
    epochs=40,
    deep_epochs=40,
    rate=0.05,
    rounds=5,
    betas=10_000,
    runs=96,
    sweeps=1000,
    draws=20,
)
DIGITS = replace(
    MNIST,
    small=8,
    hidden=16,
    top=12,
    batch=20,
    chains=50,
    small_epochs=30,
    epochs=30,
    deep_epochs=30,
    betas=100,
    runs=32,
    sweeps=50,
    draws=10,
)


@dataclass
class Run:
    """One run of the program: the images, the plan, and a folder for checkpoints."""

    images: Images
    plan: Plan
    folder: Path
    spent: float = 0.0  # CPU seconds of learning in this process

    def __post_init__(self) -> None:
        self.mean = self.images.train.mean(0, dtype=float)

    def trained(self, name: str, learner: Any, epochs: int) -> float:
        """Train to the end, from the file of an earlier run if there is one; the CPU seconds."""
        training = bp.sampling.Training(learner, {"v": self.images.train}, self.plan.batch)
        file, clock = self.folder / f"{name}.npz", self.folder / f"{name}.seconds"
        spent = 0.0
        if file.exists():
            training.resume(file)
            spent = float(clock.read_text("utf-8"))
        rates = self.plan.rates(epochs)[training.epochs :]
        with bar(f"{name}, {epochs} epochs") as progress:
            for rate in rates:
                start, done = time.process_time(), training.epochs

                def told(rows: int, total: int, done: int = done) -> None:
                    progress(done * total + rows, epochs * total)

                training.advance(1, rate, told)
                took = time.process_time() - start
                spent, self.spent = spent + took, self.spent + took
                clock.write_text(str(spent), "utf-8")
                training.save(file)
        print(f"{name}: learnt in {spent:.0f} s", file=sys.stderr)
        return spent

    def restricted(self, name: str, hidden: int, epochs: int, centre: bool) -> tuple[Any, float]:
        """A restricted machine by persistent chains, with its CPU seconds."""
        random = np.random.Generator(np.random.SFC64([1, hidden, centre]))
        learner = self.fresh(self.mean, hidden, centre, random)
        return learner, self.trained(name, learner, epochs)

    def fresh(
        self, mean: np.ndarray, hidden: int, centre: bool, random: np.random.Generator
    ) -> Learner:
        """A restricted machine that has learnt nothing but the data's means."""
        values = {
            "W": 0.01 * random.standard_normal((len(mean), hidden)),
            "b_v": log_odds(mean),
            "b_h": np.zeros(hidden),
        }
        centres = {"v": mean} if centre else None
        machine, chains = bp.energy.rbm(len(mean), hidden), self.plan.chains
        return bp.sampling.learner(
            machine, values, random, chains=chains, dtype="float32", centre=centres
        )

    def deep(self, name: str, first: Learner) -> tuple[Any, float]:
        """A deep Boltzmann machine of two hidden layers, by mean field and persistent chains.

        Its lower weights and its chains start at those of the restricted machine.
        """
        random = np.random.Generator(np.random.SFC64([2]))
        known, top = first.conditionals.values, self.plan.top
        visible, hidden = known["W"].shape
        values = {
            "W1": known["W"],
            "W2": 0.01 * random.standard_normal((hidden, top)),
            "b_v": known["b_v"],
            "b_h1": known["b_h"],
            "b_h2": np.zeros(top),
        }
        machine = bp.energy.dbm([visible, hidden, top])
        copies = {n: x.copy() for n, x in values.items()}
        conditionals = Conditionals(machine, copies, "float32")
        start = {**conditionals.start(self.plan.chains, random), **(first.chains or {})}
        chains = bp.sampling.Chains(conditionals, start, random)
        centring = bp.sampling.Centring.at(conditionals, {"v": self.mean})
        if first.centring is not None:
            centring.offsets["h1"] = first.centring.offsets["h"].copy()
        learner = bp.sampling.DeepLearner(conditionals, chains, self.plan.rounds, centring=centring)
        return learner, self.trained(name, learner, self.plan.deep_epochs)

    def belief(self, name: str, first: Learner) -> tuple[BeliefSampler, Learner, float]:
        """A deep belief network: a second restricted machine learns the first one's hidden states.

        They are drawn anew for every batch.  The second machine starts as the first one turned
        round, with as many hidden units as there are pixels: the network is then the first machine
        itself, since form (1) implies form (2), and what it learns is added to that.
        """
        random = np.random.Generator(np.random.SFC64([3]))
        known = first.conditionals.values
        values = {"W": known["W"].T, "b_v": known["b_h"], "b_h": known["b_v"]}
        hidden, visible = values["W"].shape
        top = bp.sampling.learner(
            bp.energy.rbm(hidden, visible),
            values,
            random,
            dtype="float32",
            centre={"v": hidden_means(first, self.images.train)["h"]},
        )
        top.chains = {"v": first.conditionals.draw("h", first.chains or {}, random)}
        seconds = self.trained(name, Above(first.conditionals, top), self.plan.deep_epochs)
        return bp.sampling.stacked([first.conditionals, top.conditionals], random), top, seconds

    # how good ------------------------------------------------------------------------------

    def path(self, learner: Any, data: np.ndarray) -> bp.sampling.Path:
        """From independent units with the means that they have at the data."""
        values = {name: x.astype(float) for name, x in learner.conditionals.values.items()}
        means = {"v": data.mean(0, dtype=float), **hidden_means(learner, data)}
        base = {f"b_{name}": log_odds(mean) for name, mean in means.items()}
        return bp.sampling.Path(learner.machine, values, base, "float32")

    def samples(self, learner: Any, path: bp.sampling.Path, sweeps: int) -> Arrays:
        """States of the kept groups: the persistent chains after more sweeps."""
        random = np.random.Generator(np.random.SFC64([4]))
        kept = learner.chains if isinstance(learner, Learner) else learner.chains.states
        states = {**path.end.start(len(kept["v"]), random), **kept}
        at = bp.sampling.Chains(path.end, states, random).advance(sweeps)
        return {k: at[k][np.arange(self.plan.runs) % len(at[k])] for k in path.kept}


@dataclass
class Above:
    """A restricted machine that learns from hidden states of the one below, given the data."""

    below: Conditionals
    learner: Learner

    @property
    def random(self) -> np.random.Generator:
        """The learner's generator."""
        found = self.learner.random
        assert isinstance(found, np.random.Generator)
        return found

    def step(self, data: Mapping[str, np.ndarray], rate: float) -> None:
        """A step with hidden states drawn given a batch of data."""
        self.learner.step({"v": self.below.draw("h", data, self.random)}, rate)

    def arrays(self) -> Arrays:
        """What the learner changes."""
        return self.learner.arrays()

    def adopt(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take back what `arrays` gave."""
        self.learner.adopt(arrays)


def log_odds(mean: np.ndarray) -> np.ndarray:
    """The bias of an independent unit of this mean, kept away from zero and one."""
    share = np.clip(mean, 1e-3, 1 - 1e-3)
    return np.asarray(np.log(share / (1 - share)))


def hidden_means(learner: Any, data: np.ndarray, rows: int = 10_000) -> Arrays:
    """The means of the hidden units at the first rows of the data."""
    first = {"v": data[:rows]}
    if isinstance(learner, Learner):
        return {"h": learner.conditionals.mean("h", first).mean(0, dtype=float)}
    return {name: x.mean(0, dtype=float) for name, x in learner.posterior(first)[0].items()}


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
