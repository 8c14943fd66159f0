"""Loops in C that run as one, and those that may not: beside NumPy, on sizes that are not round."""

from typing import Any

import numpy as np
import pytest
from oracles.c_compiler import needs_c

import backproof as bp
from backproof.numerics.native import compiler

pytestmark = [needs_c, pytest.mark.filterwarnings("error::RuntimeWarning")]
EXTENTS = {"m": 7, "n": 13, "k": 3, "n+1": 14, "2": 2, "3": 3, "4": 4, "5": 5}
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


FOLDS = ("np.max(A, axis=0)", "np.min(A, axis=0)", "np.prod(A, axis=0)", "np.max(A, axis=1)")


@pytest.mark.parametrize("source", FOLDS)
def test_folds_run_along_their_results(source: str) -> None:
    kernel = bp.compile(bp.trace(source, A="m n"), backend="c")
    assert ("acc" in kernel.source) == ("axis=1" in source), kernel.source
    A = drawn({"A": "m n"})["A"]
    agree(kernel(A=A), eval(source, {"np": np, "A": A}))


def test_a_maximum_sees_what_is_no_number() -> None:
    kernel = bp.compile(bp.trace("np.max(np.sqrt(A), axis=0)", A="m n"), backend="c")
    assert np.isnan(kernel(A=np.array([[-1.0, 1.0], [1.0, 2.0]]))[0])


# Products that start from a bias ------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "starts"),
    [
        ("X @ W.T + b", True),
        ("X @ W.T + 2*b", False),  # not the numbers that lie there
        ("X @ W.T + np.tanh(b)", False),
        ("X @ W.T + b[:, None]", False),  # a number for each row
        ("X @ W.T + c[1:]", False),  # a part
        ("X @ W.T + X @ V.T + b", True),  # the second product is added
    ],
)
def test_a_product_starts_from_a_bias(source: str, starts: bool) -> None:
    column = "m" if "None" in source else "n"
    shapes = {"X": "m k", "W": "n k", "V": "n k", "b": column, "c": "n+1"}
    shapes = {name: shape for name, shape in shapes.items() if name in source}
    kernel = bp.compile(bp.trace(source, **shapes), backend="c")
    assert ("&b[0]" in kernel.source) == starts, kernel.source
    assert any("started from b" in step.because for step in kernel.steps) == starts
    arrays = drawn(shapes)
    agree(kernel(**arrays), eval(source, {"np": np, **arrays}))


# Sums of a few terms -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "shapes", "written"),
    [
        ("A @ B", {"A": "m 3", "B": "3 n"}, True),
        ("3*(A @ B) + b", {"A": "m 3", "B": "3 n", "b": "n"}, True),
        ("A @ B + A @ C", {"A": "m 3", "B": "3 n", "C": "3 n"}, True),
        ("np.einsum('abi,abj->ij', A, B)", {"A": "2 2 m", "B": "2 2 n"}, True),
        ("A @ B", {"A": "m 5", "B": "5 n"}, False),  # too many
        ("A @ B.T", {"A": "m 3", "B": "n 3"}, False),  # across the lines of memory
        ("A @ B", {"A": "m 3", "B": "3 4"}, False),  # a loop that is too short
        ("A @ B", {"A": "m k", "B": "k n"}, False),  # of no known length
    ],
)
def test_sums_of_a_few_terms_are_written_out(
    source: str, shapes: dict[str, str], written: bool
) -> None:
    kernel = bp.compile(bp.trace(source, **shapes), backend="c")
    assert any(step.rule == "sum written out" for step in kernel.steps) == written
    assert ("gemm(" in kernel.source or "contraction(" in kernel.source) != written, kernel.source
    arrays = drawn(shapes)
    agree(kernel(**arrays), eval(source, {"np": np, **arrays}))


# Wrong code is found -------------------------------------------------------------------------

LOOP, SUM = "np.tanh(A)*B", "3*(A @ B) + b"
MUTANTS: dict[str, tuple[str, str, str]] = {
    "a loop that ends early": (LOOP, "ij < m*n", "ij < m"),
    "a loop over one axis": (LOOP, "ij < m*n", "ij < n"),
    "an array read at its start": (LOOP, "((real *)B)[ij]", "((real *)B)[0]"),
    "a term of a sum twice": (SUM, "B[2]", "B[1]"),
    "a factor of a sum forgotten": (SUM, "3.0*B[1]", "B[1]"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_of_loops_are_off(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    statement, right, wrong = MUTANTS[name]
    shapes = ONE[LOOP][0] if statement == LOOP else {"A": "m 3", "B": "3 n", "b": "n"}
    model = bp.trace(statement, **shapes)
    source = bp.compile(model, backend="c").source
    assert right in source, source
    library = compiler.library
    monkeypatch.setattr(
        "backproof.numerics.native.crossing.library",
        lambda source, *options: library(source.replace(right, wrong), *options),
    )
    arrays = drawn(shapes, seed=1)  # no earlier result may lie where this one is made
    found = bp.compile(model, backend="c")(**arrays)
    with pytest.raises(AssertionError, match="it is off"):
        agree(found, eval(statement, {"np": np, **arrays}))
