"""Contrastive divergence: the expected update of CD-k, exactly."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.numerics.exact.two_groups import Enumeration, small
from backproof.numerics.judge.chance.contract import BUDGET, Array, Broken, Caller, Contract
from backproof.numerics.judge.chance.counting import Test, deviation
from backproof.numerics.judge.finding import Finding
from backproof.theory.energy.builders import rbm

SETTINGS = ((3, 2, 1.2, 3), (2, 3, 1.5, 5))
CHAINS = 300_000  # in all, where a batch takes no time
PATIENCE = 1.0  # seconds for the draws of one setting
ORDER = ("W", "b_v", "b_h")


@dataclass(frozen=True)
class Divergence(Contract):
    """The update of CD-k in the direction of ascent, a mean over the rows of the batch.

        Δθ = (1/N) Σ_r (E_h[−∂E/∂θ | v[r]] − E[−∂E/∂θ after k Gibbs steps from v[r]])

    The expectation is worked out by enumeration; hidden units may enter by samples or by their
    probabilities wherever that does not change it.  With sum=True the rows are summed.
    """

    k: int = 1
    sum: bool = False
    ascent: bool = True
    budget: float = BUDGET

    @property
    def arguments(self) -> tuple[str, ...]:
        return ("v", "W", "b_v", "b_h", "k")

    @property
    def title(self) -> str:
        return f"the expected update of CD-{self.k}"

    def tests(self, caller: Caller, seed: int) -> Iterator[Callable[[float], Test]]:
        for model, k, rows, found, n in self.runs(caller, seed):
            size = len(rows)
            sign = 1 if self.ascent else -1
            for name, exact in expected(model, rows, k).items():
                if name not in found:
                    continue
                exact = sign * exact * (size if self.sum else 1)
                words = f"the mean update of {name} over {n} chains"
                spread = variance(model, rows, k)[name]
                scale = size if self.sum else 1
                yield _means(words, found[name], exact, spread, n, scale)

    def runs(
        self, caller: Caller, seed: int
    ) -> Iterator[tuple[Enumeration, int, Array, dict[str, Array], int]]:
        """For each setting: the model, k, the rows of the batch, mean updates, and chains."""
        rng = np.random.default_rng([seed, 31])
        for number, (n, m, scale, batch) in enumerate(SETTINGS):
            model = small(rbm("n", "m"), n, m, scale, rng)
            rows = rng.integers(len(model.v), size=batch)
            k = self.k + number if caller.takes("k") else self.k
            given: dict[str, Any] = {**model.values, "v": model.v[rows], "k": k}
            values = {name: given[name] for name in caller.binding.names if name in given}
            if number == 0:
                many = {**values, "v": np.tile(values["v"], (64, 1))}
                caller.require_generator(many, seed)  # few rows may be drawn alike twice
            small_batch = self._read(caller, caller(rng, **values), model)
            for name, update in small_batch.items():
                if update.shape != model.values[name].shape:
                    wanted = model.values[name].shape
                    found, move = f"shape {update.shape}", "return it in the parameter's shape"
                    raise Broken(Finding("shape", "wrong", f"d{name}", found, f"{wanted}", move))
            copies = 2000
            start, made = time.perf_counter(), 0
            total = {name: 0 * update for name, update in small_batch.items()}
            values["v"] = np.tile(model.v[rows], (copies, 1))
            while made < CHAINS and (made == 0 or time.perf_counter() - start < PATIENCE):
                out = self._read(caller, caller(rng, **values), model)
                factor = 1 / copies if self.sum else 1
                for name in total:
                    total[name] = total[name] + out[name] * factor * copies * batch
                made += copies * batch
            yield model, k, rows, {name: a / made for name, a in total.items()}, made
            few = 400  # batches of the stated size too: a divisor may be wrong for it
            values["v"] = model.v[rows]
            again = [self._read(caller, caller(rng, **values), model) for _ in range(few)]
            mean = {name: np.mean([a[name] for a in again], axis=0) for name in small_batch}
            yield model, k, rows, mean, few * batch

    def _read(self, caller: Caller, returned: Any, model: Enumeration) -> dict[str, Array]:
        """The updates by the names of the parameters."""
        if isinstance(returned, dict):
            named = {str(k).removeprefix("d"): v for k, v in returned.items()}
            aliases = {"b": "b_v", "c": "b_h", "a": "b_v", "_b": "b_v"}
            found = {aliases.get(k, k): np.asarray(v) for k, v in named.items()}
            return {k: v for k, v in found.items() if k in ORDER}
        parts = returned if isinstance(returned, tuple | list) else (returned,)
        if len(parts) > len(ORDER):
            parts = parts[: len(ORDER)]
        return {name: np.asarray(p) for name, p in zip(ORDER, parts, strict=False)}

    def cause(self, caller: Caller, seed: int, failed: Sequence[Test]) -> str:
        """The expectation of a mistake, where all means agree with that one."""
        fitting: list[list[str]] = []
        for model, k, rows, found, n in self.runs(caller, seed + 1):
            words = []
            for said, exact in mistaken(model, rows, k):
                sign = 1 if self.ascent else -1
                factor = len(rows) if self.sum else 1
                spread = variance(model, rows, k)
                tests = [
                    of_means(said, found[p], sign * factor * exact[p], spread[p], n, factor, 1e-4)
                    for p in found
                ]
                if not any(test.rejects for test in tests):
                    words.append(said)
            fitting.append(words)
        shared = [w for w in fitting[0] if all(w in others for others in fitting)]
        return shared[0] if shared else ""


def _means(
    words: str, got: Array, exact: Array, spread: Array, n: int, scale: float
) -> Callable[[float], Test]:
    return lambda alpha: of_means(words, got, exact, spread, n, scale, alpha)


def of_means(
    words: str, got: Array, exact: Array, spread: Array, n: int, scale: float, alpha: float
) -> Test:
    """Whether means of n chains are what they are expected to be, entry by entry."""
    bound = deviation(n, spread, 2.0, alpha / max(got.size, 1)) * scale
    excess = np.abs(got - exact) / bound
    place = tuple(int(i) for i in np.unravel_index(int(np.argmax(excess)), excess.shape))
    detail = f"{list(place)}: {got[place]:.4f}, exactly {exact[place]:.4f}"
    power = f"a bias of {2 * float(np.max(bound)):.2g} is found with power at least {1 - alpha:.6f}"
    return Test(words, float(np.max(excess)), 1.0, n, detail, power)


def expected(
    model: Enumeration, rows: Array, k: int, chain: Array | None = None
) -> dict[str, Array]:
    """The expected update of CD-k from these rows, in the direction of ascent."""
    start = np.eye(len(model.v))[rows].mean(axis=0)
    moved = start @ np.linalg.matrix_power(model.transition if chain is None else chain, k)
    found = {}
    for name, s in model.statistics.items():
        each = np.einsum("st,st...->s...", model.hidden, s)
        found[name] = np.tensordot(start - moved, each, axes=1)
    return found


def variance(model: Enumeration, rows: Array, k: int) -> dict[str, Array]:
    """An upper bound of the variance of one chain's update, the mean over the rows.

    The deviation of a difference is at most the sum of the deviations, of the statistics at the
    data with hidden samples and of those after k steps.
    """
    start = np.eye(len(model.v))[rows]
    moved = start @ np.linalg.matrix_power(model.transition, k)
    found = {}
    for name, s in model.statistics.items():
        first, second = (np.einsum("st,st...->s...", model.hidden, s**p) for p in (1, 2))
        at_data = np.sqrt(np.maximum(second - first**2, 0))[rows]
        mean, square = (np.tensordot(moved, e, axes=1) for e in (first, second))
        found[name] = ((at_data + np.sqrt(np.maximum(square - mean**2, 0))) ** 2).mean(axis=0)
    return found


def mistaken(model: Enumeration, rows: Array, k: int) -> Iterator[tuple[str, dict[str, Array]]]:
    """Expected updates as people get them wrong, each with its words."""
    right = expected(model, rows, k)
    yield "the sign is turned: it descends", {n: -a for n, a in right.items()}
    yield "the rows are summed, not averaged", {n: a * len(rows) for n, a in right.items()}
    yield "the mean over the rows is taken twice", {n: a / len(rows) for n, a in right.items()}
    yield "it makes one step more than stated", expected(model, rows, k + 1)
    yield "it makes one step whatever k is", expected(model, rows, 1)
    yield "it makes one step less than stated", expected(model, rows, k - 1)
    means = np.exp(-model.energies(model.v, model.hidden @ model.h).T)
    driven = means / means.sum(axis=1, keepdims=True)
    yield (
        "the hidden units drive the chain by their probabilities, where samples are meant",
        expected(model, rows, k, driven),
    )
    start = np.eye(len(model.v))[rows].mean(axis=0)
    positive = {
        n: np.tensordot(start, np.einsum("st,st...->s...", model.hidden, s), axes=1)
        for n, s in model.statistics.items()
    }
    yield "the negative phase is missing", positive
    drawn = {n: positive[n] - right[n] for n in right}
    yield "the positive phase is missing", {n: -a for n, a in drawn.items()}
    for name in ("b_v", "b_h"):
        values = {**model.values, name: 0 * model.values[name]}
        other = Enumeration(model.machine, values)
        yield f"the bias {name} is left out", expected(other, rows, k)
