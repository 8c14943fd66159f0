"""Training: a model's derived gradient, steps of an optimiser, and what is refused on the way."""

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from scipy.optimize import minimize

from backproof.numerics import optimisers
from backproof.numerics.kernel import compile
from backproof.numerics.optimisers import batches, watching
from backproof.theory.calculus.derivation import derive
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.networks import mlp
from backproof.theory.optimisers import OPTIMISERS
from backproof.theory.trace.tracing import trace

RNG = np.random.default_rng(11)
X, Y = RNG.normal(size=(40, 3)), RNG.normal(size=40)
DATA = {"X": X, "y": Y, "lam": np.array(0.2)}
START = {"w": np.zeros(3)}


def ridge() -> Model:
    """Half the mean squared error plus half λ |w|²."""
    return trace("np.mean((X @ w - y)**2) / 2 + lam * w @ w / 2", X="n d", y="n", lam="", w="d")


SOLUTION = np.linalg.solve(X.T @ X / 40 + 0.2 * np.eye(3), X.T @ Y / 40)
FAST: dict[str, dict[str, float]] = {
    "gradient_descent": {"lr": 0.5},
    "sgd": {"lr": 0.5, "decay": 0.0},
    "momentum": {"lr": 0.2, "beta": 0.8},
    "nesterov": {"lr": 0.2, "beta": 0.8},
    "adagrad": {"lr": 0.5},
    "rmsprop": {"lr": 1e-3, "rho": 0.5},
    "adam": {"lr": 0.02},
    "adamax": {"lr": 0.02},
    "adamw": {"lr": 0.02, "decay": 0.0},
}


@pytest.mark.parametrize("rule", OPTIMISERS, ids=lambda r: r.name)
def test_every_optimiser_finds_the_solution_of_ridge_regression(rule: Any) -> None:
    optimiser = optimisers.Optimiser(rule, FAST[rule.name])
    found = optimiser.minimise(ridge(), DATA, START, steps=800, progress=False)
    np.testing.assert_allclose(found.parameters["w"], SOLUTION, atol=2e-3)
    assert len(found.values) == len(found.gradient_norms) == found.evaluations == 800
    assert found.values[-1] < found.values[0]
    assert found.state.steps == 800
    np.testing.assert_array_equal(START["w"], 0)


def test_values_and_norms_are_those_of_the_points_passed() -> None:
    seen = []
    descent = optimisers.gradient_descent(lr=0.1)
    found = descent.minimise(ridge(), DATA, START, 5, each=lambda n, v: seen.append((n, v)))
    w, kernel = START["w"], compile(derive(ridge(), "w"))
    for step, value in seen:
        out = kernel(**DATA, w=w)
        assert value == found.values[step - 1] == out["value"]
        assert found.gradient_norms[step - 1] == pytest.approx(np.linalg.norm(out["w"]))
        w = w - 0.1 * out["w"]
    assert [step for step, _ in seen] == [1, 2, 3, 4, 5]
    np.testing.assert_allclose(found.parameters["w"], w, atol=1e-15)
    assert str(found).startswith("5 steps, value ")


def test_a_run_can_be_continued_where_it_stopped() -> None:
    adam = optimisers.adam(lr=0.05)
    whole = adam.minimise(ridge(), DATA, START, 20)
    first = adam.minimise(ridge(), DATA, START, 12)
    rest = adam.minimise(ridge(), DATA, first.parameters, 8, state=first.state)
    np.testing.assert_array_equal(rest.parameters["w"], whole.parameters["w"])
    np.testing.assert_array_equal([*first.values, *rest.values], whole.values)
    assert rest.state.steps == 20


def test_a_derivation_is_taken_as_it_is_and_a_network_by_its_parameters() -> None:
    gradient = derive(ridge(), "w")
    descent = optimisers.gradient_descent(lr=0.1)
    one = descent.minimise(gradient, DATA, START, 3).parameters["w"]
    np.testing.assert_array_equal(one, descent.minimise(ridge(), DATA, START, 3).parameters["w"])
    model = mlp(["d", "h", "k"], "tanh")
    rng = np.random.default_rng(0)
    shapes = {"W1": (4, 3), "b1": (4,), "W2": (2, 4), "b2": (2,)}
    start = {n: rng.normal(size=s).astype(np.float32) for n, s in shapes.items()}
    data = {"x": X, "y": (Y > 0).astype(int)}
    found = optimisers.adam(lr=0.05).minimise(model, data, start, 200)
    assert {a.dtype.name for a in found.parameters.values()} == {"float32"}
    assert found.values[-1] < 0.5 * found.values[0]


# Batches ---------------------------------------------------------------------------------------


def test_each_pass_goes_through_all_examples_once() -> None:
    data = {"x": np.arange(10), "y": 10 * np.arange(10), "lam": np.array(0.5)}
    drawn = batches(data, 4, np.random.default_rng(1))
    orders = []
    for _ in range(3):
        seen = [next(drawn) for _ in range(3)]
        orders.append(tuple(np.concatenate([b["x"] for b in seen])))
        assert [len(b["x"]) for b in seen] == [4, 4, 2]
        assert sorted(np.concatenate([b["x"] for b in seen])) == list(range(10))
        assert all(np.array_equal(b["y"], 10 * b["x"]) and b["lam"] == 0.5 for b in seen)
    assert len({*orders, tuple(range(10))}) == 4  # each pass in an order of its own
    again = batches(data, 4, np.random.default_rng(1))
    first = batches(data, 4, np.random.default_rng(1))
    assert all(np.array_equal(next(again)["x"], next(first)["x"]) for _ in range(7))


def test_batches_train_and_a_generator_that_ends_is_refused() -> None:
    adam = optimisers.adam(lr=0.02)
    drawn = batches(DATA, 10, np.random.default_rng(2))
    found = adam.minimise(ridge(), drawn, START, steps=1500)
    np.testing.assert_allclose(found.parameters["w"], SOLUTION, atol=0.1)

    def few() -> Iterator[dict[str, Any]]:
        yield from [DATA] * 3

    with pytest.raises(BackproofError, match="adam, step 4: found no batch left"):
        adam.minimise(ridge(), few(), START, steps=5)


@pytest.mark.parametrize(
    ("data", "size", "words"),
    [
        ({"x": np.ones(3), "y": np.ones(4)}, 2, "x of length 3, y of length 4"),
        ({"lam": np.array(1.0)}, 1, "scalars alone"),
        ({"x": np.ones(3)}, 4, "1 … 3 examples"),
        ({"x": np.ones(3)}, 0, "1 … 3 examples"),
        ({"x": np.ones(3)}, 1.5, "size 1.5"),
    ],
)
def test_batches_that_cannot_be_made(data: Any, size: Any, words: str) -> None:
    with pytest.raises(BackproofError, match=words):
        batches(data, size, np.random.default_rng(0))


# What is not finite ----------------------------------------------------------------------------


def test_divergence_is_refused_with_its_step_and_the_first_quantity() -> None:
    descent = optimisers.gradient_descent(lr=50.0)
    with pytest.raises(BackproofError) as raised:
        descent.minimise(ridge(), DATA, {"w": np.ones(3)}, steps=1000)
    message = str(raised.value)
    assert "gradient_descent, step " in message
    assert "finite numbers" in message
    assert "learning rate" in message
    step = int(message.split("step ")[1].split(":")[0])
    descent.minimise(ridge(), DATA, {"w": np.ones(3)}, steps=step - 1)  # one step less is fine


def test_the_first_quantity_to_overflow_is_named() -> None:
    model = trace("h = np.exp(w * x)\nreturn np.sum(h)", w="n", x="n")
    with pytest.raises(BackproofError, match=r"step 1: found h with inf at \[1\], and so f"):
        optimisers.adam().minimise(model, {"x": np.array([1.0, 900.0])}, {"w": np.ones(2)}, 3)
    gradient = trace("np.sum(np.sqrt(w))", w="n")
    with pytest.raises(BackproofError, match=r"step 1: found dw with inf at \[0\]"):
        optimisers.adam().minimise(gradient, {}, {"w": np.array([0.0, 1.0])}, 3)
    with pytest.raises(BackproofError, match="step 1: x: found NaN at"):
        optimisers.adam().minimise(model, {"x": np.array([1.0, np.nan])}, {"w": np.ones(2)}, 3)
    plain = trace("np.sum(w)", w="n")
    with pytest.raises(BackproofError, match=r"step 1: found w with nan at \[0\] after it"):
        optimisers.adamax().minimise(trace("np.sum(0 * w)", w="n"), {}, {"w": np.ones(1)}, 3)
    with pytest.raises(BackproofError, match=r"w with -inf at \[0\] after it"):
        optimisers.gradient_descent(lr=1e308).minimise(plain, {}, {"w": np.ones(1)}, 3)


@pytest.mark.parametrize(
    ("statement", "data", "parameters", "words"),
    [
        (lambda: trace("X @ w", X="n d", w="d"), {"X": X}, START, "scalar"),
        (lambda: derive(ridge(), "w", order=2), DATA, START, "gradient of a scalar"),
        (lambda: derive(ridge(), ("w", "X")), DATA, START, "the gradient in w, X"),
        (ridge, DATA, {}, "arrays by their names"),
        (ridge, DATA, {"v": np.ones(3)}, "unknown name v"),
        (ridge, {"X": X}, START, "no y"),
        (ridge, DATA, {"w": np.ones(2)}, "shape"),
    ],
)
def test_what_cannot_be_minimised(statement: Any, data: Any, parameters: Any, words: str) -> None:
    for optimiser in (optimisers.gradient_descent(lr=0.1), optimisers.lbfgs()):
        with pytest.raises(BackproofError, match=words):
            optimiser.minimise(statement(), data, parameters, 3)


# L-BFGS ----------------------------------------------------------------------------------------


def test_lbfgs_finds_what_scipy_finds_with_differences() -> None:
    model = trace("np.mean(np.logaddexp(0, -s * (X @ w))) + 0.01 * w @ w", X="n d", s="n", w="d")
    signs = np.sign(Y)
    found = optimisers.lbfgs(memory=5).minimise(model, {"X": X, "s": signs}, START, 200)

    def value(w: np.ndarray) -> float:
        return float(np.mean(np.logaddexp(0, -signs * (X @ w))) + 0.01 * w @ w)

    expected = minimize(value, np.zeros(3), method="L-BFGS-B", options={"ftol": 1e-15})
    np.testing.assert_allclose(found.parameters["w"], expected.x, atol=1e-4)
    assert found.values[-1] <= expected.fun + 1e-12
    assert found.gradient_norms[-1] < 1e-5
    assert np.all(np.diff(found.values) <= 0)
    assert found.evaluations >= len(found.values)
    assert found.message


def test_lbfgs_stops_in_time_and_wants_all_data() -> None:
    seen: list[int] = []
    rosenbrock = trace("(1 - x)**2 + 100 * (y - x**2)**2", x="", y="")
    start = {"x": -1.2, "y": 1.0}
    found = optimisers.lbfgs().minimise(rosenbrock, {}, start, 4, each=lambda n, v: seen.append(n))
    assert len(found.values) == 4
    assert seen == [1, 2, 3, 4]
    drawn = batches(DATA, 4, np.random.default_rng(0))
    with pytest.raises(BackproofError, match="data that are a generator"):
        optimisers.lbfgs().minimise(ridge(), drawn, START, 3)  # type: ignore[arg-type]
    steep = trace("h = np.exp(x)\nreturn h**2", x="")
    with pytest.raises(BackproofError, match="lbfgs, iteration 1: found h with inf, and so f"):
        optimisers.lbfgs().minimise(steep, {}, {"x": 800.0}, 3)


# Progress --------------------------------------------------------------------------------------


def test_progress_is_reported_and_a_bar_is_shown_to_a_terminal(monkeypatch: Any) -> None:
    seen: list[tuple[str, int, int]] = []
    descent = optimisers.gradient_descent(lr=0.1)
    descent.minimise(ridge(), DATA, START, 3, progress=lambda *said: seen.append(said))
    assert seen == [("training", 1, 3), ("training", 2, 3), ("training", 3, 3)]
    shown = io.StringIO()
    monkeypatch.setattr(
        watching, "Console", lambda stderr: Console(file=shown, force_terminal=True, width=80)
    )
    descent.minimise(ridge(), DATA, START, 3, progress=False)
    assert not shown.getvalue()
    descent.minimise(ridge(), DATA, START, 300)
    assert "Gradient descent: training" in shown.getvalue()
    assert "300/300" in shown.getvalue()
