"""Deep belief networks by samples: ancestral draws, greedy learning, and up-down.

References: G. Hinton, S. Osindero, Y.-W. Teh, Neural Computation 18 (2006); G. Hinton, P. Dayan,
B. Frey, R. Neal, Science 268 (1995) for wake and sleep.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from backproof.numerics.kernel import Kernel, compile
from backproof.numerics.sampling.chains import Chains
from backproof.numerics.sampling.checkpoints import grouped, prefixed
from backproof.numerics.sampling.conditionals import Conditionals, Random, State
from backproof.numerics.sampling.contrastive import Learner
from backproof.theory.calculus.derivation import derive
from backproof.theory.energy.builders import rbm
from backproof.theory.energy.deep_belief import dbn
from backproof.theory.energy.free_energy import free_energy
from backproof.theory.energy.learning import slopes
from backproof.theory.errors import BackproofError


@cache
def downward(dtype: str) -> Kernel:
    """P(v = 1 | h1) of any two neighbouring layers, as form (2) states it."""
    return compile(dbn().downward("v", "N"), dtype)


@cache
def likelihood_slopes(dtype: str) -> Kernel:
    """The gradient of the mean of log P(v | h1) in W1 and b_v, for any two layers."""
    return compile(slopes(derive(dbn().layer_likelihood("v"), wrt=("W1", "b_v"))), dtype)


@cache
def likelihood() -> Kernel:
    """log P(v | h1) of each row, for any two layers."""
    return compile(dbn().log_probability("N")[1])


class Common:
    """Random numbers that are the same for every row: a row's answer depends on nothing else."""

    def __init__(self, random: np.random.Generator) -> None:
        self._random = random

    def random(self, size: Any, dtype: Any) -> np.ndarray:
        """Uniform numbers of shape (rows, …), all rows alike."""
        return np.broadcast_to(self._random.random((1, *size[1:]), dtype), size)

    def standard_normal(self, size: Any, dtype: Any) -> np.ndarray:
        """Normal numbers of shape (rows, …), all rows alike."""
        return np.broadcast_to(self._random.standard_normal((1, *size[1:]), dtype), size)


@dataclass
class Directed:
    """P(lower | upper) = Π σ(W upper + b): a layer of the generative or the recognition model."""

    W: np.ndarray
    b: np.ndarray

    def mean(self, upper: np.ndarray) -> np.ndarray:
        """The probability of a one, for each unit and row."""
        return np.asarray(downward(self.W.dtype.name)(W1=self.W, b_v=self.b, h1=upper))

    def draw(self, upper: np.ndarray, random: Random) -> np.ndarray:
        """States of the lower layer given the upper one: exact, unit by unit independent."""
        p = self.mean(upper)
        return np.asarray(random.random(p.shape, p.dtype) < p, p.dtype)

    def log_probability(self, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
        """log P(lower | upper) of each row."""
        double = {"W1": self.W, "b_v": self.b, "v": lower, "h1": upper}
        return np.asarray(likelihood()(**{k: x.astype(float) for k, x in double.items()}))

    def climb(self, lower: np.ndarray, upper: np.ndarray, rate: float) -> None:
        """Follow the gradient of the mean log-likelihood of rows of both layers."""
        kernel = likelihood_slopes(self.W.dtype.name)
        out = kernel(W1=self.W, b_v=self.b, v=lower, h1=upper)
        self.W += self.W.dtype.type(rate) * out["W1"]
        self.b += self.b.dtype.type(rate) * out["b_v"]


@dataclass
class BeliefSampler:
    """A deep belief network with its recognition model, learnt layer by layer.

    ``generative[k]`` draws layer k from layer k + 1, ``recognition[k]`` layer k + 1 from layer k;
    ``top`` holds the undirected machine of the last two layers.
    """

    generative: list[Directed]
    recognition: list[Directed]
    top: Conditionals
    random: np.random.Generator
    chains: State = field(default_factory=dict)

    @property
    def dtype(self) -> np.dtype:
        """The dtype of the whole computation."""
        return self.top.dtype

    def up(
        self, v: np.ndarray, means: bool = False, random: Random | None = None
    ) -> list[np.ndarray]:
        """The layers above v by the recognition model, drawn or by means; the last by the top."""
        random = random or self.random
        layers = [np.asarray(v, self.dtype)]
        for layer in self.recognition:
            layers.append(layer.mean(layers[-1]) if means else layer.draw(layers[-1], random))
        states = {"v": layers[-1]}
        z = self.top.field("h", states)
        last = self.top.mean_in("h", z) if means else self.top.drawn("h", z, (), random)
        return [*layers, last]

    def down(self, h: np.ndarray) -> list[np.ndarray]:
        """Ancestral draws of the layers below one of the last but one layer: exact given it."""
        layers = [h]
        for layer in reversed(self.generative):
            layers.insert(0, layer.draw(layers[0], self.random))
        return layers

    def sample(self, rows: int, sweeps: int = 200) -> np.ndarray:
        """Visible states: Gibbs sweeps in the top layers, then one exact pass downward."""
        chains = Chains(self.top, self.top.start(rows, self.random), self.random)
        return self.down(chains.advance(sweeps)["v"])[0]

    def up_down(self, v: np.ndarray, rate: float, sweeps: int = 1) -> None:
        """One step of wake and sleep with the top learnt by contrastive divergence.

        Wake: the layers that recognition draws teach the generative weights.  The top machine is
        moved from there.  Sleep: what it dreams downward teaches the recognition weights.
        """
        wake = self.up(v)
        for k, layer in enumerate(self.generative):
            layer.climb(wake[k], wake[k + 1], rate)
        learner = Learner(self.top, self.random, sweeps)
        learner.step({"v": wake[-2]}, rate)
        states = {"v": wake[-2], "h": wake[-1]}
        for _ in range(sweeps):
            states["v"] = self.top.draw("v", states, self.random)
            states["h"] = self.top.draw("h", states, self.random)
        sleep = self.down(states["v"])
        for k, layer in enumerate(self.recognition):
            layer.climb(sleep[k + 1], sleep[k], rate)

    def step(self, data: Mapping[str, np.ndarray], rate: float) -> None:
        """A step of wake and sleep with the visible rows ``v``."""
        self.up_down(data["v"], rate)

    def arrays(self) -> State:
        """All that a step changes: generative, recognition and top parameters."""
        found = prefixed(self.top.values, "top_")
        for kind, layers in (("down", self.generative), ("up", self.recognition)):
            for k, layer in enumerate(layers):
                found |= {f"{kind}{k}_W": layer.W, f"{kind}{k}_b": layer.b}
        return found

    def adopt(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take back what `arrays` gave."""
        self.top.values = grouped(arrays, "top_")
        for kind, layers in (("down", self.generative), ("up", self.recognition)):
            for k, layer in enumerate(layers):
                layer.W, layer.b = arrays[f"{kind}{k}_W"], arrays[f"{kind}{k}_b"]

    def log_bound(
        self, v: np.ndarray, log_Z: float, random: np.random.Generator, draws: int = 1
    ) -> np.ndarray:
        """An estimate of E_q[log p(v, h) − log q(h | v)] ≤ log p(v) of each row, free of bias.

        The last layer is summed out: log p*(h^(d−1)) is minus the free energy of the top machine.
        All rows are drawn by the same numbers: a row's estimate does not depend on the others.
        """
        total = np.zeros(len(v))
        for _ in range(draws):
            layers = self.up(v, random=Common(random))[:-1]
            for k in range(len(self.generative)):
                total += self.generative[k].log_probability(layers[k], layers[k + 1])
                total -= self.recognition[k].log_probability(layers[k + 1], layers[k])
            total += -self._free_energy(layers[-1]) - log_Z
        return total / draws

    def _free_energy(self, h: np.ndarray) -> np.ndarray:
        values = {n: x.astype(float) for n, x in self.top.values.items()}
        return np.asarray(free_energy_kernel()(v=h.astype(float), **values))


@cache
def free_energy_kernel() -> Kernel:
    """F(v) of a restricted machine of binary units, for each row."""
    return compile(free_energy(rbm(), "N"))


def greedy(
    data: np.ndarray,
    sizes: Sequence[int],
    random: np.random.Generator,
    epochs: int = 10,
    rate: float = 0.05,
    batch: int = 20,
    dtype: str = "float32",
) -> BeliefSampler:
    """A deep belief network learnt one restricted machine at a time, each on the means below.

    `stacked` makes a network of them.
    """
    v = np.asarray(data, dtype)
    machines: list[Conditionals] = []
    for k, size in enumerate(sizes):
        top = Conditionals(rbm(), start(v, size, random), dtype)
        learner = Learner(top, random)
        for _ in range(epochs):
            order = random.permutation(len(v))
            for first in range(0, len(v), batch):
                learner.step({"v": v[order[first : first + batch]]}, rate)
        machines.append(top)
        if k + 1 < len(sizes):
            v = top.mean("h", {"v": v})
    return stacked(machines, random)


def stacked(machines: Sequence[Conditionals], random: np.random.Generator) -> BeliefSampler:
    """The deep belief network of restricted machines, each learnt on the hidden units below it.

    Untied copies of all but the last become generative and recognition layers; the last is the
    top itself, not a copy.
    """
    if not machines:
        raise BackproofError("a deep belief network", "no machines", "one or more", "pass some")
    generative, recognition = [], []
    for machine in machines[:-1]:
        W, b, c = (machine.values[n] for n in ("W", "b_v", "b_h"))
        generative.append(Directed(W.copy(), b.copy()))
        recognition.append(Directed(W.T.copy(), c.copy()))
    return BeliefSampler(generative, recognition, machines[-1], random)


def start(v: np.ndarray, size: int, random: np.random.Generator) -> dict[str, np.ndarray]:
    """Small weights, and visible biases that give the data's means to a machine without weights."""
    mean = np.clip(np.asarray(v, float).mean(0), 0.01, 0.99)
    return {
        "W": 0.01 * random.standard_normal((v.shape[1], size)),
        "b_v": np.log(mean / (1 - mean)),
        "b_h": np.zeros(size),
    }
