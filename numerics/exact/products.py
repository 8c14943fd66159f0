"""Means of products of three features or more, by holding the discrete ones at each state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from backproof.numerics.exact.arrays import Arrays, clamped, feature_values
from backproof.numerics.exact.enumeration import sums
from backproof.theory.energy.literal import End, Literal, Site


def product_mean(
    machine: Literal,
    whole: Arrays,
    ends: Sequence[End],
    rows: Sequence[Mapping[str, float]],
    limit: int,
) -> float:
    """E[Π f] over the ends of a coupling, given each row of states, averaged over the rows.

    The discrete ends that are free are held at all their states in turn, weighted by the partition
    function of what is left; a real end (at most one can be free) enters by its mean.
    """
    at = {site.name: n for n, site in enumerate(machine.sites)}
    return float(np.mean([_one_row(machine, whole, ends, dict(row), at, limit) for row in rows]))


def _one_row(
    machine: Literal,
    whole: Arrays,
    ends: Sequence[End],
    row: dict[str, float],
    at: Mapping[str, int],
    limit: int,
) -> float:
    free = [end for end in ends if end[0] not in row]
    discrete = [end for end in free if machine[end[0]].unit.discrete]
    real = [end for end in free if end not in discrete]
    values, logs = [], []
    for states in product(*(states_of(machine[end[0]]) for end in discrete)):
        held = row | {end[0]: state for end, state in zip(discrete, states, strict=True)}
        left = clamped(whole, {at[name]: [state] for name, state in held.items()})
        part = sums(left, limit=limit)
        value = np.prod([_feature(machine, end, held[end[0]]) for end in ends if end[0] in held])
        if real:
            names = [end for site in left.sites for end in site.features]
            value *= part.mean[0, names.index(real[0])]
        values.append(value)
        logs.append(part.log_Z[0])
    share = np.exp(np.array(logs) - max(logs))
    return float(share @ values / share.sum())


def states_of(site: Site) -> list[float]:
    """The states of a discrete unit as numbers; positions for a categorical one."""
    if site.states is not None:
        return [float(k) for k in range(site.states)]
    return [float(y) for y in site.unit.states]


def _feature(machine: Literal, end: End, state: float) -> float:
    return float(feature_values(machine[end[0]], [state])[0, end[1] or 0])
