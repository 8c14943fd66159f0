"""Vectors beside matrices: each rule applies where it says, and computes what the line says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import backproof as bp
from backproof.numerics.planning import broadcasts, lines
from backproof.theory.trace.tracing import trace
from laws import planned as law

ULPS = 16
CASES: dict[str, tuple[str, dict[str, str], str]] = {
    "an outer product": ("np.outer(u, v) * 2 + A", {"u": "m", "v": "n", "A": "m n"}, ".dot("),
    "a row repeated": ("np.tanh(A + v)", {"A": "m n", "v": "n"}, "[...] = "),
    "a column repeated": ("np.exp(A / u[:, None])", {"A": "m n", "u": "m"}, "[...] = "),
    "a column that is an argument": (
        "np.sum(np.exp(B[:, 0] * np.tanh(A @ v)))", {"A": "m n", "v": "n", "B": "m 1"}, "B, ",
    ),
}  # fmt: skip


def arrays_for(shapes: dict[str, str], m: int, n: int, dtype: str) -> dict[str, Any]:
    """Arrays of the shapes."""
    draws = np.random.default_rng([m, n])
    sizes = {"m": m, "n": n, "1": 1}
    return {
        name: (0.5 + draws.random([sizes[s] for s in shape.split()])).astype(dtype)
        for name, shape in shapes.items()
    }


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("what", CASES)
def test_rules_compute_what_the_lines_say(what: str, dtype: str) -> None:
    source, shapes, _ = CASES[what]
    kernel = bp.compile(trace(source, **shapes), dtype=dtype)
    calls = [
        arrays_for(shapes, m, n, dtype) for m, n in ((5, 3), (40, 7), (1, 4), (6, 1), (90, 80))
    ]
    law.computes_its_source(kernel, calls, ULPS)


@pytest.mark.parametrize("what", CASES)
def test_rules_apply(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    source, shapes, sign = CASES[what]
    model = trace(source, **shapes)
    assert sign in _planned(model, shapes)
    own = {broadcasts.outer, broadcasts.repeated, broadcasts.one_column, broadcasts.whole_columns}
    monkeypatch.setattr(lines, "RULES", tuple(r for r in lines.RULES if r not in own))
    assert _planned(model, shapes).count(sign) < _with(model, shapes, monkeypatch).count(sign)


def _planned(model: Any, shapes: dict[str, str]) -> str:
    kernel = bp.compile(model)
    kernel(**arrays_for(shapes, 12, 6, "float64"))
    (pool,) = kernel._pools.values()
    return str(pool.program.source)


def _with(model: Any, shapes: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.undo()
    return _planned(model, shapes)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_vector_of_one_entry_is_a_number(dtype: str) -> None:
    model = bp.networks.mlp((3, 4, 1), "tanh", "bernoulli")
    kernel = bp.compile(bp.derive(model), dtype=dtype)
    assert ".squeeze()" in kernel.program.source
    draws = np.random.default_rng(1)
    calls = [
        {n: draws.random([int(s) if s.is_Integer else m for s in t.shape]).astype(dtype)
         for n, t in kernel.arguments.tensors.items()}
        for m in (5, 1, 30)
    ]  # fmt: skip
    law.computes_its_source(kernel, calls, ULPS)


def test_a_large_matrix_is_left_to_one_loop_for_each_row() -> None:
    source, shapes, _ = CASES["a row repeated"]
    kernel = bp.compile(trace(source, **shapes))
    extents = dict(zip(kernel.arguments.sizes, (300, 400), strict=True))
    assert "[...] = " not in kernel.planned(extents).source


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("source", ["np.mean(np.tanh(x))", "np.sum(np.tanh(x)) * (len(x) + 2)"])
def test_a_sum_times_a_number_of_sizes(source: str, dtype: str) -> None:
    kernel = bp.compile(trace(source, x="n"), dtype=dtype)
    assert "mean(" in kernel.program.source
    draws = np.random.default_rng(2)
    calls = [{"x": draws.random(n).astype(dtype)} for n in (1, 7, 4096, 4097)]
    law.computes_its_source(kernel, calls, 64)


def test_a_sum_times_a_number_that_is_computed_stays() -> None:
    kernel = bp.compile(trace("np.sum(x) * a", x="n", a=""))
    assert "mean" not in kernel.program.source
    assert float(kernel(x=np.arange(4.0), a=3.0)) == 18.0


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_large_outer_product_is_left_to_the_loop(dtype: str) -> None:
    wide = bp.compile(trace("np.tanh(np.outer(u, v))", u="m", v="n"), dtype=dtype)
    sizes = wide.arguments.sizes
    counts = {"float64": (128, 129), "float32": (256, 129)}[dtype]
    for columns, product in ((128, True), (counts[1], False)):
        text = wide.planned(dict(zip(sizes, (counts[0], columns), strict=True))).source
        assert (".dot(" in text) is product
    narrow = bp.compile(trace("np.outer(u, v)", u="m", v=(5,)), dtype=dtype)
    assert ".dot(" in narrow.planned({narrow.arguments.sizes[0]: 10**6}).source


def test_a_repeated_vector_rounds_as_it_does_by_itself() -> None:
    kernel = bp.compile(trace("A - u[:, None]", A="m n", u="m"), dtype="float32")
    draws = np.random.default_rng(0)
    A = draws.normal(size=(20, 9)).astype("float32") * np.float32(1e20)
    u = draws.normal(size=20).astype("float32")
    np.testing.assert_array_equal(kernel(A=A, u=u), A - u[:, None])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_repeated_vector_changes_no_bit(monkeypatch: pytest.MonkeyPatch, dtype: str) -> None:
    derivation = bp.derive(bp.networks.mlp((3, 7, 4)))
    kernel = bp.compile(derivation, dtype=dtype)
    draws = np.random.default_rng(1)
    calls: list[dict[str, Any]] = [
        {n: draws.integers(4, size=m) if t.dtype == "integer"
         else draws.normal(size=[int(s) if s.is_Integer else m for s in t.shape]).astype(dtype)
         for n, t in kernel.arguments.tensors.items()}
        for m in (5, 1, 30)
    ]  # fmt: skip
    found = [kernel(**arrays) for arrays in calls]
    assert "[...] = b1" in kernel.program.source
    assert "L_gap[...] = L_max_view" in kernel.program.source
    rules = tuple(rule for rule in lines.RULES if rule is not broadcasts.repeated)
    monkeypatch.setattr(lines, "RULES", rules)
    plain = bp.compile(derivation, dtype=dtype)
    assert "[...] = b1" not in plain.program.source
    for arrays, results in zip(calls, found, strict=True):
        law.same(results, plain(**arrays), 0)
