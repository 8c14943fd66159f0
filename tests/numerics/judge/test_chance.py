"""Samplers and estimators are judged: wrong ones refuted, right ones never, within a budget."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from mutants.chance import RIGHT, WRONG, sample_hidden
from scipy import stats

from backproof.numerics.exact.two_groups import small
from backproof.numerics.judge import verify
from backproof.numerics.judge.chance import CONTRACTS
from backproof.numerics.judge.chance.continuous import supremum
from backproof.numerics.judge.chance.counting import critical, deviation, divergence
from backproof.numerics.sampling.annealing import forward
from backproof.numerics.sampling.contrastive import learner
from backproof.numerics.sampling.path import Path
from backproof.theory.energy.builders import rbm
from backproof.theory.errors import BackproofError

BY_NAME = {c.name: c for c in CONTRACTS}
SLOW = ("metropolis_hastings",)  # state by state in Python: a sample of them by default
FIELDS = ("contract", "kind", "words", "function")
NAMED = [w for w in WRONG if w[0] not in SLOW] + [w for w in WRONG if w[0] in SLOW][:3]


def refuted(contract: str, words: str, function: Callable[..., Any], seed: int = 1) -> None:
    result = verify(function, BY_NAME[contract], seed=seed)
    assert result.verdict == "refuted", str(result)
    assert result.outputs == {contract: "wrong"}
    assert words in " ".join(str(result).split())
    with pytest.raises(AssertionError, match="refuted"):
        result.require()


@pytest.mark.parametrize(
    ("contract", "kind", "words", "function"), NAMED, ids=[w[3].__name__ for w in NAMED]
)
def test_what_is_wrong_is_refuted(
    contract: str, kind: str, words: str, function: Callable[..., Any]
) -> None:
    refuted(contract, words, function)


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("contract", "kind", "words", "function"), WRONG, ids=[w[3].__name__ for w in WRONG]
)
def test_what_is_wrong_is_refuted_at_any_seed(
    contract: str, kind: str, words: str, function: Callable[..., Any], seed: int
) -> None:
    refuted(contract, words, function, seed)


@pytest.mark.parametrize(("contract", "function"), RIGHT, ids=[r[1].__name__ for r in RIGHT])
def test_what_is_right_is_verified(contract: str, function: Callable[..., Any]) -> None:
    result = verify(function, BY_NAME[contract], seed=7)
    assert result.verdict == "verified", str(result)
    assert result.rests_on == {"derived", "enumerated", "sampled"}
    assert "1e-06" in str(result)
    assert "power" in str(result)


@pytest.mark.sweep
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("contract", "function"), RIGHT, ids=[r[1].__name__ for r in RIGHT])
def test_what_is_right_is_verified_at_any_seed(
    contract: str, function: Callable[..., Any], seed: int, tally: Callable[[str, int], None]
) -> None:
    tally("right samplers judged", 1)
    assert verify(function, BY_NAME[contract], seed=seed).verdict == "verified"


# the bounds ---------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [(0.5, 0.5), (0.01, 0.29, 0.7), (1e-3,) * 5 + (0.995,)])
def test_counts_reject_less_often_than_stated(p: tuple[float, ...]) -> None:
    """At α = 10⁻² the share of 20 000 right experiments that is rejected stays below it."""
    q, alpha = np.array(p), 1e-2
    threshold = critical(len(p), alpha)
    draws = np.random.default_rng(3).multinomial(400, q, size=20_000)
    rejected = np.mean([divergence(counts, q) > threshold for counts in draws])
    assert rejected <= alpha
    assert 2 * threshold >= stats.chi2.isf(alpha, len(p) - 1)  # never below the asymptotic one


def test_means_reject_less_often_than_stated() -> None:
    alpha, n, p = 1e-2, 300, 0.1
    bound = float(deviation(n, np.array(p * (1 - p)), 1.0, alpha))
    means = np.random.default_rng(4).binomial(n, p, size=20_000) / n
    assert np.mean(np.abs(means - p) > bound) <= alpha
    assert np.mean(np.abs(means - p) > bound / 3) > alpha  # and it is no trivial bound


# enumeration against what shares no code with it -------------------------------------------


def test_the_enumeration_is_that_of_the_formulas() -> None:
    model = small(rbm("n", "m"), 3, 2, 1.0, np.random.default_rng(0))
    W, b, c = (model.values[n] for n in ("W", "b_v", "b_h"))
    sigmoid = 1 / (1 + np.exp(-(model.v @ W + c)))
    by_units = np.where(model.h[None] == 1, sigmoid[:, None], 1 - sigmoid[:, None]).prod(axis=-1)
    np.testing.assert_allclose(model.hidden, by_units, rtol=1e-12)
    np.testing.assert_allclose(model.marginal @ model.transition, model.marginal, rtol=1e-12)
    weights = np.exp(model.v @ b) * np.prod(1 + np.exp(model.v @ W + c), axis=1)
    np.testing.assert_allclose(model.marginal, weights / weights.sum(), rtol=1e-12)
    np.testing.assert_allclose(model.statistics["W"][5, 2], np.outer(model.v[5], model.h[2]))


def test_the_supremum_rejects_less_often_than_stated() -> None:
    alpha, n = 1e-2, 300
    drawn = np.random.default_rng(5).random((20_000, n))
    drawn.sort(axis=1)
    above = np.arange(1, n + 1) / n - drawn
    statistic = np.maximum(above.max(axis=1), (1 / n - above).max(axis=1))
    bound = supremum("", np.linspace(0, 1, n))(alpha).threshold
    assert np.mean(statistic > bound) <= alpha
    assert np.mean(statistic > 0.8 * bound) > alpha  # and it is no trivial bound


@pytest.mark.parametrize(
    ("name", "parameters", "exact"),
    [
        ("gaussian_draws", (1.0, 2.0), stats.norm(0.5, 2**-0.5)),
        ("exponential_draws", (-1.5,), stats.expon(scale=1 / 1.5)),
        ("rectified_draws", (-1.0, 2.0), stats.truncnorm(0.5**0.5, np.inf, -0.5, 2**-0.5)),
        ("bounded_draws", (-2.0,), stats.truncexpon(2.0, scale=0.5)),
        ("logistic_draws", (0.7, 1.3), stats.logistic(0.7, 1.3)),
    ],
)
def test_a_distribution_that_follows_from_its_energy_is_the_one_of_scipy(
    name: str, parameters: tuple[float, ...], exact: Any
) -> None:
    at = exact.ppf(np.linspace(0.001, 0.999, 101))
    found = BY_NAME[name].distribution(*parameters)(at)  # type: ignore[attr-defined]
    np.testing.assert_allclose(found, exact.cdf(at), atol=2e-6)


def test_our_own_annealing_is_an_estimator_of_the_exact_ratio() -> None:
    def runs(W: Any, b_v: Any, b_h: Any, betas: Any, n: int, rng: Any) -> Any:
        values, base = {"W": W, "b_v": b_v, "b_h": b_h}, {"b_v": 0 * b_v, "b_h": 0 * b_h}
        path = Path(rbm(*W.shape), values, base)
        found = forward(path, betas, n, int(rng.integers(2**31)))
        return found.log_weights - path.log_Z0

    result = verify(runs, BY_NAME["annealed_importance"], seed=5)
    assert result.verdict == "verified", str(result)


def test_our_own_learner_estimates_what_it_is_to_estimate() -> None:
    def update(v: Any, W: Any, b_v: Any, b_h: Any, k: int, rng: Any) -> Any:
        values = {"W": W, "b_v": b_v, "b_h": b_h}
        made = learner(rbm(*W.shape), values, rng, k)
        return {name: -g for name, g in made.gradient({"v": v}).items()}

    result = verify(update, BY_NAME["contrastive_divergence"], seed=5)
    assert result.verdict == "verified", str(result)


def test_refusals() -> None:
    with pytest.raises(BackproofError, match="unknown chains"):
        BY_NAME["gibbs"](chains=3)
    with pytest.raises(BackproofError, match="no argument of the model"):
        verify(lambda v, odd, rng: v, BY_NAME["gibbs"])
    tighter = BY_NAME["rbm_sample_hidden"](budget=1e-9)
    assert "1e-09" in str(verify(sample_hidden, tighter, seed=1))
