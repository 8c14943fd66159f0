"""Products over several axes, in one piece or as stacks of small ones, hold the same."""

from __future__ import annotations

import ast
import random
from typing import Any

import numpy as np
import pytest

import backproof as bp
from backproof.numerics.planning import products as products_module
from backproof.numerics.planning.arrays import Array
from backproof.numerics.planning.packing import at_zero
from backproof.numerics.planning.product_cost import SMALL
from backproof.numerics.planning.stacks import AxesProduct, Stacks, Way
from backproof.numerics.windows import window
from laws import planned as law
from laws.batches import batch

ULPS = 256


def gradient(
    shape: str = "N 2 9 8", channels: tuple[int, ...] = (3, 4), kernel: int = 2
) -> bp.Derivation:
    """That of a convolutional network."""
    return bp.derive(bp.networks.convolutional(shape, channels, 3, kernel=kernel))


def drawn_ways(monkeypatch: pytest.MonkeyPatch, seed: int) -> list[Way]:
    """Let products run in drawn ways, which are listed."""
    taken: list[Way] = []

    def drawn(self: Stacks, product: AxesProduct, count: Any, packed: Any) -> Way:
        draws = random.Random(f"{seed} {product.first.code} {product.second.code}")
        taken.append(draws.choice(list(product.ways())))
        return taken[-1]

    monkeypatch.setattr(Stacks, "_cheapest", drawn)
    return taken


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_any_way_computes_the_same(monkeypatch: pytest.MonkeyPatch, dtype: str) -> None:
    derivation = gradient()
    calls = [batch(derivation, count, dtype) for count in (5, 1)]
    taken = set()
    for seed in range(12):
        ways = drawn_ways(monkeypatch, seed)
        law.computes_its_source(bp.compile(derivation, dtype=dtype), calls, ULPS)
        taken |= {(way.side, way.turned) for way in ways}
    assert taken >= {("none", True), ("left", False), ("right", False), ("summed", True)}


def test_parts_that_are_not_added_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    derivation = gradient()
    right = products_module.numpy
    monkeypatch.setattr(
        products_module, "numpy", lambda name: right("max" if name == "sum" else name)
    )
    caught = 0
    for seed in range(6):
        ways = drawn_ways(monkeypatch, seed)
        kernel = bp.compile(derivation)
        assert kernel.program.source  # written now
        if any(way.side == "summed" for way in ways):
            with pytest.raises(AssertionError):
                law.computes_its_source(kernel, [batch(derivation, 5, "float64")], ULPS)
            caught += 1
    assert caught


def test_the_way_is_that_of_the_sizes() -> None:
    """A few images in one piece, many as a stack of which each product is small."""
    derivation = gradient("N 1 28 28", (8, 16), 5)
    kernel = bp.compile(derivation, dtype="float32")
    programs = {
        count: kernel.planned(dict.fromkeys(kernel.arguments.sizes, count)) for count in (1, 64)
    }
    assert "matmul" not in programs[1].source
    assert programs[64].source.count("matmul(") == 5
    assert kernel.planned(dict.fromkeys(kernel.arguments.sizes, 64)) is programs[64]
    arrays = batch(derivation, 64, "float32")
    law.computes_its_source(kernel, [arrays], 2048)
    products = programs[64].choice.products
    for count in (1, 64, 4096):
        extents = dict.fromkeys(kernel.arguments.sizes, count)
        number = products._count(extents)
        for product, way in zip(products.products, products.at(extents), strict=True):
            one, other, _ = product.cuts(way)
            work = number(product.first.sizes((*one.rows, *one.columns)))
            work *= number(product.second.sizes(other.rows))
            assert way.depth == 0 or work <= SMALL


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_windows_of_the_only_channel_are_packed_once(dtype: str) -> None:
    for channels, packs in ((1, 1), (2, 1)):
        derivation = gradient(f"N {channels} 9 8", (3,))
        kernel = bp.compile(derivation, dtype=dtype)
        assert kernel.program.source.count(", x_copy_view") == packs
        calls = [batch(derivation, count, dtype) for count in (5, 1)]
        law.computes_its_source(kernel, calls, ULPS)


def test_the_first_entry_of_an_axis() -> None:
    x = np.arange(3 * 1 * 6 * 5).reshape(3, 1, 6, 5)
    arrays = {"x": Array("x", ("3", "1", "6", "5"), kept=False)}
    for code in ("x", "window(window(x, 2, 1, (2, 2), (3, 1)), 4, 0, (4, 1), (2, 1))"):
        view = eval(code, {"x": x, "window": window})
        for axis in range(view.ndim):
            node = at_zero(ast.parse(code, mode="eval").body, axis, arrays)
            if node is None:
                assert axis >= 2
                continue
            found = eval(ast.unparse(node), {"x": x, "window": window})
            np.testing.assert_array_equal(found, view.take(0, axis))
