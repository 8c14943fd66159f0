"""Centred learning: steps along the gradient of the centred energy, for the plain parameters.

The machine keeps its plain parameters, so samplers and exact answers need not know of offsets;
what is centred is the direction, M Mᵀ ∂J/∂θ with M as `centred_steps` derives it.  Offsets follow
the features' means at the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from backproof.numerics.kernel import Kernel, compile
from backproof.numerics.sampling.conditionals import Conditionals
from backproof.theory.energy.centred_steps import SLOPE, plain, pulled
from backproof.theory.energy.machine import Machine
from backproof.theory.errors import BackproofError

Arrays = dict[str, np.ndarray]


@dataclass
class Centring:
    """The offset of every unit, and how fast it follows: c ← (1 − follow) c + follow ⟨f⟩.

    ``offsets`` are arrays by group.
    """

    offsets: Arrays
    follow: float = 0.01

    @classmethod
    def at(
        cls, conditionals: Conditionals, means: Mapping[str, np.ndarray], follow: float = 0.01
    ) -> Centring:
        """Offsets at the data's means of the visible groups; the others at theirs when alone.

        Raises `BackproofError` for units whose features are not their states.
        """
        machine, offsets = conditionals.machine, {}
        for group in machine.groups:
            if group.unit.parameters:
                raise BackproofError(
                    f"group {group.name}",
                    f"{group.unit.name} units, with parameters of their own",
                    "units whose features are their states",
                    "learn without centring",
                )
            start = means.get(group.name)
            if start is None:
                start = conditionals.mean_in(group.name, conditionals.values[f"b_{group.name}"])
            offsets[group.name] = np.array(start, conditionals.dtype)
        return cls(offsets, follow)

    def update(self, means: Mapping[str, np.ndarray]) -> None:
        """Let the offsets follow the means of some rows: the model is what it was."""
        for name, rows in means.items():
            c = self.offsets[name]
            c += c.dtype.type(self.follow) * (rows.mean(0, dtype=c.dtype) - c)

    def direction(self, machine: Machine, slopes: Mapping[str, np.ndarray]) -> Arrays:
        """M Mᵀ of a gradient in the plain parameters: the way to go in them."""
        dtype = next(iter(slopes.values())).dtype.name
        offsets = {f"c_{name}": x for name, x in self.offsets.items()}
        known = {**offsets, **slopes, **{SLOPE + name: x for name, x in slopes.items()}}
        found: Arrays = _called(pull(machine, dtype), known)
        moved: Arrays = _called(push(machine, dtype), {**offsets, **found})
        return {**found, **{name.removesuffix("_plain"): x for name, x in moved.items()}}


def _called(kernel: Kernel, known: Mapping[str, np.ndarray]) -> Arrays:
    found = kernel(**{name: known[name] for name in kernel.arguments.names})
    return {name: x for name, x in found.items() if name != "value"}


@cache
def pull(machine: Machine, dtype: str) -> Kernel:
    """The gradient in the centred parameters from that in the plain ones."""
    return compile(pulled(machine), dtype)


@cache
def push(machine: Machine, dtype: str) -> Kernel:
    """The plain biases' change from that of the centred parameters."""
    return compile(plain(machine), dtype)
