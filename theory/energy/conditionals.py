"""Conditionals of a group given the rest, derived from the energy.

P(y[i] | rest) ∝ exp(−e(y[i]; z[i])): with the others fixed, the energy is that of the unit alone
in the field z[i].  Mean and variance follow from the unit's support and energy.
"""

from __future__ import annotations

from backproof.theory.energy.composition import Composition
from backproof.theory.energy.machine import Machine
from backproof.theory.energy.markov import blanket, lateral
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model


def conditional(machine: Machine, group: str, batch: str | None = None) -> Model:
    """Field and mean of every unit of a group given the other groups, for each row of a batch.

    The units of the group are then independent: P(y | rest) = Π_i P(y[i] | rest).  For a group
    with couplings of its own each unit is given the rest of its group too, and only one unit may
    be drawn at a time.

    >>> from backproof.theory.energy.builders import rbm
    >>> print(conditional(rbm(), "h"))
    z_h[j] = Σ_i W[i,j] v[i] + b_h[j]
    p_h[j] = σ(z_h[j])
    >>> print(conditional(rbm(visible_unit="gaussian_mean"), "v"))
    z_v[i] = Σ_j W[i,j] h[j]
    m_v[i] = mu_v[i] + z_v[i] sigma_v[i]
    s_v[i] = sigma_v[i]**2
    """
    composition = Composition(machine, batch)
    z = composition.field(group)
    unit = machine[group].unit
    outputs = [composition.mean(group, z)]
    if not unit.discrete:
        outputs.insert(0, composition.variance(group, z))
    given = [*blanket(machine, group), *((f"the rest of {group}",) * lateral(machine, group))]
    title = f"P({group} | {', '.join(given)}) of the {machine.title or 'machine'}"
    return composition.model(*outputs, title=title)


def independent_units(machine: Machine, group: str) -> None:
    """Refuse a group whose units are coupled among themselves."""
    if lateral(machine, group):
        raise BackproofError(
            f"group {group}",
            "couplings between its own units",
            "units that are independent given the rest",
            "draw one unit at a time, or use a literal machine with its colouring",
        )
