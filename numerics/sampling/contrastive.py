"""Learning by chains: contrastive divergence (CD-k) and its persistent form (PCD).

The update is the derived learning rule, with the chains' states in the place of the model's:

    ∂J/∂θ = (1/N) Σ_r ∂E/∂θ (data[r]) − (1/M) Σ_t ∂E/∂θ (chain[t])

N rows of data and M chains need not be equally many.  Hidden units without parameters of their
own enter by their means given the visible ones (Rao and Blackwell: the same expectation, less
noise); otherwise the hidden groups are summed out in closed form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backproof.numerics.sampling.centring import Centring
from backproof.numerics.sampling.checkpoints import grouped, prefixed
from backproof.numerics.sampling.conditionals import Conditionals, Random, State
from backproof.numerics.sampling.contrast import contrast
from backproof.theory.energy.machine import Machine
from backproof.theory.energy.markov import blocks
from backproof.theory.errors import BackproofError


@dataclass
class Learner:
    """Stochastic gradients of a machine whose hidden units are independent given the visible ones.

    ``k`` sweeps a chain for each gradient; ``chains`` are the persistent ones, or ``None`` for
    chains that start at the data each time (contrastive divergence); with ``centring`` steps are
    those of the centred energy's parameters.
    """

    conditionals: Conditionals
    random: Random
    k: int = 1
    chains: State | None = None
    centring: Centring | None = None
    means: bool = field(init=False)
    _slopes: State | None = field(init=False, default=None, repr=False)
    seen: State = field(init=False, default_factory=dict, repr=False)  # the last batch's features

    def __post_init__(self) -> None:
        machine = self.machine
        if len(blocks(machine)) > 2 or any(
            len(set(c.between) & set(machine.hidden)) > 1 for c in machine.couplings
        ):
            raise BackproofError(
                f"learning of the {machine.title or 'machine'}",
                "hidden groups that interact",
                "hidden units that are independent given the visible ones",
                "use mean-field learning with persistent chains",
            )
        self.means = not any(machine[g].unit.parameters for g in machine.hidden)
        if self.centring is not None and not self.means:
            raise BackproofError("centring", "hidden units summed out", "their means", "drop it")

    @property
    def machine(self) -> Machine:
        """The machine that learns."""
        return self.conditionals.machine

    def gradient(
        self, data: Mapping[str, np.ndarray], scale: float = 1.0, out: State | None = None
    ) -> State:
        """``scale`` times ∂J/∂θ at a batch of visible states; persistent chains are moved on.

        With ``out`` the slopes are written to its arrays.

        Contrastive divergence draws the hidden units at the data first, then k times the visible
        and the hidden ones; the last hidden ones are not needed and not drawn.
        """
        given = {name: np.asarray(x, self.conditionals.dtype) for name, x in data.items()}
        fields: State = {}
        if self.means or self.chains is None:
            fields = {h: self.conditionals.field(h, given) for h in self.machine.hidden}
        if self.chains is None:
            model = self._moved(given, fields)
        else:
            model = self.chains = self._moved(self.chains, {})
        if self.means:
            given |= {h: self.conditionals.mean_in(h, z) for h, z in fields.items()}
            self.seen = dict(given)
            for h in self.machine.hidden:
                model = {
                    **model,
                    h: self.conditionals.mean_in(h, self.conditionals.field(h, model)),
                }
        return contrast(self.conditionals, given, model, not self.means, scale, out)

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
        found |= prefixed(self.chains or {}, "chain_")
        return found | prefixed(self.centring.offsets if self.centring else {}, "offset_")

    def adopt(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Take back what `arrays` gave."""
        self.conditionals.values = grouped(arrays, "value_")
        self.chains = grouped(arrays, "chain_") or None
        if self.centring is not None:
            self.centring.offsets = grouped(arrays, "offset_")

    def _moved(self, visible: State, fields: State) -> State:
        """The visible states after k sweeps, the first in fields that are known already."""
        states = {name: visible[name] for name in self.machine.visible}
        draws = self.conditionals
        for _ in range(self.k):
            for h in self.machine.hidden:
                z = fields[h] if h in fields else draws.field(h, states)
                states[h] = draws.drawn(h, z, draws.parameters(h), self.random)
            fields = {}
            for v in self.machine.visible:
                states[v] = draws.draw(v, states, self.random)
        return {name: states[name] for name in self.machine.visible}


def learner(
    machine: Machine,
    values: Mapping[str, Any],
    random: np.random.Generator,
    k: int = 1,
    chains: int | None = None,
    dtype: str | type = "float64",
    centre: Mapping[str, np.ndarray] | None = None,
) -> Learner:
    """A learner by contrastive divergence, or with ``chains`` by that many persistent chains.

    With ``centre``, the data's means of the visible groups, it learns centred.  The arrays of
    ``values`` are copied.
    """
    copies = {name: np.array(x, dtype) for name, x in values.items()}
    conditionals = Conditionals(machine, copies, dtype)
    kept = None
    if chains is not None:
        states = conditionals.start(chains, random)
        kept = {name: states[name] for name in machine.visible}
    centring = None if centre is None else Centring.at(conditionals, centre)
    return Learner(conditionals, random, k, kept, centring)
