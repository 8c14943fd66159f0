"""The Potts model."""

from __future__ import annotations

from backproof.theory.energy.groups import Coupling
from backproof.theory.energy.layers import layer
from backproof.theory.energy.machine import Machine


def potts(size: int | str = "n", states: int | str = "K") -> Machine:
    """Categorical units with pairwise couplings J[i,k,i′,k′] and fields b.

    The standard model has J[i,k,i′,k′] = J δ[k,k′] between neighbours.  Reference: F. Wu, Reviews
    of Modern Physics 54 (1982).

    >>> print(potts())
    E = -Σ_c,i,j,k J[i,c,j,k] s[i,c] s[j,k] / 2 - Σ_c,i b_s[i,c] s[i,c]
    """
    groups = (layer("s", "categorical", size, states),)
    return Machine(groups, (Coupling("J", ("s", "s")),), ("s",), "Potts model")
