"""The tests of the judge can fail: a judge that is broken on purpose lets wrong code pass."""

from typing import Any

import numpy as np
import pytest
from mutants.bases import BASES
from mutants.catalogue import entries, function

from backproof.numerics.judge import conventions, judgement, verify
from backproof.numerics.judge.calls import contract, subject
from backproof.numerics.judge.diagnosis import explanation
from backproof.numerics.judge.points import point, regimes
from backproof.theory.calculus.derivation import derive
from backproof.theory.networks import mlp
from backproof.theory.trace.tracing import trace

MUTANTS = {m.name: m for m in entries("wrong.txt", BASES)}


def verdict(name: str, dtype: str = "float64") -> str:
    mutant = MUTANTS[name]
    return verify(
        mutant.function(),
        mutant.base.derivation(),
        outputs=mutant.base.outputs,
        seed=1,
        dtype=dtype,
    ).verdict


def test_a_loose_tolerance_lets_lost_precision_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdict("activations in half precision") == "refuted"
    monkeypatch.setattr(point, "SAFETY", 1e12)
    assert verdict("activations in half precision") == "verified"


def test_no_tolerance_refutes_right_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(point, "SAFETY", 1e-3)
    base = BASES[0]
    result = verify(function(base.source), base.derivation(), outputs=base.outputs, seed=1)
    assert result.verdict == "refuted"


def ge(x: Any, y: Any, W1: Any, b1: Any) -> Any:
    z = x @ W1.T + b1
    d = (np.maximum(z, 0) - y) * (z >= 0)
    return d.T @ x, d.sum(axis=0)


RELU = derive(
    trace("0.5*np.sum((np.maximum(x @ W1.T + b1, 0) - y)**2)", x="n d", y="n k", W1="k d", b1="k"),
    wrt=("W1", "b1"),
)


def test_without_kinks_and_ties_a_convention_goes_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert verify(ge, RELU, seed=1).verdict == "convention differs"
    smooth = tuple(r for r in regimes.REGIMES if r.name in ("normal numbers", "small numbers"))
    monkeypatch.setattr(point, "REGIMES", smooth)
    assert verify(ge, RELU, seed=1).verdict == "verified"


def test_without_other_conventions_one_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judgement, "differing", lambda statement, trials: ())
    assert conventions.differing is not judgement.differing
    assert verify(ge, RELU, seed=1).verdict == "refuted"


def test_without_its_clause_a_changed_argument_goes_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    def changing(X: Any, w: Any, y: Any) -> Any:
        result = 2 * X.T @ (X @ w - y)
        if y.flags.writeable:
            y -= 1
        return result

    squares = derive(trace("np.sum((X @ w - y)**2)", X="n d", w="d", y="n"), wrt="w")
    assert verify(changing, squares, seed=1).verdict == "refuted"
    fewer = tuple(clause for clause in contract.CLAUSES if clause is not contract.arguments)
    monkeypatch.setattr(subject, "CLAUSES", fewer)
    assert verify(changing, squares, seed=1).verdict == "verified"


def test_without_large_exponents_an_overflow_goes_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdict("softmax not shifted") == "refuted"
    calm = tuple(r for r in regimes.REGIMES if r.name in ("normal numbers", "whole numbers"))
    monkeypatch.setattr(point, "REGIMES", calm)
    assert verdict("softmax not shifted") == "verified"


def test_one_size_hides_what_unequal_sizes_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """At N = 1 a mean is a sum."""
    assert verdict("no mean") == "refuted"
    ones = point.assignments

    def single(statement: Any) -> Any:
        return [a for a in ones(statement) if a.name == "every size is 1"]

    monkeypatch.setattr(point, "assignments", single)
    monkeypatch.setattr(point, "random_sizes", lambda statement, rng: None)
    assert verdict("no mean") == "verified"


def test_without_mutations_no_cause_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    mutant = MUTANTS["no mean"]
    monkeypatch.setattr("backproof.numerics.judge.diagnosis.causes.MUTATIONS", ())
    result = verify(
        mutant.function(), mutant.base.derivation(), outputs=mutant.base.outputs, seed=1
    )
    assert result.verdict == "refuted"
    assert result.diagnosis.causes == ()
    assert explanation.PLAIN


def test_a_small_penalty_is_seen_in_single_precision_too() -> None:
    """λ = 1e-4 is drowned by the data at most points; the judge looks where it is not."""
    net = derive(mlp(["d", "k"], "linear", "gaussian", {"l2": 1e-4}))

    def without(x: Any, y: Any, W1: Any, b1: Any) -> Any:
        d = (x @ W1.T + b1 - y) / len(x)
        return d.T @ x, d.sum(axis=0)

    assert verify(without, net, dtype="float32", seed=1).verdict == "refuted"
