"""A literal machine as arrays over its features, whole or with some units clamped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from backproof.numerics.unit_code import feature_scale, own_energy
from backproof.theory.energy.literal import Literal, Site
from backproof.theory.errors import BackproofError

Higher = tuple[tuple[int, ...], float]


@dataclass(frozen=True)
class Arrays:
    """E = const + Σ_i e(x_i) − Σ b f − ½ fᵀ J f − Σ w f f f …, features in the order of the sites.

    ``biases`` has a row for each assignment of the clamped units (one where none is), and so has
    ``const``; ``starts[i]`` is the first feature of site i.
    """

    sites: tuple[Site, ...]
    biases: np.ndarray
    pairs: np.ndarray
    higher: tuple[Higher, ...]
    const: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        """The position of each site's first feature, and the number of features at the end."""
        return np.cumsum([0, *(len(s.features) for s in self.sites)])

    def positions(self, site: int) -> range:
        """The features of a site."""
        starts = self.starts
        return range(int(starts[site]), int(starts[site + 1]))


def arrays(machine: Literal) -> Arrays:
    """The arrays of a machine, nothing clamped."""
    place = {end: n for n, end in enumerate(machine.features)}
    bias = np.array([b for s in machine.sites for b in (s.bias or (0.0,) * len(s.features))])
    pairs = np.zeros((len(place), len(place)))
    higher: list[Higher] = []
    for ends, weight in machine.couplings:
        at = tuple(place[end] for end in ends)
        if len(at) == 2:
            pairs[at] += weight
            pairs[at[::-1]] += weight
        elif weight:
            higher.append((at, weight))
    return Arrays(machine.sites, bias[None], pairs, tuple(higher), np.array([machine.const]))


def feature_values(site: Site, values: Sequence[float], where: str = "") -> np.ndarray:
    """The features of a site at given states, one row each.

    Raises `BackproofError` for a state outside the unit's support.
    """
    numbers = np.asarray(values, float)
    if site.states is not None:
        states = np.arange(site.states)
        fits = np.isin(numbers, states)
        expected = f"a state 0 … {site.states - 1}"
    elif site.unit.discrete:
        known = [float(y) for y in site.unit.states]
        fits = np.isin(numbers, known)
        expected = f"one of {', '.join(f'{y:g}' for y in known)}"
    else:
        low, high = float(site.unit.support.inf), float(site.unit.support.sup)  # type: ignore[union-attr]
        fits = np.isfinite(numbers) & (numbers >= low) & (numbers <= high)
        expected = f"a number of {site.unit.support}"
    if not fits.all():
        found = f"{numbers[~fits][0]:g}"
        raise BackproofError(where or f"unit {site.name}", found, expected, "correct the state")
    if site.states is not None:
        return np.asarray(numbers[:, None] == states, float)
    return np.asarray(numbers[:, None] * feature_scale(site.unit)(0.0, *site.parameters), float)


def alone(site: Site, values: Sequence[float]) -> np.ndarray:
    """e(x; 0), the energy of a unit alone without its bias, at given states."""
    if site.states is not None:
        return np.zeros(len(values))
    energy = own_energy(site.unit)(np.asarray(values, float), *site.parameters)
    return np.asarray(energy) + np.zeros(len(values))


def clamped(machine: Arrays, rows: Mapping[int, Sequence[float]]) -> Arrays:
    """The machine of the other sites where some (by position) are held at given states.

    Each site has a list of states of one length; the lists are read side by side, one assignment
    a row.  A coupling of more than two features among which are clamped ones becomes different in
    each row, which needs rows of one assignment.
    """
    if not rows:
        return machine
    count = len(next(iter(rows.values())))
    held = np.zeros((count, len(machine.pairs)))
    const = np.zeros(count) + machine.const
    is_held = np.zeros(len(machine.pairs), bool)
    for site, values in rows.items():
        at = machine.positions(site)
        held[:, at.start : at.stop] = feature_values(machine.sites[site], values)
        is_held[at.start : at.stop] = True
        const = const + alone(machine.sites[site], values)
    const = const - (held * machine.biases).sum(1) - ((held @ machine.pairs) * held).sum(1) / 2
    biases = machine.biases + held @ machine.pairs
    free = np.flatnonzero(~is_held)
    place = {int(old): new for new, old in enumerate(free)}
    pairs = machine.pairs[np.ix_(free, free)].copy()
    biases = biases[:, free]
    higher: list[Higher] = []
    for features, weight in machine.higher:
        kept = tuple(place[n] for n in features if n in place)
        factor = weight * np.prod([held[:, n] for n in features if n not in place], axis=0)
        if len(kept) == len(features):
            higher.append((kept, weight))
        elif not kept:
            const = const - factor
        elif len(kept) == 1:
            biases[:, kept[0]] += factor
        else:
            assert count == 1, "rows of several assignments"
            if len(kept) == 2:
                pairs[kept] += factor[0]
                pairs[kept[::-1]] += factor[0]
            elif factor[0]:
                higher.append((kept, float(factor[0])))
    sites = tuple(s for n, s in enumerate(machine.sites) if n not in rows)
    return replace(
        machine, sites=sites, biases=biases, pairs=pairs, higher=tuple(higher), const=const
    )
