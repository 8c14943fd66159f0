"""The pseudo-log-likelihood of a restricted Boltzmann machine: its expected estimate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from backproof.numerics.exact.two_groups import Enumeration, small
from backproof.numerics.judge.chance.contract import Array, Broken, Caller, Contract
from backproof.numerics.judge.chance.counting import Test, deviation
from backproof.numerics.judge.finding import Finding
from backproof.theory.energy.builders import rbm

SETTINGS = ((3, 2, 1.0), (4, 3, 0.7), (1, 2, 1.5))
EACH = 4000  # rows of each state


@dataclass(frozen=True)
class Pseudolikelihood(Contract):
    """An estimate of the pseudo-log-likelihood, for each row.

        E[estimate(v)] = Σ_i log p(v_i | v_−i)

    A sum over all units is right, and so is the number of units times the term of one that is
    drawn at random.

    Reference: J. Besag, Statistical analysis of non-lattice data (1975), The Statistician 24.
    """

    @property
    def arguments(self) -> tuple[str, ...]:
        return ("v", "W", "b_v", "b_h")

    @property
    def title(self) -> str:
        return "the expected pseudo-log-likelihood"

    def tests(self, caller: Caller, seed: int) -> Iterator[Callable[[float], Test]]:
        rng = np.random.default_rng([seed, 43])
        for n, m, scale in SETTINGS:
            model = small(rbm("n", "m"), n, m, scale, rng)
            terms = conditionals(model)
            rows = np.repeat(np.arange(len(model.v)), EACH)
            given = {**model.values, "v": model.v[rows]}
            values = {k: given[k] for k in caller.binding.names if k in given}
            found = np.asarray(caller(rng, **values))
            if found.shape != rows.shape:
                move = "return one number for each row"
                shape = Finding("shape", "wrong", caller.title, f"shape {found.shape}",
                                f"{rows.shape}", move)  # fmt: skip
                raise Broken(shape)
            means = found.reshape(len(model.v), EACH).mean(axis=1)
            yield _of_terms(f"the mean estimate of each state of {n} units", means, terms)


def conditionals(model: Enumeration) -> Array:
    """log p(v_i | v_−i) of every state and unit, from the enumerated probabilities."""
    found = np.empty(model.v.shape)
    for i in range(model.v.shape[1]):
        other = model.v.copy()
        other[:, i] = 1 - other[:, i]
        flipped = model.marginal[model.rows(other, "v")]
        found[:, i] = np.log(model.marginal / (model.marginal + flipped))
    return found


def _of_terms(words: str, means: Array, terms: Array) -> Callable[[float], Test]:
    """Whether the means are those of one term drawn at random, times the number of terms."""
    n, exact = terms.shape[1], terms.sum(axis=1)

    def test(alpha: float) -> Test:
        spread, width = (n * terms).var(axis=1), n * np.ptp(terms, axis=1)
        bound = np.array([
            float(deviation(EACH, np.array(s), float(w), alpha / len(exact)))
            for s, w in zip(spread, width, strict=True)
        ]) + 1e-9 * (1 + np.abs(exact))  # fmt: skip
        excess = np.abs(means - exact) / bound
        worst = int(np.argmax(excess))
        detail = f"state {worst}: {means[worst]:.4f}, exactly {exact[worst]:.4f}"
        power = f"a bias of {2 * bound.max():.2g} is found with power at least {1 - alpha:.6f}"
        return Test(words, float(excess[worst]), 1.0, EACH * len(exact), detail, power)

    return test
