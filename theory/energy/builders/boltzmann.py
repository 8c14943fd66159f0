"""The general Boltzmann machine."""

from __future__ import annotations

from backproof.theory.energy.groups import Coupling
from backproof.theory.energy.layers import layer
from backproof.theory.energy.machine import Machine


def boltzmann(visible: int | str = "n", hidden: int | str | None = "m") -> Machine:
    """A general Boltzmann machine: binary units, all coupled; ``hidden=None`` has none hidden.

    L couples visible units among themselves, J hidden ones, W both.  Reference: D. Ackley,
    G. Hinton, T. Sejnowski, Cognitive Science 9 (1985).

    >>> print(boltzmann("n", None))
    E = -Σ_i,j L[i,j] v[i] v[j] / 2 - Σ_i b_v[i] v[i]
    """
    v = layer("v", "binary", visible)
    lateral = Coupling("L", ("v", "v"))
    if hidden is None:
        return Machine((v,), (lateral,), ("v",), "Boltzmann machine, fully visible")
    couplings = (Coupling("W", ("v", "h")), lateral, Coupling("J", ("h", "h")))
    return Machine((v, layer("h", "binary", hidden)), couplings, ("v",), "Boltzmann machine")
