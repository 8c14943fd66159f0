"""Which units to enumerate, so that all others are summed or integrated in closed form.

A discrete unit can be left out of the enumeration if it is coupled with none of the others that
are left out: given the enumerated units it is then alone in its field, and its normaliser is
known.  Units on a continuum are always left out; those among them that are coupled with each
other have to be jointly Gaussian (`backproof.numerics.exact.rest`).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2, prod

import numpy as np

from backproof.numerics.exact.arrays import Arrays


@dataclass(frozen=True)
class Cover:
    """Positions of the enumerated sites and of the others, and how many states there are."""

    enumerated: tuple[int, ...]
    rest: tuple[int, ...]
    states: int


def cover(machine: Arrays) -> Cover:
    """A small set of discrete units to enumerate: the best of a few, not always the least.

    Tried are the two sides of each two-coloured part of the graph (layers, chains, lattices) and
    greedy choices by the number of neighbours.
    """
    near = neighbours(machine)
    real = [n for n, s in enumerate(machine.sites) if not s.unit.discrete]
    touched = {n for r in real for n in near[r]}
    free = [n for n, s in enumerate(machine.sites) if s.unit.discrete and n not in touched]
    weight = {n: log2(max(count(machine, n), 1)) for n in free}
    alone: set[int] = set()
    for part in parts(free, near):
        choices = [*sides(part, near), greedy(part, near)]
        alone |= max(choices, key=lambda choice: sum(weight[n] for n in choice))
    rest = {*real, *alone}
    enumerated = tuple(n for n in range(len(machine.sites)) if n not in rest)
    states = prod(count(machine, n) for n in enumerated)
    return Cover(enumerated, tuple(sorted(rest)), states)


def count(machine: Arrays, site: int) -> int:
    """The number of states of a discrete unit."""
    found = machine.sites[site]
    return found.states if found.states is not None else len(found.unit.states)


def neighbours(machine: Arrays) -> list[set[int]]:
    """For each site, those that share a coupling with it."""
    owner = np.repeat(np.arange(len(machine.sites)), np.diff(machine.starts))
    near: list[set[int]] = [set() for _ in machine.sites]
    for a, b in zip(*np.nonzero(machine.pairs), strict=True):
        near[owner[a]].add(int(owner[b]))
    for features, _ in machine.higher:
        members = {int(owner[f]) for f in features}
        for n in members:
            near[n] |= members - {n}
    return near


def parts(sites: list[int], near: list[set[int]]) -> list[list[int]]:
    """The connected parts of the graph of these sites."""
    left, found = set(sites), []
    while left:
        queue, part = [left.pop()], []
        while queue:
            part.append(queue.pop())
            fresh = near[part[-1]] & left
            left -= fresh
            queue += fresh
        found.append(part)
    return found


def sides(part: list[int], near: list[set[int]]) -> list[set[int]]:
    """The two colours of a part, if two suffice."""
    inside = set(part)
    colour = {part[0]: 0}
    queue = [part[0]]
    while queue:
        here = queue.pop()
        for other in near[here] & inside:
            if other not in colour:
                colour[other] = 1 - colour[here]
                queue.append(other)
            elif colour[other] == colour[here]:
                return []
    return [{n for n in part if colour[n] == c} for c in (0, 1)]


def greedy(part: list[int], near: list[set[int]]) -> set[int]:
    """Units without a coupling between them, those with few neighbours first."""
    inside: set[int] = set(part)
    chosen: set[int] = set()
    for n in sorted(part, key=lambda n: (len(near[n] & inside), n)):
        if not near[n] & chosen:
            chosen.add(n)
    return chosen
