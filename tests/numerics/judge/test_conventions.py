"""Kinks and ties: other legitimate conventions are named, illegitimate ones refuted."""

from typing import Any

import numpy as np
import pytest

from backproof.numerics.judge import verify
from backproof.numerics.judge.conventions import sites
from backproof.numerics.judge.statement import Statement
from backproof.theory.calculus.derivation import derive
from backproof.theory.networks import mlp
from backproof.theory.trace.tracing import trace

NET = derive(mlp(["d", "h", "g", "k"], "relu", "gaussian", {"l1": 0.1}))
ROWS = derive(trace("np.sum(X.max(axis=1)*w)", X="n d", w="n"), wrt="X")


def backward(
    x: Any, y: Any, W1: Any, b1: Any, W2: Any, b2: Any, W3: Any, b3: Any,
    first: float = 0.0, second: float = 0.0, sign: float = 0.0,
) -> Any:  # fmt: skip
    """A relu net with an L1 penalty; slopes at zero as asked."""

    def slope(z: Any, at_zero: float) -> Any:
        return np.where(z > 0, 1.0, np.where(z < 0, 0.0, at_zero))

    def sgn(w: Any) -> Any:
        return np.where(w == 0, sign, np.sign(w))

    z1 = x @ W1.T + b1
    h1 = np.maximum(z1, 0)
    z2 = h1 @ W2.T + b2
    h2 = np.maximum(z2, 0)
    d3 = (h2 @ W3.T + b3 - y) / len(x)
    d2 = d3 @ W3 * slope(z2, second)
    d1 = d2 @ W2 * slope(z1, first)
    return (
        d1.T @ x + 0.1 * sgn(W1), d1.sum(axis=0),
        d2.T @ h1 + 0.1 * sgn(W2), d2.sum(axis=0),
        d3.T @ h2 + 0.1 * sgn(W3), d3.sum(axis=0),
    )  # fmt: skip


INPUTS = ("x", "y", "W1", "b1", "W2", "b2", "W3", "b3")


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"first": 1.0, "second": 1.0}, ["relu′(0) = 1 where z2[n,", "relu′(0) = 1 where z1[n,"]),
        ({"first": 0.5, "second": 0.5}, ["relu′(0) = ½ where z1[n,"]),
        ({"first": 1.0}, ["relu′(0) = 1 where z1[n,"]),
        ({"second": 1.0}, ["relu′(0) = 1 where z2[n,"]),
        ({"sign": 1.0}, ["|x|′(0) = 1 where W1["]),
        ({"sign": -1.0, "first": 1.0, "second": 1.0}, ["|x|′(0) = −1", "relu′(0) = 1"]),
    ],
    ids=str,
)
def test_another_convention_is_named(choices: dict[str, float], said: list[str]) -> None:
    result = verify(lambda *a: backward(*a, **choices), NET, INPUTS, seed=3)
    assert result.verdict == "convention differs", str(result)
    assert result.rests_on == {"derived", "sampled"}
    for words in said:
        assert words in str(result)
    if choices == {"first": 1.0}:
        assert "z2" not in "".join(f.found for f in result.findings)
    with pytest.raises(AssertionError):
        result.require()
    assert result.require("convention differs") is result


def test_the_stated_convention_is_verified() -> None:
    assert verify(backward, NET, INPUTS, seed=3).verdict == "verified"


def test_a_slope_that_is_no_subgradient_is_refuted() -> None:
    result = verify(lambda *a: backward(*a, first=2.0, second=2.0), NET, INPUTS, seed=3)
    assert result.verdict == "refuted"
    assert result.diagnosis.causes == ()


def first(X: Any, w: Any) -> Any:
    G = np.zeros_like(X)
    G[np.arange(len(X)), X.argmax(axis=1)] = w
    return G


def last(X: Any, w: Any) -> Any:
    return first(X[:, ::-1], w)[:, ::-1]


def shared(X: Any, w: Any) -> Any:
    M = X.max(axis=1, keepdims=True) == X
    return M / M.sum(axis=1, keepdims=True) * w[:, None]


def every(X: Any, w: Any) -> Any:
    return (X.max(axis=1, keepdims=True) == X) * w[:, None]


def test_ties_of_a_maximum() -> None:
    assert verify(first, ROWS, seed=2).verdict == "verified"
    for function, words in ((last, "to the last of tied entries"), (shared, "shared evenly")):
        result = verify(function, ROWS, seed=2)
        assert result.verdict == "convention differs"
        assert words in str(result)
    result = verify(every, ROWS, seed=1)
    assert result.verdict == "refuted"
    assert "counts more than once" in str(result)
    assert "only where an argument lies exactly on a kink or tie" in str(result)


def test_a_boundary_on_the_other_side() -> None:
    jump = derive(trace("np.sum(np.where(x <= 1, x**2, 3*x))", x="n"))
    result = verify(lambda x: np.where(x < 1, 2 * x, 3.0), jump, seed=0)
    assert result.verdict == "convention differs"
    assert verify(lambda x: np.where(x <= 1, 2 * x, 3.0), jump, seed=0).verdict == "verified"


def test_where_the_kinks_are() -> None:
    found = sites(Statement.of(NET, list(NET.results)))
    assert {("dz1", "step"), ("dz2", "step"), ("dW1", "sgn")} <= set(found)
