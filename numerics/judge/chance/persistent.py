"""Contrastive divergence with chains of their own, more or fewer than the rows of the batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from backproof.numerics.exact.two_groups import Enumeration, small
from backproof.numerics.judge.chance.contract import BUDGET, Array, Broken, Caller, Contract
from backproof.numerics.judge.chance.counting import Test, deviation
from backproof.numerics.judge.finding import Finding
from backproof.theory.energy.builders import rbm

SETTINGS = ((3, 2, 2.5, 3, 5), (2, 3, 3.0, 7, 2))  # units, scale, rows, chains
COPIES = 30_000
MIXING = 0.75  # the second eigenvalue of a transition that is looked for
CALLS = 100  # of a batch of the stated size
ORDER = ("W", "b_v", "b_h")


@dataclass(frozen=True)
class Persistent(Contract):
    """The update of persistent chains in the direction of ascent.

        Δθ = (1/N) Σ_r E_h[−∂E/∂θ | v[r]] − (1/M) Σ_c E[−∂E/∂θ after k Gibbs steps from chain c]

    for N rows and M chains of other numbers, so that each mean has a divisor of its own.  The
    updates of W, b_v and b_h are returned, the states of the chains may follow.
    """

    k: int = 1
    budget: float = BUDGET

    @property
    def arguments(self) -> tuple[str, ...]:
        return ("v", "chains", "W", "b_v", "b_h", "k")

    @property
    def title(self) -> str:
        return "the expected update of persistent chains"

    def tests(self, caller: Caller, seed: int) -> Iterator[Callable[[float], Test]]:
        for model, rows, chains, found in self.runs(caller, seed):
            exact = update(model, rows, chains, self.k)
            words = f"{len(rows)} rows and {len(chains)} chains"
            for name, mean in found.items():
                said = f"the mean update of {name}, {words}"
                yield partial(of_updates, said, mean, exact[name], len(rows), len(chains))

    def runs(
        self, caller: Caller, seed: int, promised: bool = False
    ) -> Iterator[tuple[Enumeration, Array, Array, dict[str, Array]]]:
        """For each setting: the model, which states rows and chains are, and the mean updates."""
        rng = np.random.default_rng([seed, 71])
        for number, (n, m, scale, batch, count) in enumerate(SETTINGS):
            model = min((small(rbm("n", "m"), n, m, scale, rng) for _ in range(6)), key=_haste)
            rows, chains = (rng.integers(len(model.v), size=s) for s in (batch, count))
            given = {**model.values, "v": model.v[rows], "chains": model.v[chains], "k": self.k}
            values = {name: given[name] for name in caller.binding.names if name in given}
            if number == 0 and not promised:
                many = {name: np.tile(values[name], (64, 1)) for name in ("v", "chains")}
                caller.require_generator({**values, **many}, seed)
            few = self._read(caller, caller(rng, **values), model)
            small_calls = [
                few,
                *(self._read(caller, caller(rng, **values), model) for _ in range(99)),
            ]
            for name in few:
                few[name] = np.mean([made[name] for made in small_calls], axis=0)
            yield model, rows, chains, few
            # the same rows and chains many times over: as many of each, in the same proportion
            values = {**values, "v": np.tile(model.v[rows], (COPIES, 1))}
            values["chains"] = np.tile(model.v[chains], (COPIES, 1))
            made = self._read(caller, caller(rng, **values), model)
            yield model, np.tile(rows, COPIES), np.tile(chains, COPIES), made

    def _read(self, caller: Caller, returned: object, model: Enumeration) -> dict[str, Array]:
        """The updates by the names of the parameters."""
        if isinstance(returned, dict):
            named = {str(k).removeprefix("d"): np.asarray(v) for k, v in returned.items()}
        else:
            parts = returned if isinstance(returned, tuple | list) else (returned,)
            named = dict(zip(ORDER, map(np.asarray, parts), strict=False))
        found = {name: named[name] for name in ORDER if name in named}
        for name, array in found.items():
            wanted = model.values[name].shape
            if array.shape != wanted:
                was, move = f"shape {array.shape}", "return it in the parameter's shape"
                raise Broken(Finding("shape", "wrong", f"d{name}", was, f"{wanted}", move))
        return found

    def cause(self, caller: Caller, seed: int, failed: Sequence[Test]) -> str:
        """The expectation of a mistake, where the means agree with that one."""
        fitting = []
        for model, rows, chains, found in self.runs(caller, seed + 1, promised=True):
            fitting.append(
                [
                    said
                    for said, exact in mistaken(model, rows, chains, self.k)
                    if not any(
                        of_updates(said, found[p], exact[p], len(rows), len(chains), 1e-4).rejects
                        for p in found
                    )
                ]
            )
        shared = [w for w in fitting[0] if all(w in others for others in fitting)]
        return shared[0] if shared else ""


def _haste(model: Enumeration) -> float:
    """How far a model is from mixing slowly enough that every step counts."""
    values = np.sort(np.abs(np.linalg.eigvals(model.transition)))
    return float(abs(values[-2] - MIXING))


def of_updates(words: str, got: Array, exact: Array, rows: int, chains: int, alpha: float) -> Test:
    """Whether a mean update is what it is expected to be, entry by entry.

    Each statistic lies between 0 and 1: its variance is at most ¼.  The means over rows and over
    chains are independent, and each has half of the share; several calls are averaged where few
    chains are passed.
    """
    calls = CALLS if rows < COPIES else 1
    share = alpha / (2 * max(got.size, 1))
    quarter = np.asarray(0.25)
    bound = float(deviation(calls * rows, quarter, 1.0, share))
    bound += float(deviation(calls * chains, quarter, 1.0, share))
    excess = np.abs(got - exact) / bound
    place = tuple(int(i) for i in np.unravel_index(int(np.argmax(excess)), excess.shape))
    detail = f"{list(place)}: {got[place]:.4f}, exactly {exact[place]:.4f}"
    power = f"a bias of {2 * bound:.2g} is found with power at least {1 - alpha:.6f}"
    return Test(words, float(np.max(excess)), 1.0, calls * chains, detail, power)


def phases(
    model: Enumeration, rows: Array, chains: Array, k: int
) -> tuple[dict[str, Array], dict[str, Array]]:
    """E of the statistics at the rows, and at the chains after k steps."""
    moved = np.linalg.matrix_power(model.transition, k)[chains].mean(axis=0)
    start = np.bincount(rows, minlength=len(model.v)) / len(rows)
    found: tuple[dict[str, Array], dict[str, Array]] = ({}, {})
    for name, s in model.statistics.items():
        each = np.einsum("st,st...->s...", model.hidden, s)
        for mass, phase in zip((start, moved), found, strict=True):
            phase[name] = np.tensordot(mass, each, axes=1)
    return found


def update(model: Enumeration, rows: Array, chains: Array, k: int) -> dict[str, Array]:
    """The expected update."""
    positive, negative = phases(model, rows, chains, k)
    return {name: positive[name] - negative[name] for name in positive}


def mistaken(
    model: Enumeration, rows: Array, chains: Array, k: int
) -> Iterator[tuple[str, dict[str, Array]]]:
    """Expected updates as people get them wrong, each with its words."""
    positive, negative = phases(model, rows, chains, k)
    ratio = len(chains) / len(rows)
    wrong = {name: positive[name] - ratio * negative[name] for name in positive}
    yield "the sum over the chains is divided by the number of rows", wrong
    other = {name: positive[name] / ratio - negative[name] for name in positive}
    yield "the sum over the rows is divided by the number of chains", other
    turned = {name: negative[name] - positive[name] for name in positive}
    yield "the sign is turned: it descends", turned
    yield "the chains are not moved", update(model, rows, chains, 0)
    yield "it makes one step more than stated", update(model, rows, chains, k + 1)
    yield "the chains start at the rows", update(model, rows, rows, k)
