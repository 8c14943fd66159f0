"""A Gibbs step of a restricted Boltzmann machine: from visible states to visible states."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from backproof.numerics.exact.two_groups import Enumeration, small
from backproof.numerics.judge.chance.conditional import states_drawn
from backproof.numerics.judge.chance.contract import BUDGET, Array, Caller, Contract
from backproof.numerics.judge.chance.counting import Test, counted, of_counts
from backproof.theory.energy.builders import rbm

ROWS = 20_000
SETTINGS = ((2, 3, 1.5), (3, 2, 1.0))


@dataclass(frozen=True)
class Transition(Contract):
    """One step v → h → v′, or k of them; the last result is taken where several are returned.

        K(v′ | v) = Σ_h p(h | v) p(v′ | h),     Σ_v p(v) K(v′ | v) = p(v′)

    The rows that are passed are drawn from the exact distribution, so that the step has to leave
    it as it is, and pairs (v, v′) have to follow p(v) K(v′ | v).
    """

    budget: float = BUDGET

    @property
    def arguments(self) -> tuple[str, ...]:
        return ("v", "W", "b_v", "b_h", "k")

    @property
    def title(self) -> str:
        return "a Gibbs step that leaves the joint distribution as it is"

    def tests(self, caller: Caller, seed: int) -> Iterator[Callable[[float], Test]]:
        for model, k, start, found in self.runs(caller, seed):
            kernel = np.linalg.matrix_power(model.transition, k)
            counts = np.zeros(kernel.shape)
            np.add.at(counts, (start, found), 1)
            words = f"{k} step{'s' if k > 1 else ''}"
            new, exact = counts.sum(axis=0), model.marginal
            yield counted(f"{words} from the joint distribution, where they lead", new, exact)
            moved = model.marginal[:, None] * kernel
            yield counted(f"pairs before and after {words}", counts, moved, _pair(moved.shape))
            half = len(start) // 2
            same = (found[:half] == 0) * 2 + (found[half : 2 * half] == 0)
            q = model.marginal[0]
            both = np.array([(1 - q) ** 2, q * (1 - q), q * (1 - q), q * q])
            twos = np.bincount(same, minlength=4)
            yield counted("rows of one batch, two by two", twos, both)

    def runs(
        self, caller: Caller, seed: int, rows: int = ROWS
    ) -> Iterator[tuple[Enumeration, int, Array, Array]]:
        """For each setting: the model, the number of steps, and the states before and after."""
        rng = np.random.default_rng([seed, 23])
        for number, (n, m, scale) in enumerate(SETTINGS):
            model = small(rbm("n", "m"), n, m, scale, rng)
            start = rng.choice(len(model.v), size=rows, p=model.marginal)
            given = {**model.values, "v": model.v[start]}
            k = number + 1 if caller.takes("k") else 1
            values = {name: given[name] for name in caller.binding.names if name in given}
            if caller.takes("k"):
                values["k"] = k  # type: ignore[assignment]
            if number == 0:
                some = {name: a[:64] if name == "v" else a for name, a in values.items()}
                caller.require_generator(some, seed)
            drawn = caller(rng, **values)
            if isinstance(drawn, tuple | list) and not isinstance(drawn, np.ndarray):
                drawn = next((d for d in reversed(drawn) if np.shape(d) == (rows, n)), drawn[-1])
            yield model, k, start, states_drawn(caller, drawn, (rows, n), model, "v")

    def cause(self, caller: Caller, seed: int, failed: Sequence[Test]) -> str:
        """The transition of a mistake, where all pairs follow that one."""
        words = []
        for model, k, start, found in self.runs(caller, seed + 1):
            counts = np.zeros(model.transition.shape)
            np.add.at(counts, (start, found), 1)
            fitting = []
            for said, kernel in mistaken(model, k):
                moved = model.marginal[:, None] * kernel
                if not of_counts(said, counts, moved, 1e-4).rejects:
                    fitting.append(said)
            words.append(fitting)
        shared = [said for said in words[0] if all(said in others for others in words)]
        return shared[0] if shared else ""


def mistaken(model: Enumeration, k: int) -> Iterator[tuple[str, Array]]:
    """Transitions as people get them wrong, each with its words."""
    many = np.linalg.matrix_power
    yield "it makes one step more than stated", many(model.transition, k + 1)
    yield "it returns its argument", np.eye(len(model.v))
    yield "it makes one step less than stated", many(model.transition, max(k - 1, 0))
    means = model.hidden @ model.h
    through = np.exp(-model.energies(model.v, means).T)
    driven = through / through.sum(axis=1, keepdims=True)
    yield "the hidden units drive it by their probabilities, not by samples", many(driven, k)
    for name in ("b_v", "b_h"):
        values = {**model.values, name: 0 * model.values[name]}
        other = Enumeration(model.machine, values).transition
        yield f"the bias {name} is left out", many(other, k)
    halves = {name: array / 2 for name, array in model.values.items()}
    yield "all parameters are halved", many(Enumeration(model.machine, halves).transition, k)
    twice = {name: 2 * array for name, array in model.values.items()}
    yield "all parameters are doubled", many(Enumeration(model.machine, twice).transition, k)
    forgets = np.tile(model.marginal, (len(model.v), 1))
    yield "it forgets where it starts", forgets
    uniform = np.full((len(model.v), len(model.v)), 1 / len(model.v))
    yield "it draws every state alike", uniform


def _pair(shape: tuple[int, ...]) -> Callable[[int], str]:
    def told(flat: int) -> str:
        before, after = np.unravel_index(flat, shape)
        return f"from state {int(before)} to state {int(after)}"

    return told
