"""The Gaussian–Gaussian machine."""

from __future__ import annotations

from backproof.theory.energy.groups import Coupling
from backproof.theory.energy.layers import layer
from backproof.theory.energy.machine import Machine


def gaussian_gaussian(visible: int | str = "n", hidden: int | str = "m") -> Machine:
    """Gaussian visible and hidden units: probabilistic factor analysis as an energy.

    It is normalisable where the joint precision, diag(q) minus the weights, is positive definite.

    >>> list(gaussian_gaussian().parameters)
    ['b_v', 'q_v', 'b_h', 'q_h', 'W']
    """
    groups = (layer("v", "gaussian", visible), layer("h", "gaussian", hidden))
    couplings = (Coupling("W", ("v", "h")),)
    return Machine(groups, couplings, ("v",), "Gaussian-Gaussian machine")
