"""A sampler of one group of units given the other: h ~ p(h | v)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.numerics.exact.two_groups import Enumeration, small
from backproof.numerics.judge.chance.contract import Array, Broken, Caller, Contract
from backproof.numerics.judge.chance.counting import Test, counted, of_counts
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

    def cause(self, caller: Caller, seed: int, failed: Sequence[Test]) -> str:
        """The conditional of a mistake that all draws follow, or rows that depend on each other."""
        rng, words = np.random.default_rng([seed, 19]), []
        for n, m, scale in SETTINGS:
            model = small(rbm("n", "m"), n, m, scale, rng)
            every = model.states(self.given)
            chosen = rng.integers(len(every), size=ROWS)
            fixed = {k: model.values[k] for k in ("W", f"b_{self.group}")}
            found = self.rows(caller, rng, model, {**fixed, self.given: every[chosen]})
            weights = np.bincount(chosen, minlength=len(every)) / ROWS
            fitting = []
            for said, other in mistaken(model, self.group):
                counts = np.zeros(other.shape)
                np.add.at(counts, (chosen, found), 1)
                if not of_counts(said, counts, weights[:, None] * other, 1e-4).rejects:
                    fitting.append(said)
            words.append(fitting)
        shared = [said for said in words[0] if all(said in others for others in words)]
        if not shared and any("together" not in test.words for test in failed):
            return "rows, or calls, share their numbers"
        return shared[0] if shared else ""

    def rows(
        self, caller: Caller, rng: np.random.Generator, model: Enumeration, values: dict[str, Any]
    ) -> Array:
        """Which state each drawn row is."""
        drawn = caller(rng, **values)
        drawn = drawn[0] if isinstance(drawn, tuple) and len(drawn) else drawn
        wanted = (len(values[self.given]), model.states(self.group).shape[1])
        return states_drawn(caller, drawn, wanted, model, self.group)


def mistaken(model: Enumeration, group: str) -> Iterator[tuple[str, Array]]:
    """Conditionals as people get them wrong, each with its words."""

    def of(values: dict[str, Array]) -> Array:
        other = Enumeration(model.machine, values)
        return other.hidden if group == "h" else other.visible

    exact = of(model.values)
    bias = f"b_{group}"
    yield f"the bias {bias} is left out", of({**model.values, bias: 0 * model.values[bias]})
    yield "the comparison is turned: units are on with probability 1 − p", exact[:, ::-1]
    yield "all units of a row share one number", _together(model, exact, group)
    for factor, words in ((0.5, "halved"), (2.0, "doubled")):
        yield f"all parameters are {words}", of({n: factor * a for n, a in model.values.items()})
    yield "it draws every state alike", np.full(exact.shape, 1 / exact.shape[1])


def _together(model: Enumeration, exact: Array, group: str) -> Array:
    """The distribution where every unit is on when one number u is below its own probability."""
    states = model.states(group)
    p = exact @ states
    on = np.where(states[None] == 1, p[:, None], 1.0).min(axis=-1)
    off = np.where(states[None] == 0, p[:, None], 0.0).max(axis=-1)
    return np.asarray(np.maximum(on - off, 0))


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
