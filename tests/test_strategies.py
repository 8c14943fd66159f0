"""Strategies for the arguments of statements: what they draw, and that it shrinks."""

import builtins
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, find, given, settings

import backproof as bp
from backproof.theory.errors import BackproofError

NET = bp.networks.mlp(["d", "h", "k"])
MODEL = bp.trace(
    "np.sum(np.log(a))*np.sum(S*S) + np.sum(p*q) + np.sum(E[t])",
    a=bp.array("n", positive=True),
    S=bp.array("n n", symmetric=True),
    p=bp.array("n k", simplex=True),
    q="n k",
    E="m",
    t=bp.array("n", dtype=int, below="m"),
)
FEW = settings(max_examples=25, suppress_health_check=list(HealthCheck))
QUICK = settings(max_examples=400, database=None, suppress_health_check=list(HealthCheck))


@FEW
@given(bp.strategies.inputs(MODEL, "float32"))
def test_sizes_fit_and_declarations_hold(inputs: dict[str, Any]) -> None:
    n, k = inputs["q"].shape
    assert inputs["a"].shape == inputs["t"].shape == (n,)
    assert inputs["p"].shape == (n, k)
    assert np.all(inputs["a"] > 0)
    assert np.array_equal(inputs["S"], inputs["S"].T)
    assert np.all(inputs["p"].sum(axis=1) == 1)
    assert np.all((inputs["t"] >= 0) & (inputs["t"] < inputs["E"].size))
    assert {inputs[name].dtype for name in "aSpqE"} == {np.dtype("float32")}


@FEW
@given(bp.strategies.inputs(NET))
def test_a_network_can_be_run_on_what_is_drawn(inputs: dict[str, Any]) -> None:
    assert np.isfinite(bp.compile(NET)(**inputs))


@pytest.mark.parametrize(
    "wanted",
    [
        lambda x: not x.flags.c_contiguous and not x.flags.f_contiguous,
        lambda x: not x.flags.writeable,
        lambda x: np.any(x == np.float64(0.75)),  # the boundary of a branch, from the formula
        lambda x: x.size > 2 and len(np.unique(x)) == 1,  # ties
        lambda x: np.any(np.abs(x) > 700),  # where an exponential overflows
        lambda x: 1 in x.shape and x.size > 1,
    ],
)
def test_what_the_formula_asks_for_is_met(wanted: Any) -> None:
    model = bp.trace("np.sum(np.where(x > 0.75, x, np.exp(x)/(1 + np.exp(x))))", x="n d")
    find(bp.strategies.inputs(model), lambda inputs: wanted(inputs["x"]), settings=QUICK)


def test_what_fails_shrinks() -> None:
    model = bp.trace("np.sum(W @ x)", W="m n", x="n")
    found = find(
        bp.strategies.inputs(model, layouts=False),
        lambda i: np.sum(i["W"] @ i["x"]) >= 2,
        settings=QUICK,
    )
    assert found["W"].size <= 2
    assert np.all(np.abs(found["W"]) <= 3)
    assert np.all(found["x"] == np.rint(found["x"]))


def test_a_caller_may_draw_an_argument() -> None:
    net = bp.networks.mlp(["d", "k"], "linear", "bernoulli")
    drawn = bp.strategies.inputs(net, draw={"y": lambda rng, shape: rng.integers(0, 2, shape)})
    find(drawn, lambda inputs: set(np.unique(inputs["y"])) <= {0, 1}, settings=QUICK)


def test_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BackproofError, match="a model, a derivation or a specification"):
        bp.strategies.inputs(bp.specs.gibbs)
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("hypothesis"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(BackproofError, match="pip install hypothesis"):
        bp.strategies.inputs(NET)


# The judge's own search --------------------------------------------------------------------


def off_at_a_tie_of_three(x: Any) -> Any:
    """Wrong only where three entries are equal and the sum is small: no regime is about that."""
    same = len(x) == 3 and x[0] == x[1] == x[2] and 2 <= x[0] <= 9 and x[0] == round(float(x[0]))
    return x * x + (1e-3 if same else 0)


def test_hypothesis_searches_on_top_and_shrinks() -> None:
    square = bp.trace("return {'y': x*x}", x="n")
    assert bp.verify(off_at_a_tie_of_three, square, seed=2).verdict == "verified"
    result = bp.verify(off_at_a_tie_of_three, square, seed=2, search=200)
    assert result.verdict == "refuted"
    assert result.effort.regimes["a random search"] > 20
    assert result.diagnosis.arguments["x"].tolist() == [2.0, 2.0, 2.0]
    again = bp.verify(off_at_a_tie_of_three, square, seed=2, search=200)
    assert str(again) == str(result)


def test_a_search_finds_nothing_in_what_is_right() -> None:
    for seed in range(3):
        for dtype in ("float64", "float32"):
            result = bp.verify(
                lambda x: np.logaddexp(x.dtype.type(0), x), bp.specs.softplus, None, None, dtype,
                seed, search=60,
            )  # fmt: skip
            assert result.verdict == "verified", str(result)
