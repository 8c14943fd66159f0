"""Persistent contrastive divergence: the expected update from chains that outlast the batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.numerics.exact.two_groups import Enumeration, small
from backproof.numerics.judge.chance.contract import Array, Broken, Caller
from backproof.numerics.judge.chance.counting import Test
from backproof.numerics.judge.chance.divergence import Divergence, of_means
from backproof.numerics.judge.finding import Finding
from backproof.theory.energy.builders import rbm

SETTINGS = ((3, 2, 1.2, 6, 3), (2, 3, 1.5, 2, 5), (3, 3, 0.8, 4, 4))  # …, rows, chains
LARGE, COPIES, CALLS = 24, 1500, 300


@dataclass(frozen=True)
class Persistent(Divergence):
    """The update of persistent contrastive divergence (stochastic maximum likelihood).

        Δθ = (1/N) Σ_r E_h[−∂E/∂θ | v[r]] − (1/M) Σ_c E[−∂E/∂θ one Gibbs step after h[c]]

    The batch has N rows and there are M chains, given by their hidden states ``h``; the two numbers
    are unequal in most settings.  With sum=True both means are times N.

    Reference: T. Tieleman, Training restricted Boltzmann machines using approximations to the
    likelihood gradient (ICML 2008).
    """

    @property
    def arguments(self) -> tuple[str, ...]:
        return ("v", "h", "W", "b_v", "b_h")

    @property
    def title(self) -> str:
        return "the expected update of persistent contrastive divergence"

    def tests(self, caller: Caller, seed: int) -> Iterator[Callable[[float], Test]]:
        for place in self.places(caller, seed):
            sign, factor = self.sign, place.rows.size if self.sum else 1
            for name, exact in place.expected().items():
                if name in place.found:
                    words = f"the mean update of {name}, {place.words}"
                    spread = place.variance()[name]
                    yield _test(
                        words, place.found[name], sign * factor * exact, spread, place.n, factor
                    )

    @property
    def sign(self) -> int:
        """1 for an update in the direction of ascent."""
        return 1 if self.ascent else -1

    def places(self, caller: Caller, seed: int) -> Iterator[Place]:
        """Means of many updates at each setting: of large batches, and of single small ones."""
        rng = np.random.default_rng([seed, 41])
        for number, (n, m, scale, rows, chains) in enumerate(SETTINGS):
            model = small(rbm("n", "m"), n, m, scale, rng)
            v, h = rng.integers(len(model.v), size=rows), rng.integers(len(model.h), size=chains)
            given: dict[str, Any] = {**model.values, "v": model.v[v], "h": model.h[h]}
            values = {name: given[name] for name in caller.binding.names if name in given}
            if number == 0:
                repeated: dict[str, Any] = {
                    k: np.tile(a, (64, 1)) if k in ("v", "h") else a for k, a in values.items()
                }
                caller.require_generator(repeated, seed)  # few may be drawn alike twice
            least = min(rows, chains)
            found = self._mean(caller, rng, values, model, CALLS)
            yield Place(model, v, h, found, CALLS * least)
            many = {k: np.tile(a, (COPIES, 1)) for k, a in values.items() if k in ("v", "h")}
            found = self._mean(caller, rng, {**values, **many}, model, LARGE)
            scaled = {k: a / (COPIES if self.sum else 1) for k, a in found.items()}
            yield Place(model, v, h, scaled, LARGE * COPIES * least)

    def _mean(
        self,
        caller: Caller,
        rng: np.random.Generator,
        values: dict[str, Any],
        model: Enumeration,
        calls: int,
    ) -> dict[str, Array]:
        """The mean update of some calls, by the names of the parameters."""
        every = [self._read(caller, caller(rng, **values), model) for _ in range(calls)]
        for name, update in every[0].items():
            if update.shape != model.values[name].shape:
                found, wanted = f"shape {update.shape}", f"{model.values[name].shape}"
                move = "return it in the parameter's shape"
                raise Broken(Finding("shape", "wrong", f"d{name}", found, wanted, move))
        return {name: np.mean([one[name] for one in every], axis=0) for name in every[0]}

    def cause(self, caller: Caller, seed: int, failed: Sequence[Test]) -> str:
        """The expectation of a mistake, where all means agree with that one."""
        fitting: list[list[str]] = []
        for place in self.places(caller, seed + 1):
            factor = place.rows.size if self.sum else 1
            words = []
            for said, exact in place.mistaken():
                spread = place.variance()
                tests = [
                    of_means(said, got, self.sign * factor * exact[p], spread[p], place.n, factor,
                             1e-4)
                    for p, got in place.found.items()
                ]  # fmt: skip
                if not any(test.rejects for test in tests):
                    words.append(said)
            fitting.append(words)
        shared = [w for w in fitting[0] if all(w in others for others in fitting)]
        return shared[0] if shared else ""


@dataclass(frozen=True, eq=False)  # holds arrays: compared by identity
class Place:
    """A machine, a batch and chains by their states, and the mean of the updates there."""

    model: Enumeration
    rows: Array
    chains: Array
    found: dict[str, Array]
    n: int

    @property
    def words(self) -> str:
        """Where it was tested."""
        return f"{self.rows.size} rows and {self.chains.size} chains, {self.n} draws"

    @property
    def phases(self) -> tuple[dict[str, Array], dict[str, Array]]:
        """The mean statistics over the rows, and one Gibbs step after the chains' states."""
        return self._phases(self.model)

    def _phases(self, model: Enumeration) -> tuple[dict[str, Array], dict[str, Array]]:
        start = np.eye(len(model.v))[self.rows].mean(axis=0)
        moved = np.eye(len(model.h))[self.chains].mean(axis=0) @ model.visible
        found: list[dict[str, Array]] = []
        for where in (start, moved):
            each = {
                n: np.einsum("st,st...->s...", model.hidden, s) for n, s in model.statistics.items()
            }
            found.append({n: np.tensordot(where, e, axes=1) for n, e in each.items()})
        return found[0], found[1]

    def expected(self, up: float = 1.0, down: float = 1.0) -> dict[str, Array]:
        """The expected update, the phases taken so many times."""
        positive, negative = self.phases
        return {n: up * positive[n] - down * negative[n] for n in positive}

    def variance(self) -> dict[str, Array]:
        """An upper bound of the variance, of one row's statistics and one chain's together."""
        model = self.model
        moved = np.eye(len(model.h))[self.chains] @ model.visible
        start = np.eye(len(model.v))[self.rows]
        found = {}
        for name, s in model.statistics.items():
            first, second = (np.einsum("st,st...->s...", model.hidden, s**p) for p in (1, 2))
            parts = []
            for where in (start, moved):
                mean, square = (np.tensordot(where, e, axes=1) for e in (first, second))
                parts.append(np.maximum(square - mean**2, 0).mean(axis=0))
            found[name] = parts[0] + parts[1]
        return found

    def mistaken(self) -> Iterator[tuple[str, dict[str, Array]]]:
        """Expected updates as people get them wrong, each with its words."""
        rows, chains = self.rows.size, self.chains.size
        yield (
            "the negative phase is a sum over the chains divided by the number of rows: "
            "it has the weight (chains / rows)",
            self.expected(down=chains / rows),
        )
        yield (
            "the positive phase is a sum over the rows divided by the number of chains",
            self.expected(up=rows / chains),
        )
        yield "the sign is turned: it descends", self.expected(-1.0, -1.0)
        yield "both phases are summed, not averaged", self.expected(rows, chains)
        yield "the mean is taken twice", self.expected(1 / rows, 1 / chains)
        yield "the negative phase is missing", self.expected(down=0.0)
        yield "the positive phase is missing", self.expected(up=0.0)
        positive, _ = self.phases
        model = self.model
        again = np.eye(len(model.v))[self.rows].mean(axis=0) @ model.transition
        each = {
            n: np.einsum("st,st...->s...", model.hidden, s) for n, s in model.statistics.items()
        }
        data = {n: positive[n] - np.tensordot(again, e, axes=1) for n, e in each.items()}
        yield "the chains start at the data, not where they were left", data
        for name in ("b_v", "b_h"):
            other = Enumeration(model.machine, {**model.values, name: 0 * model.values[name]})
            up, down = self._phases(other)
            yield f"the bias {name} is left out", {n: up[n] - down[n] for n in up}


def _test(
    words: str, got: Array, exact: Array, spread: Array, n: int, factor: float
) -> Callable[[float], Test]:
    return lambda alpha: of_means(words, got, exact, spread, n, factor, alpha)
