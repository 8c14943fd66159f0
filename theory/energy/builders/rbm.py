"""The restricted Boltzmann machine."""

from __future__ import annotations

from backproof.theory.energy.groups import Coupling
from backproof.theory.energy.layers import layer
from backproof.theory.energy.machine import Machine


def rbm(
    visible: int | str = "n",
    hidden: int | str = "m",
    visible_unit: str = "binary",
    hidden_unit: str = "binary",
    states: int | str = "K",
) -> Machine:
    """A restricted Boltzmann machine, E = −Σ W v h + units alone, with ``v`` visible.

    Units are named as in `backproof.theory.energy.units`; ``states`` is the number of states of
    categorical ones.  Reference: P. Smolensky (1986); G. Hinton, Neural Computation 14 (2002).

    >>> print(rbm())
    E = -Σ_i,j W[i,j] v[i] h[j] - Σ_i b_v[i] v[i] - Σ_j b_h[j] h[j]
    """
    groups = (layer("v", visible_unit, visible, states), layer("h", hidden_unit, hidden, states))
    title = f"Restricted Boltzmann machine, {visible_unit} v, {hidden_unit} h"
    return Machine(groups, (Coupling("W", ("v", "h")),), ("v",), title)
