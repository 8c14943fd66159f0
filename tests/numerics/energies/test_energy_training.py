"""Training: centred steps, short batches, and files to go on from."""

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest

import backproof as bp
from backproof.numerics import logistic
from backproof.numerics.sampling import centring, contrast
from backproof.numerics.sampling.belief_chains import greedy
from backproof.numerics.sampling.centring import Centring
from backproof.numerics.sampling.chains import Chains
from backproof.numerics.sampling.conditionals import Conditionals
from backproof.numerics.sampling.contrastive import Learner, learner
from backproof.numerics.sampling.training import Training
from backproof.numerics.sampling.variational import DeepLearner
from backproof.theory.energy import centred_steps

BITS = np.array(list(product((0.0, 1.0), repeat=3)))


def sigma(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def parameters(shape: tuple[int, int] = (3, 2), seed: int = 0) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    n, m = shape
    return {
        "W": random.normal(size=shape),
        "b_v": random.normal(size=n),
        "b_h": random.normal(size=m),
    }


# Centring ----------------------------------------------------------------------------------


def published(
    data: np.ndarray, model: np.ndarray, values: Any, mu: np.ndarray, nu: np.ndarray, rate: float
) -> dict[str, np.ndarray]:
    """A centred step as the paper states it, with loops, for the plain biases.

    W += rate (⟨(x − μ)(h − λ)ᵀ⟩_d − ⟨…⟩_m); centred biases by ⟨x⟩_d − ⟨x⟩_m; the plain bias of x is
    the centred one minus W λ.  Melchior, Fischer, Wiskott (2016), algorithm 1.
    """
    W, b, c = (values[n].copy() for n in ("W", "b_v", "b_h"))
    up = {"data": sigma(c + data @ W), "model": sigma(c + model @ W)}
    step = np.zeros_like(W)
    for i, j in np.ndindex(*W.shape):
        first = np.mean(
            [(x[i] - mu[i]) * (h[j] - nu[j]) for x, h in zip(data, up["data"], strict=True)]
        )
        second = np.mean(
            [(x[i] - mu[i]) * (h[j] - nu[j]) for x, h in zip(model, up["model"], strict=True)]
        )
        step[i, j] = rate * (first - second)
    b_centred = b + W @ nu + rate * (data.mean(0) - model.mean(0))
    c_centred = c + W.T @ mu + rate * (up["data"].mean(0) - up["model"].mean(0))
    W += step
    return {"W": W, "b_v": b_centred - W @ nu, "b_h": c_centred - W.T @ mu}


class Still(Conditionals):
    """Chains that stay where they are: a step is then a function of rows that are known."""

    def draw(self, group: str, states: Mapping[str, np.ndarray], random: Any) -> np.ndarray:
        return states[group]


def centred_step(wrong: str = "") -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """A step of the library, and the published one: 4 rows of data, 3 chains, 3 × 2 units."""
    values = parameters()
    data, model = BITS[[1, 2, 5, 7]], BITS[[0, 3, 6]]
    conditionals = Still(bp.energy.rbm(3, 2), {k: x.copy() for k, x in values.items()})
    offsets = {"v": np.array([0.3, 0.8, 0.1]), "h": np.array([0.6, 0.2])}
    one = Learner(conditionals, np.random.default_rng(0), 1, {"v": model})
    one.centring = Centring({k: x.copy() for k, x in offsets.items()}, follow=0.0)
    if wrong == "sign":
        one.centring.offsets = {k: -x for k, x in offsets.items()}
    one.step({"v": data}, 0.1)
    return one.conditionals.values, published(data, model, values, offsets["v"], offsets["h"], 0.1)


def test_a_centred_step_is_the_published_one() -> None:
    found, expected = centred_step()
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=1e-14)


def test_centring_with_the_wrong_sign_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutants: offsets of the wrong sign; Mᵀ without M; M without Mᵀ."""
    found, expected = centred_step("sign")
    assert np.abs(found["W"] - expected["W"]).max() > 1e-3
    for name in ("push", "pull"):
        with monkeypatch.context() as patched:
            if name == "push":
                patched.setattr(centring, "push", lambda machine, dtype: _nothing)
            else:
                patched.setattr(centring, "pull", lambda machine, dtype: _same)
            found, expected = centred_step()
        assert max(np.abs(found[k] - expected[k]).max() for k in expected) > 1e-3


class _Nothing:
    class arguments:
        names = ()

    def __call__(self, **arrays: Any) -> dict[str, np.ndarray]:
        return {}


class _Same:
    class arguments:
        names = ("W", "b_v", "b_h")

    def __call__(self, **arrays: Any) -> dict[str, np.ndarray]:
        return arrays


_nothing, _same = _Nothing(), _Same()


def test_a_centred_gradient_is_that_of_the_centred_energy() -> None:
    """Finite differences of log p(data) in centred parameters, by enumeration, for three layers."""
    machine = bp.energy.dbm([2, 2, 2])
    random = np.random.default_rng(4)
    values = {
        n: random.normal(size=tuple(map(int, t.shape))) for n, t in machine.parameters.items()
    }
    offsets = {g: random.uniform(size=2) for g in ("v", "h1", "h2")}
    rows = [{"v0": 1.0, "v1": 0.0}, {"v0": 0.0, "v1": 0.0}, {"v0": 1.0, "v1": 1.0}]

    def plain(centred: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        W1, W2 = centred["W1"], centred["W2"]
        v, h1, h2 = (offsets[g] for g in ("v", "h1", "h2"))
        return {
            **centred,
            "b_v": centred["b_v"] - W1 @ h1,
            "b_h1": centred["b_h1"] - W1.T @ v - W2 @ h2,
            "b_h2": centred["b_h2"] - W2.T @ h1,
        }

    def likelihood(centred: dict[str, np.ndarray]) -> float:
        return bp.exact.solve(machine, values=plain(centred)).log_likelihood(rows)

    exact = bp.exact.solve(machine, values=plain(values)).gradient(rows)
    slopes = {f"b_{g}": np.array([exact["bias"][f"{g}{i}"] for i in range(2)]) for g in offsets}
    pairs = iter(exact["couplings"])
    for weight in ("W1", "W2"):
        slopes[weight] = np.array([next(pairs) for _ in range(4)]).reshape(2, 2)
    known = {f"c_{g}": x for g, x in offsets.items()}
    known |= {centred_steps.SLOPE + n: x for n, x in slopes.items()}
    kernel = centring.pull(machine, "float64")
    found = kernel(**{n: {**values, **known}[n] for n in kernel.arguments.names})
    for name, value in values.items():
        for at in np.ndindex(*value.shape):
            ends = []
            for sign in (1, -1):
                moved = {k: x.copy() for k, x in values.items()}
                moved[name][at] += sign * 1e-5
                ends.append(likelihood(moved))
            assert found[name][at] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-8)


def test_offsets_do_not_change_the_model() -> None:
    """Only the direction is centred: a step of rate zero changes nothing, wherever offsets go."""
    values = parameters()
    one = learner(bp.energy.rbm(3, 2), values, np.random.default_rng(0), centre={"v": np.ones(3)})
    assert one.centring is not None
    before = {k: x.copy() for k, x in one.conditionals.values.items()}
    one.step({"v": BITS}, 0.0)
    assert all(np.array_equal(before[k], x) for k, x in one.conditionals.values.items())
    assert one.centring.offsets["v"] == pytest.approx(0.99 + 0.01 * BITS.mean(0))
    assert "W" in values
    assert values["W"] is not one.conditionals.values["W"]


def test_refusals_of_centring() -> None:
    machine = bp.energy.rbm(3, 2, "gaussian")
    values = {**parameters(), "q_v": np.ones(3)}
    with pytest.raises(bp.BackproofError, match="features are their states"):
        learner(machine, values, np.random.default_rng(0), centre={"v": np.ones(3)})


# Batches -----------------------------------------------------------------------------------


class Recorded:
    """A learner that only keeps what it was given."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(0)
        self.batches: list[np.ndarray] = []

    def step(self, data: Mapping[str, np.ndarray], rate: float) -> None:
        self.batches.append(data["v"])

    def arrays(self) -> dict[str, np.ndarray]:
        return {}

    def adopt(self, arrays: Mapping[str, np.ndarray]) -> None: ...


def test_every_row_once_an_epoch_and_the_last_batch_is_short() -> None:
    rows = np.arange(14.0).reshape(7, 2)
    seen = Recorded()
    told: list[tuple[int, int]] = []
    training = Training(seen, {"v": rows}, batch=3)
    training.advance(2, 0.1, progress=lambda done, total: told.append((done, total)))
    assert [len(b) for b in seen.batches] == [3, 3, 1, 3, 3, 1]
    for first in (0, 3):
        epoch = np.concatenate(seen.batches[first : first + 3])
        assert np.array_equal(epoch[np.argsort(epoch[:, 0])], rows)
    assert told[-1] == (14, 14)
    assert (training.epochs, training.steps) == (2, 6)


def data_slope(size: int, divide: int | None = None) -> np.ndarray:
    """The data's part of the gradient in W from the first rows, the chains' part taken off."""
    values = parameters()
    still = Still(bp.energy.rbm(3, 2), values)
    one = Learner(still, np.random.default_rng(0), 1, {"v": BITS[:1] * 0})
    slope = -one.gradient({"v": BITS[:size]})["W"]  # chains at zero: vᵀh is zero there
    return slope if divide is None else slope * size / divide


def test_the_gradient_of_a_short_batch_is_a_mean_over_its_rows() -> None:
    """⟨v hᵀ⟩ over 8 rows and over fewer, by hand; the mutant divides by the nominal size."""
    values = parameters()
    for size in (8, 3, 2):
        v = BITS[:size]
        expected = v.T @ sigma(values["b_h"] + v @ values["W"]) / size
        assert data_slope(size) == pytest.approx(expected, abs=1e-15)
        if size < 8:
            mutant = data_slope(size, divide=8)
            assert np.abs(mutant - expected).max() > 0.05


def log_likelihood(values: dict[str, np.ndarray], data: np.ndarray) -> float:
    """The mean of log p over the data, with every sum written out."""
    W, b, c = (values[n] for n in ("W", "b_v", "b_h"))
    total, each = 0.0, dict.fromkeys(map(tuple, BITS), 0.0)
    for v in each:
        for h in product((0.0, 1.0), repeat=2):
            each[v] += np.exp(np.array(v) @ W @ np.array(h) + b @ v + c @ h)
        total += each[v]
    return float(np.mean([np.log(each[tuple(row)] / total) for row in data]))


@pytest.mark.parametrize("integrated", [False, True])
def test_with_the_models_probabilities_as_weights_the_rule_is_exact(integrated: bool) -> None:
    """Rows of data with 1/N, all states with −p(v): differences of the log-likelihood itself."""
    values, data = parameters(), BITS[[1, 5, 6]]
    p = np.exp([log_likelihood(values, v[None]) for v in BITS])
    rows, weights = np.concatenate([data, BITS]), np.concatenate([np.full(3, 1 / 3), -p])
    known = {**values, "v": rows, "w": weights}
    known["h"] = sigma(values["b_h"] + rows @ values["W"])
    kernel = contrast.rule(bp.energy.rbm(3, 2), integrated, "float64")
    found = kernel(**{name: known[name] for name in kernel.arguments.names})
    for name, value in values.items():
        for at in np.ndindex(*value.shape):
            ends = []
            for sign in (1, -1):
                moved = {k: x.copy() for k, x in values.items()}
                moved[name][at] += sign * 1e-5
                ends.append(log_likelihood(moved, data))
            assert found[name][at] == pytest.approx((ends[0] - ends[1]) / 2e-5, abs=1e-9)


# Files -------------------------------------------------------------------------------------


def of_rbm(kind: str, dtype: str) -> Any:
    random = np.random.Generator(np.random.SFC64(7))
    return learner(
        bp.energy.rbm(3, 2),
        parameters(),
        random,
        chains=None if kind == "cd" else 4,
        dtype=dtype,
        centre={"v": np.full(3, 0.4)} if kind == "centred" else None,
    )


def of_dbm(dtype: str) -> DeepLearner:
    machine = bp.energy.dbm([3, 2, 2])
    random = np.random.default_rng(1)
    values = {
        n: random.normal(size=tuple(map(int, t.shape))) for n, t in machine.parameters.items()
    }
    conditionals = Conditionals(machine, values, dtype)
    chains = Chains(conditionals, conditionals.start(5, random), random)
    centre = Centring.at(conditionals, {"v": np.full(3, 0.4)})
    return DeepLearner(conditionals, chains, 3, centring=centre)


def of_dbn(dtype: str) -> Any:
    return greedy(BITS, (3, 2), np.random.default_rng(2), 1, 0.1, 4, dtype)


LEARNERS = {
    "cd": lambda dtype: of_rbm("cd", dtype),
    "pcd": lambda dtype: of_rbm("pcd", dtype),
    "centred": lambda dtype: of_rbm("centred", dtype),
    "dbm": of_dbm,
    "dbn": of_dbn,
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LEARNERS)
def test_training_resumes_bit_for_bit(name: str, dtype: str, tmp_path: Path) -> None:
    """Cut in the middle of an epoch, after 7 steps of 3 rows out of 8."""
    whole = Training(LEARNERS[name](dtype), {"v": BITS}, 3)
    for _ in range(7):
        whole.step(0.1)
    whole.save(tmp_path / "training.npz")
    later = Training(LEARNERS[name](dtype), {"v": BITS}, 3)
    later.resume(tmp_path / "training.npz")
    assert (later.epochs, later.steps, later.place) == (2, 7, 3)
    for training in (whole, later):
        training.advance(2, 0.1)
    first, second = whole.learner.arrays(), later.learner.arrays()
    assert first.keys() == second.keys()
    for key, value in first.items():
        assert np.array_equal(value, second[key])
        assert value.dtype == dtype
    again = Training(LEARNERS[name](dtype), {"v": BITS}, 3)
    again.advance(4, 0.1)
    assert all(np.array_equal(x, again.learner.arrays()[k]) for k, x in first.items())


def test_refusals_of_files(tmp_path: Path) -> None:
    file = tmp_path / "training.npz"
    Training(of_rbm("pcd", "float64"), {"v": BITS}, 3).save(file)
    with pytest.raises(bp.BackproofError, match="8 rows in batches of 4"):
        Training(of_rbm("pcd", "float64"), {"v": BITS}, 4).resume(file)
    with pytest.raises(bp.BackproofError, match="pass the same learner"):
        Training(of_rbm("pcd", "float32"), {"v": BITS}, 3).resume(file)
    with pytest.raises(bp.BackproofError, match="the same number for every group"):
        Training(of_rbm("pcd", "float32"), {"v": BITS[:0]}, 3)
    with pytest.raises(bp.BackproofError, match="one row or more"):
        Training(of_rbm("pcd", "float32"), {"v": BITS}, 0)


# σ -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dtype", "low"), [("float32", -87.0), ("float64", -708.0)])
def test_sigma_by_vectors_is_within_four_units_in_the_last_place(dtype: str, low: float) -> None:
    x = np.concatenate([np.linspace(low, 40, 900), np.linspace(-1, 1, 101)]).astype(dtype)
    found = logistic.expit(x)
    assert found.dtype == dtype
    for z, y in zip(x, found, strict=True):
        with mpmath.workdps(40):
            exact = 1 / (1 + mpmath.exp(-mpmath.mpf(float(z))))
            assert abs(mpmath.mpf(float(y)) - exact) <= 4 * float(np.spacing(y))
    out = np.empty_like(x)
    assert logistic.expit(x, out=out) is out
    assert np.array_equal(out, found)
    ends = logistic.expit(np.array([-1e30, -1000, 1000, np.nan], dtype))
    assert np.array_equal(ends, np.array([0, 0, 1, np.nan], dtype), equal_nan=True)
