"""Loops in C that run as one, and those that may not: beside NumPy, on sizes that are not round."""

from typing import Any

import numpy as np
import pytest
from oracles.c_compiler import needs_c

import backproof as bp
from backproof.numerics.native import compiler

pytestmark = [needs_c, pytest.mark.filterwarnings("error::RuntimeWarning")]
EXTENTS = {"m": 7, "n": 5, "k": 3, "n+1": 6}
MASK = "A*(np.arange(A.shape[0])[:, None] >= np.arange(A.shape[1]))"
ONE = {  # the whole loop
    "np.tanh(A)*B": ({"A": "m n", "B": "m n"}, "ij < m*n"),
    "np.exp(A) + 2*B": ({"A": "m n k", "B": "m n k"}, "ijl < k*m*n"),
    "A*np.sum(B, axis=1)[:, None, None]": ({"A": "m n k", "B": "m n"}, "jl < k*n"),
}
SEVERAL = {
    "A + b": {"A": "m n", "b": "n"},
    "A*np.sum(B, axis=1)[:, None]": {"A": "m n", "B": "m n"},
    "A + B.T": {"A": "m n", "B": "n m"},
    "A[:, 1:] + B": {"A": "m n+1", "B": "m n"},
    "A*np.arange(A.shape[1])": {"A": "m n"},
    MASK: {"A": "m n"},
}


def drawn(shapes: dict[str, str], seed: int = 0) -> dict[str, Any]:
    random = np.random.default_rng([seed, len(shapes)])
    return {
        name: random.normal(size=[EXTENTS[size] for size in shape.split()])
        for name, shape in shapes.items()
    }


def agree(found: Any, right: Any) -> None:
    assert np.allclose(found, right, rtol=1e-13, atol=1e-14), "it is off"


@pytest.mark.parametrize("source", ONE)
def test_loops_without_a_gap_run_as_one(source: str) -> None:
    shapes, loop = ONE[source]
    kernel = bp.compile(bp.trace(source, **shapes), backend="c")
    assert loop in kernel.source, kernel.source
    arrays = drawn(shapes)
    agree(kernel(**arrays), eval(source, {"np": np, **arrays}))


@pytest.mark.parametrize("source", SEVERAL)
def test_loops_with_a_gap_do_not(source: str) -> None:
    shapes = SEVERAL[source]
    kernel = bp.compile(bp.trace(source, **shapes), backend="c")
    assert "m*n" not in kernel.source
    arrays = drawn(shapes)
    agree(kernel(**arrays), eval(source, {"np": np, **arrays}))


MUTANTS = {
    "a loop that ends early": ("ij < m*n", "ij < m"),
    "a loop over one axis": ("ij < m*n", "ij < n"),
    "an array read at its start": ("((real *)B)[ij]", "((real *)B)[0]"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_of_one_loop_are_off(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right, wrong = MUTANTS[name]
    source = "np.tanh(A)*B"
    model = bp.trace(source, **ONE[source][0])
    assert right in bp.compile(model, backend="c").source
    library = compiler.library
    monkeypatch.setattr(
        "backproof.numerics.native.crossing.library",
        lambda source, *options: library(source.replace(right, wrong), *options),
    )
    arrays = drawn(ONE[source][0], seed=1)  # no earlier result may lie where this one is made
    found = bp.compile(model, backend="c")(**arrays)
    with pytest.raises(AssertionError, match="it is off"):
        agree(found, np.tanh(arrays["A"]) * arrays["B"])
