"""The sum over the enumerated units, in chunks, with a running maximum.

log Z = log Σ_s exp(−E(s) + A_rest(s)),        E[φ] = Σ_s p(s) E[φ | s]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from backproof.numerics.exact.arrays import Arrays
from backproof.numerics.exact.cover import Cover, count, cover
from backproof.numerics.exact.rest import Moments, Rest
from backproof.theory.errors import BackproofError

LIMIT = 2**30  # states; some ten minutes for twenty units on two cores
CHUNK = 2**21  # numbers in the largest array of a chunk
Progress = Callable[[int, int], None]  # done, total


@dataclass(frozen=True)
class Sums:
    """log Z of each row, the means of features by row, and E[φ φᵀ] averaged over the rows."""

    log_Z: np.ndarray
    mean: np.ndarray
    second: np.ndarray | None


def sums(
    machine: Arrays,
    second: bool = False,
    limit: int = LIMIT,
    progress: Progress | None = None,
) -> Sums:
    """Partition function and moments of every row of a machine.

    Raises `BackproofError` when there are more than ``limit`` states to enumerate, and when an
    integral is infinite.
    """
    chosen = cover(machine)
    rows = len(machine.biases)
    refuse_long(machine, chosen, rows, limit)
    rest = Rest(machine, chosen.rest)
    features = len(machine.pairs)
    step = max(1, CHUNK // max(features, 1))
    many = max(1, step // max(chosen.states, 1))  # rows at once; one where states fill a chunk
    log_Z, mean = np.empty(rows), np.empty((rows, features))
    total = np.zeros((features, features)) if second else None
    done = 0
    for first in range(0, rows, many):
        some = slice(first, min(first + many, rows))
        totals = Totals(some.stop - some.start, features, second)
        for states in chunks(machine, chosen, step):
            one_chunk(machine, chosen, rest, states, some, totals)
            done += len(states) * (some.stop - some.start)
            if progress is not None:
                progress(done, chosen.states * rows)
        log_Z[some] = totals.peak + np.log(totals.weight)
        mean[some] = totals.mean / totals.weight[:, None]
        if total is not None and totals.second is not None:
            total += totals.second / rows
    return Sums(log_Z, mean, total)


def one_chunk(
    machine: Arrays, chosen: Cover, rest: Rest, states: np.ndarray, rows: slice, totals: Totals
) -> None:
    """Add the states of a chunk to the totals of some rows."""
    at = np.array([f for n in chosen.enumerated for f in machine.positions(n)], int)
    biases = machine.biases[rows]
    inner, z = energies_and_fields(machine, at, rest, states)
    log = inner[None] + biases[:, at] @ states.T
    fields = (biases[:, None, rest.features] + z[None]).reshape(log.size, -1)
    found = rest.moments(fields)
    log = log + found.log.reshape(log.shape)
    log -= machine.const if len(machine.const) == 1 else machine.const[rows, None]
    mean = np.empty((log.size, len(machine.pairs)))
    mean[:, at] = np.broadcast_to(states, (len(biases), *states.shape)).reshape(log.size, len(at))
    mean[:, rest.features] = found.mean
    totals.add(log, mean, found, rest.features)


def energies_and_fields(
    machine: Arrays, at: np.ndarray, rest: Rest, states: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """−E of the enumerated units among themselves, and the fields that they send to the rest."""
    inner = ((states @ machine.pairs[np.ix_(at, at)]) * states).sum(1) / 2
    z = states @ machine.pairs[np.ix_(at, rest.features)]
    column = {int(f): n for n, f in enumerate(at)}
    place = {int(f): n for n, f in enumerate(rest.features)}
    for features, weight in machine.higher:
        factor = weight * np.prod([states[:, column[f]] for f in features if f in column], axis=0)
        outside = [place[f] for f in features if f in place]
        if not outside:
            inner = inner + factor
        elif len(outside) == 1:
            z[:, outside[0]] += factor
        else:
            raise BackproofError(
                "a coupling of three units or more",
                "two real units among them",
                "at most one real unit, the precision being free of the state then",
                "replace one of the real units by a discrete one",
            )
    return inner, z


class Totals:
    """Sums of weights exp(log − peak) and of weighted means by row; second moments over the rows.

    Second moments of several rows are taken with the rows' weights normalised, so all states of
    these rows have to come in one chunk.
    """

    def __init__(self, rows: int, features: int, second: bool) -> None:
        self.rows = rows
        self.peak = np.full(rows, -np.inf)
        self.weight = np.zeros(rows)
        self.mean = np.zeros((rows, features))
        self._second = np.zeros((features, features)) if second else None

    def add(self, log: np.ndarray, mean: np.ndarray, found: Moments, rest: np.ndarray) -> None:
        """Add states: log weights by row and state, means of features, moments of the rest."""
        peak = np.maximum(self.peak, log.max(1))
        old = np.exp(self.peak - peak)
        share = np.exp(log - peak[:, None])
        self.peak = peak
        self.weight = self.weight * old + share.sum(1)
        by_row = mean.reshape(*log.shape, -1)
        self.mean = self.mean * old[:, None] + (share[:, None, :] @ by_row)[:, 0]
        if self._second is None:
            return
        if self.rows > 1:
            assert not self._second.any(), "several rows with several chunks"
            share = share / self.weight[:, None]
        flat = share.reshape(-1)
        second = self._second * (old[0] if self.rows == 1 else 1.0)
        second += mean.T @ (flat[:, None] * mean)
        second[rest, rest] += flat @ found.own
        for places, covariance in found.blocks:
            grid = np.ix_(rest[places], rest[places])
            second[grid] += np.einsum("n,nkl->kl", flat, covariance)
        self._second = second

    @property
    def second(self) -> np.ndarray | None:
        """E[φ φᵀ], summed over the rows."""
        if self._second is None or self.rows > 1:
            return self._second
        return self._second / self.weight[0]


def chunks(machine: Arrays, chosen: Cover, step: int) -> Iterator[np.ndarray]:
    """The features of all joint states of the enumerated units, the last unit changing fastest."""
    tables = []
    for n in chosen.enumerated:
        site = machine.sites[n]
        if site.states is not None:
            tables.append(np.eye(site.states))
        else:
            tables.append(np.array([[float(y)] for y in site.unit.states]))
    sizes = [len(t) for t in tables]
    for first in range(0, chosen.states, step):
        number = np.arange(first, min(first + step, chosen.states))
        columns: list[np.ndarray] = []
        for table, size in zip(reversed(tables), reversed(sizes), strict=True):
            columns.insert(0, table[number % size])
            number = number // size
        yield np.concatenate([np.zeros((min(step, chosen.states - first), 0)), *columns], axis=1)


def refuse_long(machine: Arrays, chosen: Cover, rows: int, limit: int) -> None:
    """Refuse an enumeration that is too long, with what it would cost."""
    total = chosen.states * rows
    if total <= limit:
        return
    features = len(machine.pairs)
    seconds = total * (2 * features + len(chosen.enumerated) ** 2) / 1e9
    names = [f"{count(machine, n)}" for n in chosen.enumerated]
    raise BackproofError(
        "bp.exact",
        f"{len(names)} units to enumerate with {chosen.states:.3g} joint states"
        + (f" for each of {rows} rows" if rows > 1 else "")
        + f", about {_duration(seconds)}",
        f"at most {limit:.3g} states",
        "use a smaller machine, raise limit=, or estimate by annealed importance sampling",
    )


def _duration(seconds: float) -> str:
    for unit, length in (
        ("years", 3.15e7),
        ("days", 86400.0),
        ("hours", 3600.0),
        ("minutes", 60.0),
    ):
        if seconds >= 2 * length:
            return f"{seconds / length:.2g} {unit}"
    return f"{seconds:.2g} seconds"
