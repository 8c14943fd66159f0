"""Matrices lie by rows or by columns as is cheaper, and what they hold does not depend on it."""

from __future__ import annotations

import random
from itertools import chain, combinations
from typing import Any

import numpy as np
import pytest

import backproof as bp
from backproof.numerics.planning import argument_copies as copies_module
from backproof.numerics.planning.matrix_orders import MatrixOrders
from backproof.numerics.planning.product_cost import product_cost
from laws import planned as law
from laws.batches import batch

ULPS = 256
KINDS: dict[str, Any] = {
    "gradient": {},
    "product": {"order": 2, "along": "v"},
    "Hessian": {"order": 2},
    "each": {"per_sample": "N"},
}


def network(
    *widths: int, head: str = "categorical", l2: float = 0.1, **options: Any
) -> bp.Derivation:
    """The derivatives of a dense network."""
    return bp.derive(bp.networks.mlp(widths, "relu", head, {"l2": l2} if l2 else None), **options)


# What is computed -------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("what", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_any_choice_computes_the_same(
    monkeypatch: pytest.MonkeyPatch, what: str, dtype: str, seed: int
) -> None:
    def drawn(self: MatrixOrders, extents: object) -> frozenset[str]:
        draws = random.Random(f"{seed} {extents}")
        return frozenset[str]().union(*(g for g in self.groups if draws.random() < 0.5))

    monkeypatch.setattr(MatrixOrders, "at", drawn)
    derivation = network(4, 6, 5, 3, **KINDS[what])
    kernel = bp.compile(derivation, dtype=dtype)
    calls = [batch(derivation, count, dtype) for count in (5, 1, 12)]
    law.computes_its_source(kernel, calls, ULPS)


def test_a_copy_that_is_not_made_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    derivation = network(64, 128, 64, 3)
    arrays = batch(derivation, 64, "float64")
    made = copies_module._copied

    def forgotten(name: str, copy: str, known: Any) -> Any:
        made(name, copy, known)
        return __import__("ast").Pass()

    assert "x_by_columns" in _source(bp.compile(derivation), arrays)
    monkeypatch.setattr(copies_module, "_copied", forgotten)
    with pytest.raises(AssertionError), np.errstate(all="ignore"):
        law.computes_its_source(bp.compile(derivation), [arrays], ULPS)


# What is chosen ---------------------------------------------------------------------------------


def _source(kernel: Any, arrays: dict[str, Any]) -> str:
    kernel(**arrays)
    (pool,) = kernel._pools.values()
    return str(pool.program.source)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("widths", [(2, 16, 1), (64, 128, 64, 10), (30, 300, 20), (784, 512, 10)])
@pytest.mark.parametrize("count", [8, 64, 300])
def test_no_choice_of_all_is_much_cheaper(widths: tuple[int, ...], count: int, dtype: str) -> None:
    head = "bernoulli" if widths[-1] == 1 else "categorical"
    kernel = bp.compile(network(*widths, head=head), dtype=dtype)
    choice = kernel.program.choice.matrices
    extents = dict.fromkeys(kernel.arguments.sizes, count)
    shapes = choice.numbers(extents)

    groups = choice.turnable(shapes)
    every = chain.from_iterable(combinations(groups, n) for n in range(len(groups) + 1))
    least = min(choice.cost(shapes, frozenset[str]().union(*some)) for some in every)
    assert least > 0
    assert choice.cost(shapes, choice.at(extents)) <= 1.01 * least


def test_the_choice_is_that_of_the_sizes() -> None:
    derivation = network(64, 128, 64, 3)
    kernel = bp.compile(derivation, dtype="float32")
    sources = [
        kernel.planned(dict.fromkeys(kernel.arguments.sizes, count)).source for count in (64, 4096)
    ]
    assert "x_by_columns" in sources[0]
    assert "x_by_columns" not in sources[1]
    again = kernel.planned(dict.fromkeys(kernel.arguments.sizes, 64))
    assert again is kernel.planned(dict.fromkeys(kernel.arguments.sizes, 65))


def test_results_and_arguments_lie_by_rows() -> None:
    derivation = network(64, 128, 64, 3)
    kernel = bp.compile(derivation)
    for array in kernel(**batch(derivation, 64, "float64")).values():
        assert array.flags.c_contiguous
    assert all(name not in kernel.program.orders for name in derivation.arguments)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_outer_products_of_each_example_lie_with_the_examples_innermost(dtype: str) -> None:
    derivation = network(4, 30, 3, l2=0, per_sample="N")
    kernel = bp.compile(derivation, dtype=dtype)
    arrays = batch(derivation, 150, dtype)
    found = kernel(**arrays)
    for name in ("W1", "W2"):
        assert found[name].transpose(1, 2, 0).flags.c_contiguous
        assert found[name].base.nbytes == found[name].nbytes  # its own memory, and no more
    own = {name: np.empty(array.shape, dtype) for name, array in found.items() if name != "value"}
    again = kernel(**arrays, out=own)
    for name, array in own.items():
        assert again[name] is array
        assert array.flags.c_contiguous
        np.testing.assert_array_equal(array, found[name])
    assert "x_by_columns" in _source(kernel, arrays)


@pytest.mark.parametrize("itemsize", [4, 8])
def test_a_product_and_its_transpose_cost_the_same(itemsize: int) -> None:
    for sizes in ((3, 4, 5), (64, 128, 10), (784, 512, 100)):
        for a in (False, True):
            for b in (False, True):
                one = product_cost(sizes, (a, b, True), itemsize)
                other = product_cost(sizes[::-1], (not b, not a, False), itemsize)
                assert one == other
