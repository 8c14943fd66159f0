"""The Ising model."""

from __future__ import annotations

from backproof.theory.energy.groups import Coupling
from backproof.theory.energy.layers import layer
from backproof.theory.energy.machine import Machine


def ising(size: int | str = "n") -> Machine:
    """Spins with pairwise couplings J and fields b (temperature is taken into both).

    A lattice is a J with its neighbours' entries; `backproof.theory.energy.lattices` states one.

    >>> print(ising())
    E = -Σ_i,j J[i,j] s[i] s[j] / 2 - Σ_i b_s[i] s[i]
    """
    return Machine((layer("s", "spin", size),), (Coupling("J", ("s", "s")),), ("s",), "Ising model")
