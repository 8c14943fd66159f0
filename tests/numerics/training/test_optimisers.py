"""Optimisers run as their papers state them, and as PyTorch runs them."""

from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.recursions import RECURSIONS, points

from backproof.numerics import optimisers
from backproof.theory.errors import BackproofError
from backproof.theory.optimisers import OPTIMISERS, UpdateRule

STEPS = 6
rules = pytest.mark.parametrize("rule", OPTIMISERS, ids=lambda r: r.name)


def slope(x: Any) -> Any:
    """The derivative of 0.6 x² + cos x, entry by entry, in NumPy or mpmath."""
    return x * 6 / 5 - (mpmath.sin(x) if isinstance(x, mpmath.mpf) else np.sin(x))


def run(optimiser: optimisers.Optimiser, start: np.ndarray, steps: int) -> list[np.ndarray]:
    """The parameters after each of some steps."""
    found, at, state = [], {"x": start}, None
    for _ in range(steps):
        gradients = {"x": slope(optimiser.point(at, state)["x"])}
        at, state = optimiser.step(at, gradients, state)
        found.append(at["x"])
    return found


def numbers_of(rule: UpdateRule) -> st.SearchStrategy[dict[str, float]]:
    """Hyperparameters of a rule, as they were declared."""
    ranges = {"positive": (1e-3, 0.3), "nonnegative": (0.0, 0.5), "fraction": (0.0, 0.97)}
    return st.fixed_dictionaries(
        {
            q.name: st.floats(*((1e-8, 1e-1) if q.name == "eps" else ranges[q.known]))
            for q in rule.hyperparameters
        }
    )


shapes = st.lists(st.integers(1, 4), max_size=3).map(tuple)


@rules
@settings(max_examples=15)
@given(data=st.data())
def test_steps_are_those_of_the_paper(rule: UpdateRule, data: st.DataObject) -> None:
    numbers = data.draw(numbers_of(rule))
    start = np.asarray(
        np.random.default_rng(data.draw(st.integers(0, 99))).normal(size=data.draw(shapes))
    )
    found = run(optimisers.Optimiser(rule, numbers), start, STEPS)
    with mpmath.workdps(30):
        for place in np.ndindex(start.shape):
            expected = points(rule.name, start[place], slope, STEPS, **numbers)
            for step, value in enumerate(expected):
                got = found[step][place]
                assert abs(got - value) <= 1e-10 * (1 + abs(value)), f"step {step + 1} at {place}"


@rules
def test_single_precision_stays_single(rule: UpdateRule) -> None:
    numbers = {q.name: q.number if q.number is not None else 0.05 for q in rule.hyperparameters}
    optimiser = optimisers.Optimiser(rule, numbers)
    start = np.random.default_rng(1).normal(size=(3, 2))
    for single, exact in zip(
        run(optimiser, start.astype(np.float32), STEPS), run(optimiser, start, STEPS), strict=True
    ):
        assert single.dtype == np.float32
        np.testing.assert_allclose(single, exact, atol=2e-6, rtol=2e-5)


def test_every_rule_has_a_recursion_to_be_held_against() -> None:
    assert set(RECURSIONS) == {rule.name for rule in OPTIMISERS}


# PyTorch -----------------------------------------------------------------------------------

TINY = 1e-30  # where PyTorch puts ε elsewhere, it is made too small to matter
TORCH: dict[str, tuple[str, dict[str, Any], dict[str, float]]] = {
    "gradient_descent": ("SGD", {"lr": 0.1}, {"lr": 0.1}),
    "sgd": ("SGD", {"lr": 0.1, "weight_decay": 0.2}, {"lr": 0.1, "decay": 0.2}),
    "momentum": ("SGD", {"lr": 0.1, "momentum": 0.8}, {"lr": 0.1, "beta": 0.8}),
    "nesterov": (
        "SGD",
        {"lr": 0.1, "momentum": 0.8, "nesterov": True},
        {"lr": 0.1, "beta": 0.8},
    ),
    "adagrad": ("Adagrad", {"lr": 0.1, "eps": 1e-3}, {"lr": 0.1, "eps": 1e-3}),
    "rmsprop": (
        "RMSprop",
        {"lr": 0.02, "alpha": 0.9, "eps": TINY},
        {"lr": 0.02, "rho": 0.9, "eps": TINY},
    ),
    "adam": (
        "Adam",
        {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-3},
        {"lr": 0.05, "beta1": 0.8, "beta2": 0.95, "eps": 1e-3},
    ),
    "adamax": (
        "Adamax",
        {"lr": 0.05, "betas": (0.8, 0.95), "eps": TINY},
        {"lr": 0.05, "beta1": 0.8, "beta2": 0.95},
    ),
    "adamw": (
        "AdamW",
        {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.3},
        {"lr": 0.05, "beta1": 0.8, "beta2": 0.95, "eps": 1e-3, "decay": 0.3},
    ),
}


@rules
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_pytorch_makes_the_same_steps(rule: UpdateRule, dtype: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    kind, keywords, numbers = TORCH[rule.name]
    start = np.random.default_rng(2).normal(size=(4, 3)).astype(dtype)
    optimiser = optimisers.Optimiser(rule, numbers)
    theirs = torch.nn.Parameter(torch.tensor(start.copy()))
    stepper = getattr(torch.optim, kind)([theirs], **keywords)
    at, state = {"x": start}, None
    for step in range(12):
        # PyTorch keeps Nesterov's look-ahead point and not the parameter itself.
        point = optimiser.point(at, state)["x"]
        close = {"atol": 1e-13} if dtype == "float64" else {"atol": 1e-5}
        np.testing.assert_allclose(point, theirs.detach().numpy(), err_msg=f"step {step}", **close)
        theirs.grad = torch.tensor(slope(point))
        stepper.step()
        at, state = optimiser.step(at, {"x": slope(point)}, state)


# What is not changed, and what is refused -------------------------------------------------------


@rules
def test_nothing_is_changed_in_place(rule: UpdateRule) -> None:
    numbers = {q.name: q.number if q.number is not None else 0.05 for q in rule.hyperparameters}
    optimiser = optimisers.Optimiser(rule, numbers)
    at, g = {"x": np.array([1.0, 2.0])}, {"x": np.array([0.5, -0.5])}
    _, state = optimiser.step(at, g)
    kept = {name: array.copy() for name, array in state.of["x"].items()}
    moved, later = optimiser.step(at, g, state)
    np.testing.assert_array_equal(at["x"], [1.0, 2.0])
    np.testing.assert_array_equal(g["x"], [0.5, -0.5])
    for name, array in state.of["x"].items():
        np.testing.assert_array_equal(array, kept[name])
        assert not np.shares_memory(array, later.of["x"][name])
    assert not np.shares_memory(moved["x"], at["x"])
    assert (state.steps, later.steps) == (1, 2)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: optimisers.adam(rate=0.1), ["adam", "rate", "lr, beta1, beta2, eps"]),
        (lambda: optimisers.adam(beta1=1.0), ["beta1", "1", "below 1"]),
        (lambda: optimisers.adam(lr=-0.1), ["lr", "-0.1", "positive"]),
        (lambda: optimisers.adam(lr=float("nan")), ["lr", "nan"]),
        (lambda: optimisers.adam(eps=float("inf")), ["eps", "inf"]),
        (lambda: optimisers.adam(lr="0.1"), ["lr", "'0.1'", "a number"]),
        (lambda: optimisers.momentum().step({"x": np.ones(2)}, {"x": np.ones(2)}), ["no lr"]),
        (
            lambda: optimisers.adam().step({"x": np.ones(2)}, {"x": np.ones(3)}),
            ["x", "(3,)", "(2,)"],
        ),
        (lambda: optimisers.adam().step({"x": np.ones(2)}, {"y": np.ones(2)}), ["name them"]),
        (lambda: optimisers.adam().step({"x": np.array(["a"])}, {"x": np.ones(1)}), ["dtype"]),
        (lambda: optimisers.adam().convergence, ["adam", "linear"]),
        (lambda: optimisers.lbfgs(memory=0), ["memory=0"]),
    ],
)
def test_bad_numbers_and_arrays_are_refused(build: Any, words: list[str]) -> None:
    with pytest.raises(BackproofError) as raised:
        build()
    for word in words:
        assert word in str(raised.value), str(raised.value)


def test_an_unknown_optimiser_is_an_attribute_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no optimiser adamant; there are gradient_descent"):
        optimisers.adamant  # noqa: B018
    assert {rule.name for rule in OPTIMISERS} <= set(dir(optimisers))
    assert "algorithm 1" in (optimisers.adam.__doc__ or "")
