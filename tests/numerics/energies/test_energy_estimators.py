"""The estimators: scikit-learn's own checks, exact scores, and optima that are known."""

import json
import pickle
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.utils.estimator_checks import check_estimator

import backproof as bp
from backproof.estimators import DBM, DBN, ESTIMATORS, RBM, machine_estimator
from backproof.numerics.sampling.belief_chains import Common, greedy, likelihood_slopes

KNOWN = json.loads(
    (Path(__file__).resolve().parents[2] / "cases" / "known_answers.json").read_text("utf-8")
)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: e.__name__)
def test_scikit_learns_own_checks(estimator: type[Any]) -> None:
    found = check_estimator(estimator(n_iter=2), on_fail=None)
    failed = [r["check_name"] for r in found if r["status"] == "failed"]
    assert not failed
    assert len(found) > 40


def bars_and_stripes(n: int) -> np.ndarray:
    """The distinct patterns of rows or columns that are all on or off."""
    found = set()
    for bits in product((0, 1), repeat=n):
        rows = np.repeat(np.array(bits)[:, None], n, 1)
        found |= {tuple(rows.ravel()), tuple(rows.T.ravel())}
    return np.array(sorted(found), float)


def test_bars_and_stripes_come_near_the_optimum() -> None:
    """2 × 2: the best mean log-likelihood is −log 6; independent pixels reach −4 log 2."""
    X = bars_and_stripes(2)
    best = next(a for a in KNOWN["bars_and_stripes"] if a["n"] == 2)["best_mean_loglik_uniform"]
    assert best == pytest.approx(-np.log(len(X)))
    model = RBM(8, n_iter=2000, learning_rate=0.5, batch_size=6, n_chains=500, k=4, random_state=1)
    score = model.fit(X).score(X)
    assert best - 0.15 < score < best


def test_scores_are_exact_log_probabilities() -> None:
    """score_samples over all states sums to one, and is what `bp.exact` says."""
    X = bars_and_stripes(2)
    every = np.array(list(product((0.0, 1.0), repeat=4)))
    model = RBM(3, n_iter=20, random_state=0).fit(X)
    assert np.exp(model.score_samples(every)).sum() == pytest.approx(1, abs=1e-12)
    values = {"W": model.components_.T, "b_v": model.intercept_visible_}
    values["b_h"] = model.intercept_hidden_
    exact = bp.exact.solve(bp.energy.rbm(), values=values)
    states = [{f"v{i}": x for i, x in enumerate(row)} for row in every]
    assert model.score_samples(every) == pytest.approx(exact.log_probability(states), rel=1e-12)


def test_the_bounds_of_deep_estimators_are_below_the_exact_values() -> None:
    X = bars_and_stripes(2)
    deep = DBM((3, 2), n_iter=30, random_state=0).fit(X)
    values = deep._learner.conditionals.values
    exact = bp.exact.solve(deep.machine_, values=values)
    states = [{f"v{i}": x for i, x in enumerate(row)} for row in X]
    truth = exact.log_probability(states)
    bound = deep.score_samples(X)
    assert np.all(bound <= truth + 1e-9)
    assert np.all(bound > truth - 0.2)
    belief = DBN((3, 2), n_iter=30, n_up_down=10, learning_rate=0.2, random_state=0).fit(X)
    sampler = belief._sampler
    network = {
        "layers": [4, 3, 2],
        "W": [sampler.generative[0].W.tolist(), sampler.top.values["W"].tolist()],
        "b": [
            sampler.generative[0].b.tolist(),
            sampler.top.values["b_v"].tolist(),
            sampler.top.values["b_h"].tolist(),
        ],
    }
    exact_belief = bp.exact.solve(bp.energy.load(network))
    assert belief.log_partition() == pytest.approx(exact_belief.log_Z, rel=1e-12)
    random = np.random.default_rng(3)
    estimate = sampler.log_bound(X, exact_belief.log_Z, random, draws=400)
    assert np.all(estimate < exact_belief.log_probability(X) + 0.05)


def test_a_directed_layers_gradient_is_the_delta_rule() -> None:
    """∂ log P/∂W = mean of (y − σ) h, by hand."""
    random = np.random.default_rng(0)
    W, b = random.normal(size=(3, 2)), random.normal(size=3)
    v, h = random.integers(2, size=(5, 3)) * 1.0, random.integers(2, size=(5, 2)) * 1.0
    out = likelihood_slopes("float64")(W1=W, b_v=b, v=v, h1=h)
    rest = v - 1 / (1 + np.exp(-(h @ W.T + b)))
    assert out["W1"] == pytest.approx(rest.T @ h / 5)
    assert out["b_v"] == pytest.approx(rest.mean(0))


def test_ancestral_draws_are_exact() -> None:
    """Layer by layer downward: visible means within six standard errors of the exact ones."""
    random = np.random.default_rng(4)
    sampler = greedy(bars_and_stripes(2), (3, 2), random, epochs=60, rate=0.3, dtype="float64")
    network = {
        "layers": [4, 3, 2],
        "W": [sampler.generative[0].W.tolist(), sampler.top.values["W"].tolist()],
        "b": [
            sampler.generative[0].b.tolist(),
            sampler.top.values["b_v"].tolist(),
            sampler.top.values["b_h"].tolist(),
        ],
    }
    exact = bp.exact.solve(bp.energy.load(network))
    v = sampler.sample(4000, sweeps=50)
    error = v.std(0, ddof=1) / np.sqrt(len(v))
    assert np.all(np.abs(v.mean(0) - exact.mean) < 6 * error)


def test_rows_that_share_their_numbers() -> None:
    rows = Common(np.random.default_rng(0)).random((5, 3), np.float64)
    assert rows.shape == (5, 3)
    assert (rows == rows[0]).all()


def test_the_same_seed_gives_the_same_model_and_a_file_goes_on() -> None:
    X = bars_and_stripes(3)
    first = RBM(4, n_iter=3, random_state=5).fit(X)
    second = RBM(4, n_iter=3, random_state=5).fit(X)
    assert np.array_equal(first.components_, second.components_)
    copy = pickle.loads(pickle.dumps(first))
    assert np.array_equal(first.partial_fit(X).components_, copy.partial_fit(X).components_)


def test_a_warning_for_what_no_binary_unit_can_be() -> None:
    with pytest.warns(UserWarning, match=r"outside \[0, 1\]"):
        RBM(2, n_iter=1).fit(np.array([[0.0, 3.0], [1.0, 0.0]]))


def test_centred_estimators() -> None:
    """The same seeds, another way through the parameters, and the same kind of answer."""
    X = bars_and_stripes(2)
    plain = RBM(3, n_iter=30, random_state=0).fit(X)
    centred = RBM(3, n_iter=30, random_state=0, centred=True).fit(X)
    assert np.abs(plain.components_ - centred.components_).max() > 1e-3
    pairs = np.array([[0.0, 1.0], [1.0, 0.0]] * 20)  # the best is −log 2, independent −2 log 2
    many = {"n_iter": 200, "learning_rate": 0.3, "random_state": 0, "centred": True}
    assert RBM(3, n_chains=100, **many).fit(pairs).score(pairs) > -1.2 * np.log(2)
    assert DBM((3, 2), **many).fit(pairs).score(pairs) > -1.8 * np.log(2)
    with pytest.raises(bp.BackproofError, match="features are their states"):
        RBM(2, visible_unit="gaussian", centred=True).fit(X)


def test_a_bar_is_shown_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def track(epochs: range, name: str, **options: Any) -> range:
        seen.append(f"{name} {len(epochs)}")
        return epochs

    monkeypatch.setattr(machine_estimator, "track", track)
    for verbose in (False, True):
        RBM(2, n_iter=2, random_state=0, verbose=verbose).fit(bars_and_stripes(2))
    assert seen == ["RBM 2"]


def test_gaussian_visible_units() -> None:
    X = np.random.default_rng(0).normal(size=(60, 3))
    model = RBM(2, n_iter=5, visible_unit="gaussian", random_state=0).fit(X)
    assert model.score(X) > -3 * 2.0
    assert model.transform(X.astype(np.float32)).dtype == np.float32
