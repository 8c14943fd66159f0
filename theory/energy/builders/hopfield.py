"""The Hopfield network."""

from __future__ import annotations

from backproof.theory.energy.groups import Coupling
from backproof.theory.energy.layers import layer
from backproof.theory.energy.machine import Machine


def hopfield(size: int | str = "n") -> Machine:
    """Spins coupled by J; Hebb's rule J[i,k] = (β/n) Σ_μ ξ[μ,i] ξ[μ,k] stores patterns ξ.

    Reference: J. Hopfield, PNAS 79 (1982).

    >>> print(hopfield())
    E = -Σ_i,j J[i,j] s[i] s[j] / 2
    """
    groups = (layer("s", "spin", size, biased=False),)
    return Machine(groups, (Coupling("J", ("s", "s")),), ("s",), "Hopfield network")
