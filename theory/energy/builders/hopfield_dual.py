"""The Gaussian dual of the Hopfield network."""

from __future__ import annotations

from backproof.theory.energy.groups import Coupling
from backproof.theory.energy.layers import layer
from backproof.theory.energy.machine import Machine


def hopfield_dual(size: int | str = "n", patterns: int | str = "p") -> Machine:
    """Spins and one Gaussian unit a pattern: integrating the latter gives a Hopfield network.

    With weights ξ and precisions q the spins have J = ξ q⁻¹ ξᵀ.  Reference: A. Barra and others,
    Neural Networks 34 (2012).

    >>> print(hopfield_dual())
    E = Σ_j q_h[j] h[j]**2 / 2 - Σ_i,j xi[i,j] s[i] h[j]
    """
    groups = (
        layer("s", "spin", size, biased=False),
        layer("h", "gaussian", patterns, biased=False),
    )
    couplings = (Coupling("xi", ("s", "h")),)
    return Machine(groups, couplings, ("s",), "Hopfield network with Gaussian units")
