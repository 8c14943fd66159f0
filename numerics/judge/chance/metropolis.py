"""A Metropolis–Hastings step on a few states, held against its exact kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.numerics.judge.calls.calling import shared_generators
from backproof.numerics.judge.chance.contract import BUDGET, Array, Broken, Caller, Contract
from backproof.numerics.judge.chance.counting import Test, counted, of_counts
from backproof.numerics.judge.finding import Finding

STATES = 4
DRAWS = 12_000
LONG = 3  # transitions of a chain, where a function makes one


@dataclass(frozen=True)
class Metropolis(Contract):
    """A step, or a chain of ``n`` steps, on the states 0 … S − 1.

        K(y | x) = q(y | x) min(1, π(y) q(x | y) / (π(x) q(y | x))),   y ≠ x

    The function is given a state ``x``, ``log_p`` (the logarithm of π up to a constant),
    ``propose`` (a function of a state and the generator), and, where it takes one, ``log_q``
    (``log_q(y, x)`` is log q(y | x)): without it proposals are symmetric.  It returns the next
    state, or a tuple that starts with it, or for a chain all states, with or without ``x``.
    """

    budget: float = BUDGET

    @property
    def arguments(self) -> tuple[str, ...]:
        return ("x", "log_p", "propose", "log_q", "n")

    @property
    def title(self) -> str:
        return "the kernel of Metropolis and Hastings"

    def tests(self, caller: Caller, seed: int) -> Iterator[Callable[[float], Test]]:
        for p, q, start, found in self.runs(caller, seed):
            counts = np.zeros(q.shape)
            np.add.at(counts, (start, found), 1)
            new = counts.sum(axis=0)
            yield counted("one step from the target, where it leads", new, p)
            moved = p[:, None] * kernel(p, q)
            yield counted("pairs before and after a step", counts, moved, _pair)

    def runs(self, caller: Caller, seed: int) -> Iterator[tuple[Array, Array, Array, Array]]:
        """For two targets: the target, the proposals, and states before and after a step."""
        rng = np.random.default_rng([seed, 41])
        for number in range(2):
            p = rng.dirichlet(np.ones(STATES)) * 0.9 + 0.1 / STATES
            raw = rng.random((STATES, STATES)) + 0.1
            q = raw / raw.sum(axis=1, keepdims=True)
            if not caller.takes("log_q"):
                q = np.full((STATES, STATES), 1 / STATES)
            values = self._given(p, q, number)
            values = {n: v for n, v in values.items() if caller.takes(n)}
            if number == 0:
                _promises(caller, values, seed)
            start = rng.choice(STATES, size=DRAWS, p=p)
            found = np.array([self._last(caller, rng, {**values, "x": int(x)}) for x in start])
            yield p, q, found[:, 0], found[:, 1]

    def _given(self, p: Array, q: Array, number: int) -> dict[str, Any]:
        shift = 700.0 * (number + 1)  # π is known up to a constant, and exp would overflow
        table = np.cumsum(q, axis=1)

        def log_p(x: Any) -> float:
            return float(np.log(p[int(x)]) + shift)

        def propose(x: Any, rng: np.random.Generator) -> int:
            return min(int(np.searchsorted(table[int(x)], rng.random())), STATES - 1)

        def log_q(to: Any, start: Any) -> float:
            return float(np.log(q[int(start), int(to)]))

        return {"x": 0, "log_p": log_p, "propose": propose, "log_q": log_q, "n": LONG}

    def _last(
        self, caller: Caller, rng: np.random.Generator, values: dict[str, Any]
    ) -> tuple[int, int]:
        """The states before and after the last step that was made."""
        made = caller(rng, **values)
        if caller.takes("n"):
            made = made[0] if isinstance(made, tuple) else made
            chain = [values["x"], *np.ravel(np.asarray(made, float))]
            states = len(chain) - 1
            if states not in (LONG, LONG + 1):
                found, expected = f"{states} states", f"{LONG}, or {LONG + 1} with the first"
                move = "record the state after every step, a rejected one too"
                raise Broken(Finding("length", "wrong", caller.title, found, expected, move))
            return _state(caller, chain[-2]), _state(caller, chain[-1])
        made = made[0] if isinstance(made, tuple) else made
        return int(values["x"]), _state(caller, made)

    def cause(self, caller: Caller, seed: int, failed: Sequence[Test]) -> str:
        """The kernel of a mistake, where all pairs follow that one."""
        fitting = []
        for p, q, start, found in self.runs(caller, seed + 1):
            counts = np.zeros(q.shape)
            np.add.at(counts, (start, found), 1)
            share = counts.sum(axis=1) / counts.sum()
            fitting.append(
                [
                    said
                    for said, other in mistaken(p, q)
                    if not of_counts(said, counts, share[:, None] * other, 1e-4).rejects
                ]
            )
        shared = [w for w in fitting[0] if all(w in others for others in fitting)]
        return shared[0] if shared else ""


def kernel(p: Array, q: Array, accept: Array | None = None) -> Array:
    """The transition matrix: accepted proposals, and what is rejected stays."""
    ratio = (p[None, :] * q.T) / (p[:, None] * q)
    moved = q * (np.minimum(1, ratio) if accept is None else accept)
    np.fill_diagonal(moved, 0)
    return moved + np.diag(1 - moved.sum(axis=1))


def mistaken(p: Array, q: Array) -> Iterator[tuple[str, Array]]:
    """Kernels as people get them wrong, each with its words."""
    ratio = p[None, :] / p[:, None]
    yield "the proposals' correction q(x|y)/q(y|x) is left out", kernel(p, q, np.minimum(1, ratio))
    upside = ratio * q / q.T
    yield "the proposals' correction is upside down", kernel(p, q, np.minimum(1, upside))
    turned = 1 / (ratio * q.T / q)
    yield "the ratio is upside down", kernel(p, q, np.minimum(1, turned))
    yield "every proposal is accepted", kernel(p, q, np.ones_like(q))
    yield "no proposal is accepted", np.eye(len(p))
    barker = ratio * q.T / q
    yield "it accepts as Barker does, r/(1 + r)", kernel(p, q, barker / (1 + barker))
    uphill = (ratio * q.T / q >= 1).astype(float)
    yield "it only goes uphill", kernel(p, q, uphill)
    yield "the ratio is squared", kernel(p, q, np.minimum(1, barker**2))
    yield "the root of the ratio is taken", kernel(p, q, np.minimum(1, np.sqrt(barker)))
    moved = kernel(p, q)
    np.fill_diagonal(moved, np.diag(q))
    yield "rejected states are not recorded", moved / moved.sum(axis=1, keepdims=True)


def _promises(caller: Caller, values: dict[str, Any], seed: int) -> None:
    """Reproducible, and drawn from the generator: over a few steps, since one may be rejected."""
    chains, shared = [], shared_generators()
    for s in (seed, seed, seed + 1):
        rng = np.random.default_rng(s)
        chains.append([str(caller(rng, **{**values, "x": n % STATES})) for n in range(60)])
    if caller.generator and shared != shared_generators():
        found, move = "numbers drawn from a generator that everything shares", "use it"
        expected = f"those of {caller.generator}"
        raise Broken(Finding("randomness", "wrong", caller.title, found, expected, move))
    if chains[0] != chains[1]:
        found, move = "other states for the same generator", "draw from it alone"
        raise Broken(Finding("reproducible", "wrong", caller.title, found, "the same", move))
    if chains[0] == chains[2]:
        found, move = "the same states whatever the generator", "draw from it"
        raise Broken(Finding("used", "wrong", caller.title, found, "others", move))


def _state(caller: Caller, made: Any) -> int:
    x = np.asarray(made)
    if x.size != 1 or not 0 <= float(x.ravel()[0]) < STATES or float(x.ravel()[0]) % 1:
        found, expected = f"{made!r}", f"a state from 0 to {STATES - 1}"
        raise Broken(Finding("support", "wrong", caller.title, found, expected, "return the state"))
    return int(x.ravel()[0])


def _pair(flat: int) -> str:
    return f"from {flat // STATES} to {flat % STATES}"
