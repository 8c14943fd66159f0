"""A group of units by the name of its unit, as builders and files write it."""

from __future__ import annotations

from dataclasses import replace

from backproof.theory.declarations import read_size
from backproof.theory.energy.groups import Group
from backproof.theory.energy.units import UNITS, Unit
from backproof.theory.errors import BackproofError


def unit(name: str) -> Unit:
    """The unit of a name or of one of its further spellings.

    >>> unit("relu").name
    'rectified'
    """
    for known in UNITS:
        if name in (known.name, *known.spelled):
            return known
    names = ", ".join(u.name for u in UNITS)
    raise BackproofError("unit", repr(name), f"one of {names}", "check the name")


def layer(
    name: str, kind: str | Unit, size: int | str, states: int | str = "K", biased: bool = True
) -> Group:
    """A group of units; without a bias where ``biased`` is false."""
    chosen = unit(kind) if isinstance(kind, str) else kind
    if not biased:
        chosen = replace(chosen, biased=False)
    count = read_size(str(states)) if chosen.labels else None
    return Group(name, chosen, read_size(str(size)), count)
