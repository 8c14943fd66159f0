"""Kernels bound to memory: what a call gives, again and again, as the arguments change in place."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import backproof as bp
from backproof.numerics.native.compiler import NoCompilerError

BACKENDS = ("numpy", "c")


def network(backend: str, dtype: str = "float64") -> tuple[Any, dict[str, Any]]:
    """A classifier's gradient, with arguments for it."""
    try:
        kernel = bp.compile(bp.derive(bp.networks.mlp([3, 4, 2])), dtype=dtype, backend=backend)
    except NoCompilerError as error:
        pytest.skip(str(error))
    random = np.random.default_rng(5)
    shapes = {"x": (6, 3), "W1": (4, 3), "b1": (4,), "W2": (2, 4), "b2": (2,)}
    arrays = {name: random.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
    return kernel, {**arrays, "y": random.integers(2, size=6)}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_run_gives_what_a_call_gives(backend: str, dtype: str) -> None:
    kernel, arrays = network(backend, dtype)
    bound = kernel.bound(**arrays)
    gc.collect()
    for step in range(3):
        expected = kernel(**arrays)
        bound.run()
        assert bound.results.keys() == expected.keys()
        for name, array in bound.results.items():
            np.testing.assert_array_equal(array, expected[name], err_msg=f"{name}, step {step}")
        for name in ("W1", "b2"):
            arrays[name] -= 0.1 * bound.results[name]
        arrays["y"][:] = 1 - arrays["y"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_results_are_filled_at_once_and_no_call_moves_them(backend: str) -> None:
    kernel, arrays = network(backend)
    bound = kernel.bound(**arrays)
    before = {name: array.copy() for name, array in bound.results.items()}
    for name, array in kernel(**arrays).items():
        np.testing.assert_array_equal(before[name], array)
    other = {**arrays, "x": arrays["x"] + 1}
    kernel(**other)
    kernel.bound(**other).run()
    for name, array in bound.results.items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_label_that_leaves_its_axis_is_found_at_the_next_run(backend: str) -> None:
    kernel, arrays = network(backend)
    bound = kernel.bound(**arrays)
    arrays["y"][0] = 2
    with pytest.raises((IndexError, bp.BackproofError)):
        bound.run()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_number_is_an_array_without_axes(backend: str) -> None:
    try:
        kernel = bp.compile(bp.trace("a * np.sum(x)", a="", x="n"), backend=backend)
    except NoCompilerError as error:
        pytest.skip(str(error))
    a, x = np.array(2.0), np.arange(3.0)
    bound = kernel.bound(a=a, x=x)
    assert bound.results["value"].shape == ()
    a[()] = 5.0
    bound.run()
    assert bound.results["value"] == 15.0


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "wrong", [[1.0, 2.0], np.arange(4.0)[::2], np.arange(2), np.arange(2, dtype="float32")]
)
def test_what_cannot_be_read_where_it_lies_is_refused(backend: str, wrong: Any) -> None:
    try:
        kernel = bp.compile(bp.trace("np.sum(x)", x="n"), backend=backend)
    except NoCompilerError as error:
        pytest.skip(str(error))
    with pytest.raises(bp.BackproofError, match="ascontiguousarray"):
        kernel.bound(x=wrong)
    with pytest.raises(bp.BackproofError):
        kernel.bound()


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_framework_is_called_anew(backend: str) -> None:
    pytest.importorskip(backend)
    kernel = bp.compile(bp.trace("a * x", a="", x="n"), dtype="float32", backend=backend)
    a, x = np.array(2.0, "float32"), np.arange(3, dtype="float32")
    bound = kernel.bound(a=a, x=x)
    a[()] = 5.0
    bound.run()
    np.testing.assert_array_equal(bound.results["value"], [0, 5, 10])


def test_memory_that_is_mapped_is_read_where_it_lies(tmp_path: Path) -> None:
    kernel = bp.compile(bp.trace("np.sum(x)", x="n"))
    x = np.memmap(tmp_path / "x", "float64", "w+", shape=(3,))
    bound = kernel.bound(x=x)
    x[:] = 2.0
    bound.run()
    assert bound.results["value"] == 6.0


def test_a_position_that_is_nan_is_explained() -> None:
    kernel = bp.compile(bp.augmentation.warp("h w"))
    x, down, right = (np.zeros((2, 2)) for _ in range(3))
    bound = kernel.bound(x=x, down=down, right=right)
    down[0, 1] = np.nan
    with pytest.raises(bp.BackproofError, match="down: found NaN"), np.errstate(invalid="ignore"):
        bound.run()
