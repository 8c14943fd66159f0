"""The points reach what they say: sizes, kinks, exponents, labels, declared assumptions."""

from typing import Any

import numpy as np
import pytest

from backproof.numerics.judge.points.features import exponents, kinked, selections
from backproof.numerics.judge.points.point import Point, Points
from backproof.numerics.judge.points.regimes import REGIMES
from backproof.numerics.judge.points.sizes import assignments
from backproof.numerics.judge.reference.running import Format
from backproof.numerics.judge.statement import Statement, default_outputs
from backproof.theory.calculus.derivation import derive
from backproof.theory.declarations import array
from backproof.theory.networks import mlp
from backproof.theory.trace.tracing import trace


def statement(against: Any) -> Statement:
    return Statement.of(against, default_outputs(against))


def points(against: Any, dtype: str = "float64", seed: int = 0, **given: Any) -> list[Point]:
    """All points of a statement."""
    return list(Points(statement(against), Format.of(dtype), seed, given).all())


NET = derive(mlp(["d", "h", "k"]))


def test_sizes_differ_coincide_and_are_one() -> None:
    found = assignments(statement(NET))
    assert len(set(found[0].sizes.values())) == len(found[0].sizes)
    assert any(len(set(a.sizes.values())) == 1 and 1 not in a.sizes.values() for a in found)
    assert any(set(a.sizes.values()) == {1} for a in found)
    for symbol in found[0].sizes:
        assert any(a.sizes[symbol] == 1 and max(a.sizes.values()) > 1 for a in found)


def test_sizes_respect_positive_shapes() -> None:
    model = trace("np.sum(x[:y.shape[0]]*y)", x="L", y="L-k+1")
    for a in assignments(statement(model)):
        sizes = {s.name: n for s, n in a.sizes.items()}
        assert sizes["L"] - sizes["k"] + 1 >= 1


def test_every_regime_is_met() -> None:
    extremes = trace("np.sum(np.max(special.expit(x), axis=1)) + np.sum(np.max(x))", x="n d")
    branches = trace("np.sum(np.where(x > 0.75, x, x**2))", x="n")
    met = {p.regime for model in (NET, extremes, branches) for p in points(model)}
    assert met == {regime.name for regime in REGIMES}


def test_exponents_reach_what_is_asked() -> None:
    for p in points(NET):
        top = float(np.max(np.abs(p.value("z2"))))
        if p.regime == "exponents up to 1000" and p.assignment.name == "all sizes differ":
            assert 500 <= top <= 2000
        if p.regime == "exponents up to 50" and p.assignment.name == "all sizes differ":
            assert 25 <= top <= 100


def test_mistakes_are_confident() -> None:
    p = next(p for p in points(NET) if p.regime == "confident mistakes")
    z, y = p.value("z2"), p.values["y"]
    assert np.array_equal(y, np.argmin(z, axis=1))
    assert float(np.max(p.value("nll"))) > 100 if "nll" in p.reference.real else True


def test_labels_reach_both_ends() -> None:
    for p in points(NET):
        k = next(n for s, n in p.assignment.sizes.items() if s.name == "k")
        if p.regime == "all labels the first class":
            assert np.all(p.values["y"] == 0)
        if p.regime == "all labels the last class":
            assert np.all(p.values["y"] == k - 1)


def test_kinks_are_met_exactly() -> None:
    met = [p for p in points(NET) if p.regime == "kinks met exactly"]
    assert met
    assert all(p.kinked and np.any(p.value("z1") == 0) for p in met)
    assert not any(p.kinked for p in points(NET) if p.generic)


def test_penalties_of_absolute_values_have_kinks_too() -> None:
    net = derive(mlp(["d", "k"], "linear", "gaussian", {"l1": 0.1}))
    assert "W1" in kinked(statement(net))
    met = [p for p in points(net) if p.regime == "kinks met exactly"]
    assert met
    assert all(np.any(p.values["W1"] == 0) for p in met)


def test_what_the_equations_say() -> None:
    assert list(exponents(statement(NET))) == ["z2"]
    assert list(exponents(statement(derive(mlp(["d", "h", "k"], "tanh"))))) == ["z1", "z2"]
    assert ("z2", 1, "y") in set(selections(statement(mlp(["d", "h", "k"]))))


def test_declared_assumptions_hold() -> None:
    model = trace(
        "np.sum(np.log(a))*np.sum(S*B) + np.sum(p*q) + np.sum(E[t])",
        a=array("n", positive=True),
        S=array("n n", positive_definite=True),
        B=array("n n", symmetric=True),
        p=array("n k", simplex=True),
        q="n k",
        E="m",
        t=array("n", dtype=int, below="m"),
    )
    for p in points(model):
        v = p.values
        assert np.all(v["a"] > 0)
        assert np.array_equal(v["B"], v["B"].T)
        assert np.array_equal(v["S"], v["S"].T)
        assert np.all(np.linalg.eigvalsh(v["S"]) > 0)
        assert np.all(v["p"] >= 0)
        assert np.array_equal(v["p"].sum(axis=1), np.ones(len(v["p"])))
        m = next(n for s, n in p.assignment.sizes.items() if s.name == "m")
        assert np.all((v["t"] >= 0) & (v["t"] < m))


def test_undeclared_domains_are_found() -> None:
    """log x needs positive x; log p + log(1 − p) numbers between 0 and 1; w may be anything."""
    for source, wanted in (
        ("np.sum(np.log(x))*np.sum(w)", {"x": "positive"}),
        ("np.sum(np.log(x) + np.log(1 - x))*np.sum(w)", {"x": "unit"}),
        ("np.sum(x*w)", {}),
    ):
        model = trace(source, x="n", w="n")
        made = Points(statement(model), Format.of("float64"), 0, {})
        assert made.domain == wanted
        assert len(list(made.all())) > 10


def test_points_repeat_with_their_seed() -> None:
    one, two, other = points(NET, seed=3), points(NET, seed=3), points(NET, seed=4)
    for p, q in zip(one, two, strict=True):
        assert all(np.array_equal(p.values[n], q.values[n]) for n in p.values)
    assert not np.array_equal(one[0].values["W1"], other[0].values["W1"])


def test_numbers_are_in_the_format_under_test() -> None:
    for p in points(NET, "float32"):
        assert all(a.dtype == np.float32 for n, a in p.values.items() if n != "y")


def test_a_caller_may_draw_an_argument() -> None:
    net = mlp(["d", "k"], "linear", "bernoulli")
    for p in points(net, y=lambda rng, shape: rng.integers(0, 2, shape)):
        assert set(np.unique(p.values["y"])) <= {0.0, 1.0}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_tolerances_are_tight_where_numbers_are_moderate(dtype: str) -> None:
    """At generic points of a small net the tolerance is below 1e5 roundoffs of the values."""
    unit = float(Format.of(dtype).unit)
    for p in points(NET, dtype):
        if p.generic and p.regime == "normal numbers":
            allowed = float(np.max(p.tolerance("dW1")))
            assert allowed <= 1e5 * unit * max(1.0, float(np.max(np.abs(p.value("dW1")))))
