"""The deep Boltzmann machine."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from backproof.theory.energy.groups import Coupling
from backproof.theory.energy.layers import layer
from backproof.theory.energy.machine import Machine
from backproof.theory.errors import BackproofError


def dbm(
    sizes: Sequence[int | str] = ("n", "m", "l"),
    units: str | Sequence[str] = "binary",
    states: int | str = "K",
) -> Machine:
    """A deep Boltzmann machine: layers v, h1, h2, …, each coupled with the next by W1, W2, ….

    ``units`` is one name for all layers or a name each: middle layers may be real, as in
    ``["binary", "gaussian", "binary"]``.  Reference: R. Salakhutdinov, G. Hinton, AISTATS (2009).
    Raises `BackproofError` for fewer than two layers or a wrong number of units.

    >>> machine = dbm(["n", "m", "l", 10], units=["binary", "gaussian", "spin", "categorical"])
    >>> [(c.weight, c.between) for c in machine.couplings]
    [('W1', ('v', 'h1')), ('W2', ('h1', 'h2')), ('W3', ('h2', 'h3'))]
    """
    kinds = [units] * len(sizes) if isinstance(units, str) else list(units)
    if isinstance(sizes, str) or len(sizes) < 2 or len(kinds) != len(sizes):
        raise BackproofError(
            "dbm",
            f"sizes {sizes!r} with units {units!r}",
            "two sizes or more, and one unit for all or one each",
            "write e.g. dbm([784, 500, 1000])",
        )
    names = ["v", *(f"h{k}" for k in range(1, len(sizes)))]
    groups = tuple(
        layer(name, kind, size, states)
        for name, kind, size in zip(names, kinds, sizes, strict=True)
    )
    couplings = tuple(Coupling(f"W{k}", pair) for k, pair in enumerate(pairwise(names), 1))
    of = f"{kinds[0]} units" if len(set(kinds)) == 1 else f"{'-'.join(kinds)} layers"
    return Machine(groups, couplings, ("v",), f"Deep Boltzmann machine of {of}")
