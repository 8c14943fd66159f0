"""Each kind of point earns its place: a mutant that is verified without it and refuted with it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

import backproof as bp
from backproof.numerics.judge.points import point, regimes
from backproof.numerics.judge.points.features import boundaries
from backproof.numerics.judge.statement import Statement
from backproof.theory.errors import BackproofError

BRANCHES = bp.trace("return {'y': np.where(x > 0.75, x, x**2)}", x="n")
CAPPED = bp.trace("return {'y': np.minimum(x, 0.3)}", x="n")


def wrong_on_the_boundary(x: Any) -> Any:
    return np.where(x >= 0.75, x, x**2)


def threshold_a_little_higher(x: Any) -> Any:
    return np.where(x > 0.75 + 1e-15, x, x**2)


def cap_a_little_higher(x: Any) -> Any:
    return np.where(x > 0.3 + 5e-15, 0.3, x)


def right(x: Any) -> Any:
    return np.where(x > 0.75, x, x * x)


@pytest.mark.parametrize(
    ("model", "function"),
    [
        (BRANCHES, wrong_on_the_boundary),
        (BRANCHES, threshold_a_little_higher),
        (CAPPED, cap_a_little_higher),
    ],
    ids=lambda v: getattr(v, "__name__", "model"),
)
def test_only_the_boundary_of_a_branch_shows_it(
    model: Any, function: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bp.verify(function, model, seed=1).verdict in ("refuted", "convention differs")
    others = tuple(r for r in regimes.REGIMES if r.name != "boundaries of branches")
    monkeypatch.setattr(point, "REGIMES", others)
    assert bp.verify(function, model, seed=1).verdict == "verified"


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_boundaries_raise_no_alarm(dtype: str) -> None:
    for seed in range(5):
        assert bp.verify(right, BRANCHES, dtype=dtype, seed=seed).verdict == "verified"
        capped = bp.verify(
            lambda x: np.where(x > 0.3, x.dtype.type(0.3), x), CAPPED, dtype=dtype, seed=seed
        )
        assert capped.verdict == "verified", str(capped)


def test_boundaries_come_from_the_formula() -> None:
    huber = bp.trace("np.sum(special.huber(1.5, x) + np.clip(x, -2, 4))", x="n")
    found = boundaries(Statement.of(huber, ["value"]))["x"]
    assert {-1.5, 1.5, -2.0, 4.0} <= set(found)


# Kinds of points that only some contracts speak of ------------------------------------------


def fails_when_empty(x: Any, W: Any, b: Any) -> Any:
    return np.stack([row @ W for row in x]) + b


def truncates(x: Any, axis: int = -1) -> Any:
    y = np.zeros_like(x)
    e = np.exp(x - x.max(axis, keepdims=True))
    y[...] = e / e.sum(axis, keepdims=True)
    return y


def nan_at_infinity(x: Any) -> Any:
    return x * special.expit(x)  # −∞ · 0


def softplus_of_nan(x: Any) -> Any:
    return np.nan_to_num(np.logaddexp(0, x), nan=0.0, posinf=np.inf)


MUTANTS = [
    ("empty", bp.specs.dense, fails_when_empty),
    ("integer", bp.specs.softmax, truncates),
    ("non-finite", bp.specs.silu, nan_at_infinity),
    ("non-finite", bp.specs.softplus, softplus_of_nan),
]
KEPT = [
    ("empty", bp.specs.dense, lambda x, W, b: x @ W + b),
    ("empty", bp.specs.relu, lambda x: np.maximum(x, 0)),
    ("empty", bp.specs.embedding, lambda E, ids: E[ids]),
    ("integer", bp.specs.softmax, lambda x, axis=-1: special.softmax(x, axis=axis)),
    ("integer", bp.specs.dense, lambda x, W, b: (x @ W + b).astype(float)),
    ("non-finite", bp.specs.softplus, lambda x: np.logaddexp(0, x)),
    ("non-finite", bp.specs.sigmoid, special.expit),
    ("non-finite", bp.specs.logsumexp, lambda x, axis=-1: special.logsumexp(x, axis=axis)),
]


@pytest.mark.parametrize(("kind", "spec", "function"), MUTANTS)
def test_only_a_contract_that_speaks_of_it_refutes(kind: str, spec: Any, function: Any) -> None:
    assert bp.verify(function, spec, seed=1).verdict == "verified"
    result = bp.verify(function, spec, seed=1, including=kind)
    assert result.verdict == "refuted", str(result)
    (row,) = (c for c in result.clauses if c.name == kind)
    assert row.verdict == "refuted"
    assert kind in {f.clause for f in result.findings}


@pytest.mark.parametrize(("kind", "spec", "function"), KEPT)
def test_what_keeps_to_it_is_verified(kind: str, spec: Any, function: Any) -> None:
    for seed in range(3):
        result = bp.verify(function, spec, seed=seed, including=(kind,))
        assert result.verdict == "verified", str(result)
        assert {c.verdict for c in result.clauses if c.name == kind} == {"verified"}


def test_a_mean_of_nothing_is_no_point() -> None:
    loss = bp.verify(
        lambda x, labels: np.mean(special.logsumexp(x, axis=1) - x[np.arange(len(x)), labels]),
        bp.specs.softmax_cross_entropy, seed=1, including="empty",
    )  # fmt: skip
    assert loss.verdict == "verified"
    assert {c.level for c in loss.clauses if c.name == "empty"} == {"not checked"}
    with pytest.raises(BackproofError, match="empty, integer, non-finite"):
        bp.verify(right, BRANCHES, including="empties")


# Regimes that were there before, each with what it alone shows ------------------------------


LABELS = bp.array("n", dtype=int, below="k")


def repeated_once(E: Any, ids: Any, dy: Any) -> Any:
    dE = np.zeros_like(E)
    dE[ids] += dy
    return dE


def test_repeated_indices_are_met() -> None:
    table = bp.derive(bp.trace("np.sum(E[t]*d)", E="k", t=LABELS, d="n"), "E")
    result = bp.verify(lambda E, t, d: repeated_once(E, t, d), table, outputs=("E",), seed=1)
    assert result.verdict == "refuted"
    assert "equal labels" in str(result)


def test_gains_are_no_unit() -> None:
    def forgets_the_gain(dy: Any, x: Any, gamma: Any, beta: Any) -> Any:
        c = x - x.mean(-1, keepdims=True)
        s = np.sqrt((c * c).mean(-1, keepdims=True) + 1e-5)
        h = c / s
        front = tuple(range(dy.ndim - 1))
        dx = (dy - dy.mean(-1, keepdims=True) - h * (dy * h).mean(-1, keepdims=True)) / s
        return dx, (dy * h).sum(front), dy.sum(front)

    result = bp.verify(forgets_the_gain, bp.specs.layernorm, seed=1)
    assert result.verdict == "refuted"
    assert result.outputs == {"dx": "wrong", "dgamma": "right", "dbeta": "right"}
