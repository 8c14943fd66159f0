"""Learning of deep machines: mean-field posteriors and persistent chains.

The data's hidden units enter by the means of a factorial posterior, which maximises the derived
bound; the model's by chains that are kept.  Reference: R. Salakhutdinov, G. Hinton, AISTATS (2009).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from backproof.numerics.kernel import Kernel, compile
from backproof.numerics.sampling.centring import Centring
from backproof.numerics.sampling.chains import Chains
from backproof.numerics.sampling.checkpoints import grouped, prefixed
from backproof.numerics.sampling.conditionals import Conditionals, State
from backproof.numerics.sampling.contrast import contrast
from backproof.theory.energy.machine import Machine
from backproof.theory.energy.mean_field import mean_field
from backproof.theory.errors import BackproofError


@dataclass
class DeepLearner:
    """Stochastic gradients of a machine with layers of hidden units without parameters.

    ``rounds`` are passes of the mean-field equations over the hidden layers.
    """

    conditionals: Conditionals
    chains: Chains
    rounds: int = 10
    sweeps: int = 1
    centring: Centring | None = None
    _slopes: State | None = field(init=False, default=None, repr=False)
    seen: State = field(init=False, default_factory=dict, repr=False)  # the last batch's features

    def __post_init__(self) -> None:
        for name in self.machine.hidden:
            if self.machine[name].unit.parameters:
                raise BackproofError(
                    f"group {name}",
                    f"{self.machine[name].unit.name} units, with parameters of their own",
                    "hidden units that enter the energy linearly",
                    "the mean of a square is not the square of a mean: learn from samples",
                )

    @property
    def machine(self) -> Machine:
        """The machine that learns."""
        return self.conditionals.machine

    @property
    def random(self) -> np.random.Generator:
        """The generator of the chains."""
        return self.chains.random

    def posterior(self, data: Mapping[str, np.ndarray]) -> tuple[State, State]:
        """Means and fields of the hidden units by the mean-field equations, layer after layer."""
        dtype = self.conditionals.dtype
        states = {name: np.asarray(x, dtype) for name, x in data.items()}
        rows = len(next(iter(states.values())))
        for h in self.machine.hidden:
            zero = np.zeros((rows, *self.conditionals.shape(h)), dtype)
            states[h] = self.conditionals.mean_in(h, zero)
        fields: State = {}
        for _ in range(self.rounds):
            for h in self.machine.hidden:
                fields[h] = self.conditionals.field(h, states)
                states[h] = self.conditionals.mean_in(h, fields[h])
        return {h: states[h] for h in self.machine.hidden}, fields

    def bound(self, data: Mapping[str, np.ndarray]) -> np.ndarray:
        """L of each row, below −F(v): log p(v) ≥ L − log Z."""
        _, fields = self.posterior(data)
        known = {**self.conditionals.values, **data}
        known |= {f"eta_{h}": z for h, z in fields.items()}
        kernel = bound_kernel(self.machine)
        return np.asarray(kernel(**{n: known[n] for n in kernel.arguments.names}))

    def gradient(
        self, data: Mapping[str, np.ndarray], scale: float = 1.0, out: State | None = None
    ) -> State:
        """``scale`` times ∂J/∂θ at a batch; the chains make their sweeps first."""
        model = self.chains.advance(self.sweeps)
        means, _ = self.posterior(data)
        dtype = self.conditionals.dtype
        self.seen = {**{name: np.asarray(x, dtype) for name, x in data.items()}, **means}
        return contrast(self.conditionals, self.seen, model, False, scale, out)

    def step(self, data: Mapping[str, np.ndarray], rate: float) -> None:
        """Follow the gradient: θ ← θ − rate ∂J/∂θ, or that in centred parameters."""
        slopes = self._slopes = self.gradient(data, rate, self._slopes)
        if self.centring is not None:
            self.centring.update(self.seen)
            slopes = self.centring.direction(self.machine, slopes)
        self.conditionals.descend(slopes)

    def arrays(self) -> State:
        """All that a step changes: parameters, chains and offsets."""
        found = prefixed(self.conditionals.values, "value_")
        found |= prefixed(self.chains.states, "chain_")
        return found | prefixed(self.centring.offsets if self.centring else {}, "offset_")

    def adopt(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take back what `arrays` gave."""
        self.conditionals.values = grouped(arrays, "value_")
        self.chains.states = grouped(arrays, "chain_")
        if self.centring is not None:
            self.centring.offsets = grouped(arrays, "offset_")


@cache
def bound_kernel(machine: Machine) -> Kernel:
    """The derived bound of each row, compiled once for each machine."""
    return compile(mean_field(machine, batch="N"), "float64")
