"""The quick way into a NumPy kernel: the same answers, and what it must leave to the checks."""

from __future__ import annotations

import ast
import threading
from typing import Any

import numpy as np
import pytest

import backproof as bp
from backproof.numerics import entrance as entrance_module
from backproof.numerics.kernel import Kernel

SHAPES = {"x": (6, 3), "W1": (4, 3), "b1": (4,), "W2": (2, 4), "b2": (2,)}


def network(dtype: str = "float64") -> tuple[Kernel, dict[str, Any]]:
    """A classifier's gradient that was called once, and its arguments."""
    kernel = bp.compile(bp.derive(bp.networks.mlp([3, 4, 2])), dtype=dtype)
    arrays = arguments(dtype)
    kernel(**arrays)
    return kernel, arrays


def arguments(dtype: str = "float64", rows: int = 6) -> dict[str, Any]:
    """Arguments of some number of rows."""
    random = np.random.default_rng(rows)
    shapes = {**SHAPES, "x": (rows, 3)}
    arrays = {name: random.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
    return {**arrays, "y": random.integers(2, size=rows)}


def enter(kernel: Kernel, **arrays: Any) -> Any:
    """What the quick way answers, `None` where it leaves the call to the kernel."""
    return kernel._quick.enter(arrays)


def same(one: Any, other: Any) -> None:
    """The same results, to the last bit, of the same types."""
    assert list(one) == list(other)
    for name in one:
        assert type(one[name]) is type(other[name])
        assert np.asarray(one[name]).dtype == np.asarray(other[name]).dtype
        np.testing.assert_array_equal(one[name], other[name])


@pytest.mark.parametrize("dtype", ["float64", "float32", "longdouble"])
def test_the_quick_way_gives_what_the_checks_give(dtype: str) -> None:
    kernel, arrays = network(dtype)
    quick = enter(kernel, **arrays)
    same(quick, enter(kernel, **arrays))
    same(quick, kernel._explained({**arrays}))
    again = enter(kernel, **arrays)
    for name in arrays.keys() & quick.keys():
        assert not np.shares_memory(quick[name], again[name])


def test_sizes_may_change_between_quick_calls() -> None:
    kernel, _ = network()
    fresh = bp.compile(bp.derive(bp.networks.mlp([3, 4, 2])))
    for rows in (5, 1, 6, 5, 1, 6, *range(7, 30), 6):
        arrays = arguments(rows=rows)
        expected = fresh(**arrays)
        same(kernel(**arrays), expected)
        same(enter(kernel, **arrays), expected)


def test_the_memory_of_old_sizes_is_given_back() -> None:
    kernel, _ = network()
    for rows in range(1, 60):
        kernel(**arguments(rows=rows))
    assert len(kernel._quick.seats.of) <= 16
    assert len(kernel._pools) <= 16


def outcome(kernel: Kernel, arrays: dict[str, Any]) -> Any:
    """What a call returns, or the message of the error that it raises."""
    try:
        return kernel(**arrays)
    except bp.BackproofError as error:
        return str(error)


LEFT: dict[str, dict[str, Any]] = {
    "a name too few": {"b2": None},
    "a name too many": {"b3": np.ones(2)},
    "another name": {"b2": None, "b3": np.ones(2)},
    "a list": {"b1": [0.0, 0.0, 0.0, 0.0]},
    "a subclass": {"W1": np.ones((4, 3)).view(np.matrix)},
    "another dtype": {"W2": np.ones((2, 4), "float32")},
    "other bytes": {"W2": np.ones((2, 4)).astype(">f8")},
    "small labels": {"y": np.zeros(6, np.int8)},
    "another shape": {"W1": np.ones((5, 3))},
    "a shape not seen before": {"x": np.ones((7, 3)), "y": np.zeros(7, int)},
    "a label too large": {"y": np.array([0, 1, 1, 2, 0, 0])},
    "a negative label": {"y": np.array([0, 1, -1, 0, 0, 0])},
    "out": {"out": {"b2": np.empty(2)}},
}


@pytest.mark.parametrize("what", LEFT)
def test_what_is_left_to_the_checks(what: str) -> None:
    kernel, arrays = network()
    changed = {n: array for n, array in {**arrays, **LEFT[what]}.items() if array is not None}
    assert enter(kernel, **changed) is None
    fresh = bp.compile(bp.derive(bp.networks.mlp([3, 4, 2])))
    expected = outcome(fresh, changed)
    found = outcome(kernel, changed)
    if isinstance(expected, str):
        assert found == expected
    else:
        same(found, expected)
    same(enter(kernel, **arrays), fresh(**arrays))


@pytest.mark.parametrize("name", SHAPES)
def test_a_nan_is_refused_on_the_quick_way(name: str) -> None:
    kernel, arrays = network()
    arrays[name] = np.full(SHAPES[name], np.nan)
    with pytest.raises(bp.BackproofError, match=f"{name}: found NaN"):
        enter(kernel, **arrays)


def test_a_nan_is_refused_whatever_the_results_are() -> None:
    for source, shapes in (("np.exp(x)", {"x": "n"}), ("x*x", {"x": ""})):
        for statement in (bp.trace(source, **shapes), bp.derive(bp.trace(source, **shapes))):
            kernel = bp.compile(statement)
            x = np.ones((2,) if shapes["x"] else ())
            expected = kernel(x=x)
            found = enter(kernel, x=x)
            same(*((r if isinstance(r, dict) else {"f": r}) for r in (found, expected)))
            np.atleast_1d(x)[-1:] = np.nan
            with pytest.raises(bp.BackproofError, match="NaN"):
                enter(kernel, x=x)


def test_numbers_have_the_kernels_dtype() -> None:
    kernel = bp.compile(bp.derive(bp.trace("3*c", c="")), dtype="float32")
    c = np.array(2.0, "float32")
    expected = kernel(c=c)
    assert {type(number) for number in expected.values()} == {np.float32}
    same(enter(kernel, c=c), expected)


def test_an_infinite_value_passes_where_no_input_is_nan() -> None:
    kernel = bp.compile(bp.trace("np.sum(np.exp(x))", x="n"))
    assert float(kernel(x=np.ones(2))) == pytest.approx(2 * np.e)
    with np.errstate(over="ignore"):
        assert enter(kernel, x=np.full(2, 1e6)) == np.inf


def test_threads_inside_at_one_time_use_programs_of_their_own() -> None:
    kernel, arrays = network()
    (pool,) = kernel._pools.values()
    inside = pool.free.pop()  # as if another thread were in it
    assert enter(kernel, **arrays) is None
    expected = kernel(**arrays)
    assert len(pool.free) == 1
    assert pool.free[0] is not inside
    pool.free.append(inside)
    same(enter(kernel, **arrays), expected)


def test_many_threads() -> None:
    kernel, arrays = network()
    jobs = [{**arrays, "x": arrays["x"] + n} for n in range(4)]
    expected = [kernel(**job) for job in jobs]
    wrong: list[int] = []

    def work(n: int) -> None:
        for _ in range(200):
            found = kernel(**jobs[n])
            if any(not np.array_equal(found[k], expected[n][k]) for k in found):
                wrong.append(n)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_arguments_may_be_called_as_the_entrance_calls_its_own() -> None:
    names = ("arrays", "seat", "ready", "call", "real", "ndarray", "scalar", "isfinite", "enter")
    shapes = dict.fromkeys(names, "n")
    kernel = bp.compile(bp.derive(bp.trace(f"np.sum({' * '.join(names)})", **shapes)))
    arrays = {name: np.full(2, 1.0 + n) for n, name in enumerate(names)}
    expected = kernel(**arrays)
    assert float(expected["value"]) == 2 * np.prod([array[0] for array in arrays.values()])
    same(enter(kernel, **arrays), expected)


def test_labels_without_a_bound_among_the_sizes() -> None:
    labels = bp.array("n", dtype=int, below="m")
    kernel = bp.compile(bp.trace("np.sum(x * t)", x="n", t=labels))
    x, t = np.arange(3.0), np.array([5, 7, 2])
    assert float(kernel(x=x, t=t)) == float(enter(kernel, x=x, t=t)) == float(x @ t)


def test_the_entrance_is_shown() -> None:
    kernel, _ = network()
    compile(kernel.entrance, "entrance", "exec")
    assert "argmax" in kernel.entrance
    assert len(kernel.entrance.splitlines()) < 60


@pytest.mark.parametrize("length", range(60, 110))
def test_a_long_line_is_broken_between_its_parts_alone(length: int) -> None:
    parts = [f"n{n:06}" for n in range(length // 9)] + ["x" * (1 + length % 9)]
    lines = entrance_module._wrapped("    [", parts, "] = seat")
    ast.parse("if True:\n" + "\n".join(lines))
