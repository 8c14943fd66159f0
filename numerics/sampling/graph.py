"""Gibbs sampling of literal machines on any graph, block by block of its colouring.

Units of one colour share no coupling and are drawn at once, for all chains.  Along a path of
machines the couplings are multiplied by β, biases stay:

    z = b + β (A f + Σ w Π f),        P_β(f) ∝ exp(b·f − Σ e(y; 0) + β Σ_couplings w Π f)

The fields of a block are one product of a sparse matrix with the features of all chains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import sympy as sp
from scipy import sparse, special

from backproof.numerics.sampling.conditionals import Random, one_hot
from backproof.numerics.unit_code import (
    feature_scale,
    function,
    noise,
    own_energy,
    sampler,
    unit_code,
)
from backproof.theory.energy import local
from backproof.theory.energy.literal import Literal, Site
from backproof.theory.energy.rewriting import NORMAL
from backproof.theory.energy.units import Unit
from backproof.theory.scalars import sigmoid

PIECE = 2**16  # bytes of an array that is drawn at once


@dataclass(frozen=True)
class Products:
    """Couplings of three units or more as seen by some rows: each gets w Π f of the others."""

    others: np.ndarray  # (coupling, ends − 1)
    into: Any  # sparse (row, coupling), the weights


@dataclass(frozen=True)
class Kind:
    """Units of one block that are drawn alike.

    ``rows`` are the places of their features (one for each component of a categorical unit),
    ``weights`` the sparse matrix (row, feature) of the couplings of two.
    """

    unit: Unit
    states: int
    rows: np.ndarray
    weights: Any
    higher: tuple[Products, ...]
    bias: np.ndarray
    parameters: tuple[np.ndarray, ...]
    scale: np.ndarray


class Graph:
    """The blocks of a literal machine, their fields and draws, for a number of chains.

    Features are arrays (feature, chain): the state of each unit times its scale, or the unit
    vector of a categorical one.
    """

    def __init__(self, machine: Literal, chains: int, dtype: str | type = "float64") -> None:
        self.machine, self.chains, self.dtype = machine, chains, np.dtype(dtype)
        self._pairs, self._higher = couplings = _couplings(machine)
        self.blocks = [
            _kinds(machine, block, couplings, chains, self.dtype) for block in machine.colouring()
        ]

    def field(self, kind: Kind, features: np.ndarray, beta: float = 1.0) -> np.ndarray:
        """z of the rows of a kind, for every chain."""
        z: np.ndarray = kind.weights @ features
        for part in kind.higher:
            z += part.into @ features[part.others].prod(axis=1)
        if beta != 1:
            z *= self.dtype.type(beta)
        if kind.bias.any():
            z += kind.bias[:, None]
        return z

    def draw(self, kind: Kind, z: np.ndarray, features: np.ndarray, random: Random) -> None:
        """Draw the units of a kind in given fields, in place."""
        chains = features.shape[1]
        if kind.unit.labels:
            by_unit = z.reshape(-1, kind.states, chains).transpose(0, 2, 1)
            drawn = one_hot(random.random(by_unit.shape[:2], self.dtype), by_unit)
            features[kind.rows] = drawn.transpose(0, 2, 1).reshape(-1, chains)
            return
        if noise(kind.unit) == NORMAL:
            number = random.standard_normal(z.shape, self.dtype)
        elif kind.unit.discrete:
            number = random.random(z.shape, self.dtype)
        else:  # a quantile is infinite at zero
            number = 1 - random.random(z.shape, self.dtype)
        state = drawn_state(kind.unit)(number, z, *(p[:, None] for p in kind.parameters))
        if (kind.scale != 1).any():
            state = state * kind.scale[:, None]
        features[kind.rows] = state

    def sweep(
        self,
        features: np.ndarray,
        random: Random,
        beta: float = 1.0,
        blocks: Iterable[int] | None = None,
    ) -> None:
        """Draw every block given the newest of the others, in place; ``blocks`` is an order."""
        for n in range(len(self.blocks)) if blocks is None else blocks:
            for kind in self.blocks[n]:
                self.draw(kind, self.field(kind, features, beta), features, random)

    def start(self, random: Random, chains: int | None = None) -> np.ndarray:
        """Features of chains of the machine without its couplings: exact draws at β = 0."""
        chains = self.chains if chains is None else chains
        features = np.zeros((len(self.machine.features), chains), self.dtype)
        for kind in (kind for block in self.blocks for kind in block):
            z = np.broadcast_to(kind.bias[:, None], (len(kind.rows), chains))
            self.draw(kind, z, features, random)
        return features

    # weights -------------------------------------------------------------------------------

    def log_weight(
        self, features: np.ndarray, beta: float = 1.0, summed: int | None = None
    ) -> np.ndarray:
        """log Σ exp(−E_β) of each chain, summed over the units of one block where one is named."""
        total = np.full(features.shape[1], -self.machine.const)
        left = np.array(features, float)
        if summed is not None:
            for kind in self.blocks[summed]:
                total += log_normalisers(kind, np.asarray(self.field(kind, features, beta), float))
                left[kind.rows] = 0
        for n, block in enumerate(self.blocks):
            for kind in block if n != summed else ():
                total += kind.bias.astype(float) @ left[kind.rows] - own_energies(kind, left)
        total += beta * (left * (self._pairs @ left)).sum(0) / 2
        for others, weights in self._higher:
            total += beta * (weights @ left[others].prod(axis=1))
        return total

    def log_normaliser(self) -> float:
        """log Z of the machine without its couplings."""
        kinds = (kind for block in self.blocks for kind in block)
        total = sum(float(log_normalisers(kind, kind.bias[:, None])[0]) for kind in kinds)
        return total - self.machine.const


def log_normalisers(kind: Kind, z: np.ndarray) -> np.ndarray:
    """Σ A(z) over the units of a kind, for every chain."""
    z = np.asarray(z, float)
    if kind.unit.labels:
        by_unit = z.reshape(-1, kind.states, z.shape[1])
        return np.asarray(special.logsumexp(by_unit, axis=1).sum(0))
    own = (p[:, None].astype(float) for p in kind.parameters)
    return np.asarray(unit_code(kind.unit).log_normaliser(z, *own) + 0 * z).sum(0)


def own_energies(kind: Kind, features: np.ndarray) -> np.ndarray:
    """Σ e(y; 0) over the units of a kind, for every chain."""
    if kind.unit.labels:
        return np.zeros(features.shape[1])
    own = (p[:, None].astype(float) for p in kind.parameters)
    state = features[kind.rows] / kind.scale[:, None]
    return np.asarray(own_energy(kind.unit)(state, *own) + 0 * state).sum(0)


@cache
def drawn_state(unit: Unit) -> Callable[..., np.ndarray]:
    """draw(number, z, *parameters): the state of a unit with scalar states.

    With two states it is the upper one where the number is below σ(x) = (1 + tanh(x/2))/2, whose
    error is below the spacing of uniform numbers of either precision.
    """
    if not unit.discrete or len(unit.states) != 2:
        return sampler(unit)
    (share,) = local.tails(unit)
    up = function(share.replace(sigmoid, lambda x: (1 + sp.tanh(x / 2)) / 2), unit)
    low, high = map(float, unit.states)

    def draw(number: np.ndarray, z: np.ndarray, *parameters: np.ndarray) -> np.ndarray:
        state = (number < up(z, *parameters)).astype(z.dtype)
        state *= z.dtype.type(high - low)
        state += z.dtype.type(low)
        return state

    return draw


# Building ----------------------------------------------------------------------------------


Couplings = tuple[Any, list[tuple[np.ndarray, np.ndarray]]]


def _couplings(machine: Literal) -> Couplings:
    """The symmetric sparse matrix of the couplings of two, and those of more by their number."""
    place = {end: n for n, end in enumerate(machine.features)}
    rows, columns, weights = [], [], []
    more: dict[int, list[tuple[list[int], float]]] = {}
    for ends, weight in machine.couplings:
        at = [place[end] for end in ends]
        if len(at) == 2:
            rows += at
            columns += at[::-1]
            weights += [weight, weight]
        else:
            more.setdefault(len(at), []).append((at, weight))
    size = (len(place), len(place))
    pairs = sparse.csr_matrix((weights, (rows, columns)), shape=size, dtype=float)
    higher = [
        (np.array([at for at, _ in found]), np.array([w for _, w in found]))
        for found in more.values()
    ]
    return pairs, higher


def _kinds(
    machine: Literal,
    block: tuple[str, ...],
    couplings: Couplings,
    chains: int,
    dtype: np.dtype[Any],
) -> list[Kind]:
    place = {end: n for n, end in enumerate(machine.features)}
    pairs, higher = couplings
    groups: dict[tuple[Unit, int | None], list[Site]] = {}
    for name in block:
        site = machine[name]
        groups.setdefault((site.unit, site.states), []).append(site)
    found = []
    for (unit, states), sites in pieces(groups, chains * dtype.itemsize):
        rows = np.array([place[end] for site in sites for end in site.features])
        bias = np.array([b for s in sites for b in (s.bias or (0.0,) * len(s.features))], dtype)
        scale = [] if unit.labels else [feature_scale(unit)(0.0, *s.parameters) for s in sites]
        found.append(
            Kind(
                unit,
                states or 1,
                rows,
                pairs[rows].astype(dtype),
                tuple(_products(rows, *part, dtype) for part in higher),
                bias,
                tuple(np.array([s.parameters for s in sites], dtype).T),
                np.array(scale, dtype),
            )
        )
    return found


def pieces(
    groups: Mapping[tuple[Unit, int | None], list[Site]], size: int
) -> Iterator[tuple[tuple[Unit, int | None], list[Site]]]:
    """The groups cut so that the arrays of a piece stay in the nearest cache and on the heap."""
    for key, sites in groups.items():
        step = max(1, PIECE // (size * len(sites[0].features)))
        for first in range(0, len(sites), step):
            yield key, sites[first : first + step]


def _products(
    rows: np.ndarray, ends: np.ndarray, weights: np.ndarray, dtype: np.dtype[Any]
) -> Products:
    """The couplings of one number of ends that have an end among the rows."""
    row_of = {int(row): n for n, row in enumerate(rows)}
    seen: list[tuple[int, Sequence[int], float]] = []
    for at, weight in zip(ends.tolist(), weights.tolist(), strict=True):
        for n, end in enumerate(at):
            if end in row_of:
                seen.append((row_of[end], [*at[:n], *at[n + 1 :]], weight))
    count = len(seen)
    into = sparse.csr_matrix(
        ([w for _, _, w in seen], ([row for row, _, _ in seen], range(count))),
        shape=(len(rows), count),
        dtype=dtype,
    )
    others = np.array([o for _, o, _ in seen], int).reshape(count, ends.shape[1] - 1)
    return Products(others, into)
