"""Per-sample gradients against the definition, the Jacobian, and where they are refused."""

from collections.abc import Callable
from typing import Any

import mpmath
import pytest

from backproof.theory.calculus.derivation import derive
from backproof.theory.declarations import array
from backproof.theory.errors import BackproofError
from backproof.theory.evaluation.exact import evaluate
from backproof.theory.model import Model
from backproof.theory.networks import mlp
from backproof.theory.trace.tracing import trace
from laws.derivatives import flat
from laws.per_sample import gradients_are_those_of_one_example, nothing_pairs_examples, steps_hold
from laws.sample import DIGITS, numbers_for
from laws.steps import assert_close

SIZES = ({"N": 3, "d": 2, "h": 4, "k": 5, "l": 2}, {"N": 2, "d": 3, "h": 2, "k": 4, "l": 3})
REGRESSION = {"X": "N d", "y": "N", "w": "d"}
NORMALISED = """
v = w / np.sqrt(np.sum(w**2))
s = np.exp(v * g)
return np.mean((X @ s - y)**2) + 0.1 * np.max(w)
"""
LAYER_NORM = """
z = X @ W
c = z - np.mean(z, axis=1, keepdims=True)
h = c / np.sqrt(np.mean(c**2, axis=1, keepdims=True) + 0.01)
return np.mean(np.sum(np.tanh(h * gain), axis=1))
"""
ATTENTION = """
Q = X @ A
K = X @ B
P = special.softmax(np.einsum("nid,njd->nij", Q, K), axis=2)
return np.mean(np.sum((np.einsum("nij,njd->nid", P, X) @ c)**2, axis=1))
"""
EMBEDDED = """
h = np.sum(E[t], axis=1)
return np.mean(special.logsumexp(h @ U, axis=1) - np.sum(h, axis=1)) + np.sum(E**2) / 50
"""

CASES: dict[str, tuple[Callable[[], Model], Any]] = {
    "mean": (lambda: trace("np.mean((X @ w - y)**2)", **REGRESSION), "w"),
    "sum with a penalty": (
        lambda: trace("np.sum(np.cosh(X @ w - y)) + lam * w @ w", **REGRESSION, lam=""),
        "w",
    ),
    "divided early": (
        lambda: trace(
            "e = (X @ w - y) / len(y)\nreturn np.sum(np.exp(e) * e)".replace(
                "len(y)", "y.shape[0]"
            ),
            **REGRESSION,
        ),
        "w",
    ),
    "inputs too": (lambda: trace("np.mean((X @ w - y)**2)", **REGRESSION), ("w", "X", "y")),
    "examples in columns": (
        lambda: trace("np.mean((w @ X - y)**2)", X="d N", y="N", w="d"),
        ("w", "X"),
    ),
    "a loss of each": (lambda: trace("np.tanh(X @ w) * y", **REGRESSION), "w"),
    "a scale of the sum": (
        lambda: trace("np.exp(s) * np.mean((X @ w - y)**2) + s", **REGRESSION, s=""),
        ("s", "w"),
    ),
    "normalised weights": (lambda: trace(NORMALISED, **REGRESSION, g=""), ("w", "g")),
    "layer norm": (lambda: trace(LAYER_NORM, X="N d", W="d h", gain="h"), ("W", "gain")),
    "attention": (
        lambda: trace(ATTENTION, X="N l 2", A="2 2", B="2 2", c="2"),
        ("A", "B", "c"),
    ),
    "embedding": (
        lambda: trace(EMBEDDED, E="d h", U="h k", t=array("N l", dtype=int, below="d")),
        ("E", "U"),
    ),
    "inverse": (
        lambda: trace(
            "np.mean(np.sum((X @ np.linalg.inv(S + 9 * np.eye(2))) * X, axis=1))", X="N 2", S="2 2"
        ),
        "S",
    ),
    "relu, labels": (lambda: mlp(["d", "h", "k"], "relu"), None),
    "tanh, labels, L2": (lambda: mlp(["d", "h", "k"], "tanh", penalty={"l2": 0.01}), None),
    "logistic, bits, L1": (
        lambda: mlp(["d", "h", "k"], "logistic", "bernoulli", {"l1": "lam"}),
        ("W1", "b2"),
    ),
    "softplus, squares": (lambda: mlp(["d", "h", "h", "k"], "softplus", "gaussian"), ("W2", "b1")),
}
cases = pytest.mark.parametrize("name", CASES)


@cases
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_they_are_gradients_of_batches_of_one(
    name: str, sizes: dict[str, int], tally: Callable[[str, int], None]
) -> None:
    build, wrt = CASES[name]
    model = build()
    own = {s.name: sizes[s.name] for s in model.sizes}
    with mpmath.workdps(DIGITS):
        tally(
            "per-sample derivatives compared with SymPy",
            gradients_are_those_of_one_example(model, wrt, own),
        )


@cases
def test_no_quantity_pairs_examples_and_every_step_holds(
    name: str, tally: Callable[[str, int], None]
) -> None:
    build, wrt = CASES[name]
    model = build()
    result = derive(model, wrt, per_sample="N")
    nothing_pairs_examples(result)
    assert result.per_sample == "N"
    assert result.value == model.output
    own = {s.name: SIZES[0][s.name] for s in model.sizes}
    with mpmath.workdps(DIGITS):
        tally("steps evaluated", steps_hold(model, wrt, own))


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("likelihood", ["categorical", "bernoulli", "gaussian"])
def test_they_are_the_jacobian_of_the_losses(activation: str, likelihood: str) -> None:
    model = mlp(["d", "h", "k"], activation, likelihood)
    names = ("W1", "b1", "W2", "b2")
    sizes = {s.name: SIZES[0][s.name] for s in model.sizes}
    jacobian, each = derive(model.up_to("nll"), names), derive(model, names, per_sample="N")
    with mpmath.workdps(DIGITS):
        inputs = numbers_for(model.arguments, sizes, 3)
        full, found = evaluate(jacobian, inputs, sizes), evaluate(each, inputs, sizes)
        gradient = evaluate(derive(model, names), inputs, sizes)
        for name in names:
            one, other = found[each.results[name].name], full[jacobian.results[name].name]
            assert_close(one, other, name)
            mean = [mpmath.fsum(column) / 3 for column in zip(*map(flat, one), strict=True)]
            assert_close(tuple(mean), tuple(flat(gradient[f"d{name}"])), f"mean of {name}")


def test_the_last_sum_of_backpropagation_is_left_out() -> None:
    printed = str(derive(mlp(["d", "h", "k"], "tanh", penalty={"l2": 0.01}), per_sample="N"))
    assert printed.splitlines()[8:] == [
        "p[n,l] = softmax_l z2[n,l]",
        "dz2[n,l] = p[n,l] - δ[l,y[n]]",
        "dh1[n,j] = Σ_l dz2[n,l] W2[l,j]",
        "dz1[n,j] = (1 - h1[n,j]**2) dh1[n,j]",
        "dW1[n,j,i] = 0.02 W1[j,i] + dz1[n,j] x[n,i]",
        "db1[n,j] = dz1[n,j]",
        "dW2[n,l,j] = 0.02 W2[l,j] + dz2[n,l] h1[n,j]",
        "db2[n,l] = dz2[n,l]",
    ]


def test_what_is_shared_is_computed_once() -> None:
    build, wrt = CASES["normalised weights"]
    shapes = {e.tensor.name: e.tensor.shape for e in derive(build(), wrt, per_sample="N").equations}
    assert not any(name.endswith("_each") for name in shapes)
    assert [str(s) for s in shapes["a"]] == []  # the position of the maximum


BATCH_NORM = """
z = X @ W
c = z - np.mean(z, axis=0)
return np.mean(np.sum((c / np.sqrt(np.mean(c**2, axis=0) + 0.01))**4, axis=1))
"""


@pytest.mark.parametrize(
    ("source", "shapes", "wrt", "words"),
    [
        (BATCH_NORM, {"X": "N d", "W": "d h"}, "W", ["Σ_k z[k,j]", "all examples", "interact"]),
        (
            "m = np.mean(X @ w)\nreturn np.sum((X @ w - m)**2)",
            {"X": "N d", "w": "d"},
            "w",
            ["reads m, a sum over the examples"],
        ),
        ("np.sqrt(np.mean((X @ w - y)**2))", REGRESSION, "w", ["f", "not linear in a sum"]),
        ("np.max(X @ w)", {"X": "N d", "w": "d"}, "w", ["max_n", "not linear in the examples"]),
        ("np.sum((X @ w)[1:] * (X @ w)[:-1])", {"X": "N d", "w": "d"}, "w", ["other examples"]),
        ("np.sum(X @ w)**2", {"X": "N d", "w": "d"}, "w", ["not linear"]),
        ("np.sum(np.tanh(X @ X.T) * s)", {"X": "N d", "s": ""}, "s", ["2 axes of size N"]),
        ("np.sum(special.softmax(X @ w) * y)", REGRESSION, "w", ["logsumexp_n"]),
        ("np.sum((X @ w - y)**2) / (y.shape[0] - 1)", REGRESSION, "w", ["1/(N - 1)", "N = 1"]),
        ("np.sum(X @ w) + np.sum(y[X.shape[0] - 1])", REGRESSION, "w", ["other examples"]),
        ("np.sum(w**2) + 0 * np.sum(X)", {"X": "N d", "w": "d"}, "w", ["no example enters"]),
        ("X @ W", {"X": "N d", "W": "d h"}, "W", ["shape (N, h)", "sum over the other axes"]),
        ("np.sum(A @ w)", {"A": "2*N d", "w": "d", "X": "N d"}, "w", ["an axis of size 2*N"]),
    ],
)
def test_examples_that_interact_are_refused(
    source: str, shapes: dict[str, Any], wrt: str, words: list[str]
) -> None:
    model = trace(source, **shapes)
    with pytest.raises(BackproofError) as raised:
        derive(model, wrt, per_sample="N")
    for word in words:
        assert word in str(raised.value), str(raised.value)


def test_labels_that_point_at_examples_are_refused() -> None:
    pointed = array("N", dtype=int, below="N")
    model = trace("np.sum((X @ w)[t])", X="N d", w="d", t=pointed)
    with pytest.raises(BackproofError, match="point from one example to another"):
        derive(model, "w", per_sample="N")


def test_what_goes_with_them_and_what_does_not() -> None:
    model = mlp(["d", "k"])
    with pytest.raises(BackproofError, match="the size M; expected one of N, d, k"):
        derive(model, per_sample="M")
    with pytest.raises(BackproofError, match="order=2"):
        derive(model, "W1", order=2, per_sample="N")
    with pytest.raises(BackproofError, match="with along"):
        derive(model, "W1", along="v", per_sample="N")
