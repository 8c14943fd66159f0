"""Lines over small arrays that are begun sooner: the same numbers, and under their conditions."""

from __future__ import annotations

import ast
import re
from typing import Any

import numpy as np
import pytest

import backproof as bp
from backproof.numerics.kernel import Kernel
from backproof.numerics.planning import lines as lines_module
from backproof.numerics.planning import neighbours as neighbours_module
from backproof.numerics.planning.matrix_orders import MatrixOrders
from backproof.numerics.planning.neighbours import fewer
from backproof.numerics.planning.unit_lines import one_column, one_entry, outer_matrix
from laws import planned as law

UNIT_RULES = (outer_matrix, one_column, one_entry)
DTYPES = ("float64", "float32")


def network(*widths: int, dtype: str = "float64", likelihood: str = "bernoulli") -> Kernel:
    """A dense network's gradient."""
    return bp.compile(bp.derive(bp.networks.mlp(widths, "tanh", likelihood)), dtype=dtype)


def inputs(kernel: Kernel, rows: int) -> dict[str, Any]:
    """Arrays for a kernel whose one open size is the batch."""
    draws = np.random.default_rng(rows)
    found: dict[str, Any] = {}
    for name, tensor in kernel.arguments.tensors.items():
        shape = tuple(int(s) if s.is_Integer else rows for s in tensor.shape)
        labels = tensor.dtype == "integer"
        found[name] = (
            draws.integers(3, size=shape)
            if labels
            else draws.normal(size=shape).astype(kernel.dtype)
        )
    return found


def source(kernel: Kernel, rows: int = 32) -> str:
    """The program for some rows."""
    return kernel.planned(dict.fromkeys(kernel.arguments.sizes, rows)).source


def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compile without the rules."""
    rules = tuple(rule for rule in lines_module.RULES if rule not in UNIT_RULES)
    monkeypatch.setattr(lines_module, "RULES", rules)
    monkeypatch.setattr(neighbours_module, "RULES", ())


def lying(monkeypatch: pytest.MonkeyPatch, by_columns: bool) -> None:
    """Have all matrices that may lie either way lie in one."""

    def at(self: MatrixOrders, extents: object) -> frozenset[str]:
        return frozenset[str]().union(*self.groups) if by_columns else frozenset()

    monkeypatch.setattr(MatrixOrders, "at", at)


@pytest.mark.parametrize("by_columns", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
def test_units_and_outer_products_change_no_bit(
    monkeypatch: pytest.MonkeyPatch, dtype: str, by_columns: bool
) -> None:
    lying(monkeypatch, by_columns)
    kernel = network(3, 5, 1, dtype=dtype)
    calls = [inputs(kernel, rows) for rows in (4, 1, 33)]
    found = [kernel(**arrays) for arrays in calls]
    plain(monkeypatch)
    other = network(3, 5, 1, dtype=dtype)
    assert source(other) != source(kernel)
    for arrays, results in zip(calls, found, strict=True):
        law.same(results, other(**arrays), 0)
    law.computes_its_source(kernel, calls, 64)


def test_a_matrix_of_products_is_a_product(monkeypatch: pytest.MonkeyPatch) -> None:
    lying(monkeypatch, False)
    assert "dz2.dot(W2, dh1)" in source(network(3, 5, 1))
    assert ".dot(W2, dh1)" not in source(network(3, 65, 1))  # long rows
    lying(monkeypatch, True)
    assert "outer = np.dot if N*5 <= 32768 else np.multiply" in source(network(3, 5, 1))


@pytest.mark.parametrize("by_columns", [False, True])
def test_large_matrices_of_products(monkeypatch: pytest.MonkeyPatch, by_columns: bool) -> None:
    lying(monkeypatch, by_columns)
    kernel = network(2, 60, 1)
    law.computes_its_source(kernel, [inputs(kernel, rows) for rows in (500, 600)], 512)


def test_products_of_vectors() -> None:
    statement = bp.trace("np.sum(np.tanh(u[:, None]*v))", u="n", v=(7,))
    kernel = bp.compile(bp.derive(statement))
    assert "dot" in source(kernel)
    calls = [{"u": np.arange(1.0, n), "v": np.linspace(0.1, 1, 7)} for n in (4, 2, 9)]
    law.computes_its_source(kernel, calls, 64)


def test_columns_and_numbers() -> None:
    text = source(network(3, 5, 1))
    assert "add(z2, b2[..., 0], z2)" in text
    assert "multiply(y, z2, s1_view)" in text
    assert "b2[..., 0]" not in source(network(3, 5, 2))


def test_a_column_beside_a_vector() -> None:
    model = bp.trace("h = np.tanh(u)\nreturn np.sum(h*y[:, 0] + np.exp(h))", u="n", y="n 1")
    kernel = bp.compile(bp.derive(model))
    assert "add(y, h_map_view, dh_view)" in source(kernel)
    calls = [{"u": np.arange(1.0, n), "y": np.ones((n - 1, 1))} for n in (4, 2, 9)]
    law.computes_its_source(kernel, calls, 64)


# Neighbouring lines ------------------------------------------------------------------------------


def written(text: str, *sizes: str) -> str:
    """What becomes of some lines."""
    body = fewer(ast.parse(text).body, frozenset(sizes))
    return ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))


TURNED = "np.multiply(t, -1, out=t)\nnp.add(t, b, out=t)"
COPIED = "t[...] = p\nt[np.arange(N), y] += -1\nnp.multiply(t, 1/N, out=t)"


def test_what_neighbours_become() -> None:
    assert written(TURNED) == "np.subtract(b, t, out=t)"
    assert written(COPIED, "N").splitlines() == [
        "np.multiply(p, 1 / N, out=t)",
        "t[np.arange(N), y] += -1 * (1 / N)",
    ]


@pytest.mark.parametrize(
    "text",
    [
        TURNED.replace("b,", "t,"),  # the operand was turned too
        TURNED.replace("b,", "t.T,"),
        TURNED.replace("-1", "-2"),
        TURNED.replace("np.add(t", "np.add(s"),
        TURNED.replace("add", "subtract"),
        TURNED.replace("out=t)\n", "out=s)\n"),
        COPIED.replace("1/N", "c"),  # no number of sizes
        COPIED.replace("1/N", "p"),
        COPIED.replace("-1", "c"),
        COPIED.replace("+=", "*="),
        COPIED.replace("= p", "= p + 1"),
        COPIED.replace("t[...]", "t[0]"),
        COPIED.replace("t[np", "s[np"),
        COPIED.replace("multiply", "divide"),
        COPIED.replace("\nt[np.arange(N), y] += -1", ""),
    ],
)
def test_what_neighbours_stay(text: str) -> None:
    assert written(text, "N") == ast.unparse(ast.parse(text))


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_turned_sign_and_a_factor(monkeypatch: pytest.MonkeyPatch, dtype: str) -> None:
    kernel = network(3, 5, 3, dtype=dtype, likelihood="categorical")
    text = source(kernel)
    assert "subtract(L_log, nll, nll)" in text
    assert re.search(r"multiply\(p, c\d*, dz2\)\n +dz2_flat\[\w+\] \+= c", text)
    calls = [inputs(kernel, rows) for rows in (7, 1, 30)]
    law.computes_its_source(kernel, calls, 64)
    found = [kernel(**arrays) for arrays in calls]
    plain(monkeypatch)
    other = network(3, 5, 3, dtype=dtype, likelihood="categorical")
    for arrays, results in zip(calls, found, strict=True):
        expected = other(**arrays)
        assert results["value"] == expected["value"]
        law.same(results, expected, 16)


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_certain_has_no_gradient(dtype: str) -> None:
    kernel = network(2, 3, dtype=dtype, likelihood="categorical")
    x = np.zeros((7, 2), dtype)
    b1 = np.array([1000, 0, 0], dtype)
    out = kernel(x=x, y=np.zeros(7, int), W1=np.zeros((3, 2), dtype), b1=b1)
    np.testing.assert_array_equal(out["b1"], 0)
