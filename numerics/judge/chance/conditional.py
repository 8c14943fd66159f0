"""A sampler of one group of units given the other: h ~ p(h | v)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.numerics.exact.two_groups import Enumeration, small
from backproof.numerics.judge.chance.contract import Array, Broken, Caller, Contract
from backproof.numerics.judge.chance.counting import Test, counted
from backproof.numerics.judge.finding import Finding
from backproof.theory.energy.builders import rbm

ROWS = 6000
SETTINGS = ((3, 2, 1.0), (2, 3, 0.7), (2, 2, 2.5))
CALLS = 400


@dataclass(frozen=True)
class Conditional(Contract):
    """Draws of a group of a restricted Boltzmann machine, one row for each row that is given.

    The joint distribution of the units of a row, and of pairs of rows, is held against the
    enumerated one: units share no number, and neither do rows or calls.
    """

    group: str = "h"

    def __init__(self, name: str, group: str = "h", budget: float = 1e-6) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "group", group)
        object.__setattr__(self, "budget", budget)

    @property
    def arguments(self) -> tuple[str, ...]:
        return (self.given, "W", f"b_{self.group}")

    @property
    def given(self) -> str:
        """The group that is given."""
        return "v" if self.group == "h" else "h"

    @property
    def title(self) -> str:
        return f"draws from p({self.group} | {self.given})"

    def tests(self, caller: Caller, seed: int) -> Iterator[Callable[[float], Test]]:
        rng = np.random.default_rng([seed, 17])
        for number, (n, m, scale) in enumerate(SETTINGS):
            model = small(rbm("n", "m"), n, m, scale, rng)
            exact = model.hidden if self.group == "h" else model.visible
            every = model.states(self.given)
            chosen = np.sort(rng.integers(len(every), size=ROWS))  # equal rows stand together
            fixed = {k: model.values[k] for k in ("W", f"b_{self.group}")}
            found = self.rows(caller, rng, model, {**fixed, self.given: every[chosen]})
            if number == 0:
                some = {**fixed, self.given: every[chosen[:64]]}
                caller.require_generator(some, seed)
            weights = np.bincount(chosen, minlength=len(every)) / ROWS
            counts = np.zeros(exact.shape)
            np.add.at(counts, (chosen, found), 1)
            words = f"the units of a row together, {n} visible and {m} hidden"
            expected = weights[:, None] * exact
            yield counted(words, counts, expected, _place(counts.shape))
            yield _pairs("pairs of rows in one batch", chosen, found, exact)
            if number == 0:
                at = np.full(CALLS, int(np.argmin(np.abs(every.sum(1) - 1))))
                one = every[at[:1]]
                single = [
                    self.rows(caller, rng, model, {**fixed, self.given: one.copy()})[0]
                    for _ in range(CALLS)
                ]
                yield _pairs("one call after another, a row each", at, np.array(single), exact)

    def rows(
        self, caller: Caller, rng: np.random.Generator, model: Enumeration, values: dict[str, Any]
    ) -> Array:
        """Which state each drawn row is."""
        drawn = caller(rng, **values)
        drawn = drawn[0] if isinstance(drawn, tuple) and len(drawn) else drawn
        wanted = (len(values[self.given]), model.states(self.group).shape[1])
        return states_drawn(caller, drawn, wanted, model, self.group)


def states_drawn(
    caller: Caller, drawn: Any, wanted: tuple[int, ...], model: Enumeration, group: str
) -> Array:
    """Which state each row is; raises `Broken` for another shape, and for no state at all."""
    if np.shape(drawn) != wanted:
        found = f"shape {np.shape(drawn)}"
        raise Broken(Finding("shape", "wrong", caller.title, found, f"{wanted}", "reshape it"))
    places = model.rows(np.asarray(drawn), group)
    if np.any(places < 0):
        row = np.asarray(drawn)[places < 0][0]
        found = f"the state {np.round(row, 3).tolist()}"
        if np.all((row >= 0) & (row <= 1)):
            found += ", probabilities where samples are meant"
        expected = f"one of {len(model.states(group))} states"
        raise Broken(Finding("support", "wrong", caller.title, found, expected, "draw from them"))
    return places


def _place(shape: tuple[int, ...]) -> Callable[[int], str]:
    def told(flat: int) -> str:
        given, drawn = np.unravel_index(flat, shape)
        return f"state {int(drawn)} given state {int(given)}"

    return told


def _pairs(words: str, given: Array, found: Array, exact: Array) -> Callable[[float], Test]:
    """Neighbours with the same given state: both in their likeliest state, one, or none."""
    first, second = np.arange(0, len(found) - 1, 2), np.arange(1, len(found), 2)
    same = given[first] == given[second]
    first, second = first[same], second[same]
    likely = exact.argmax(axis=1)
    kind = 2 * (found[first] == likely[given[first]]) + (found[second] == likely[given[second]])
    counts = np.bincount(kind, minlength=4)
    p = exact.max(axis=1)[given[first]]
    cells = np.array([(1 - p) ** 2, (1 - p) * p, p * (1 - p), p**2])
    expected = cells.sum(axis=1)
    return counted(words, counts, expected, _outcome)


def _outcome(kind: int) -> str:
    who = ("neither", "the second alone", "the first alone", "both")[kind]
    return f"{who} in the likeliest state"
