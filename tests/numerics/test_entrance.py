"""The quick way into a kernel answers as the long way does, and leaves to it what is unusual."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import backproof as bp
from backproof.theory.trace.tracing import trace


def network(dtype: str = "float64", **options: Any) -> tuple[Any, dict[str, Any]]:
    """A kernel and arrays for it."""
    derivation = bp.derive(bp.networks.mlp((4, 7, 3), "tanh", "categorical"), **options)
    draws = np.random.default_rng(5)
    shapes = {
        n: [int(s) if s.is_Integer else 9 for s in t.shape] for n, t in derivation.arguments.items()
    }
    arrays: dict[str, Any] = {n: draws.normal(size=s).astype(dtype) for n, s in shapes.items()}
    arrays["y"] = draws.integers(3, size=9)
    return bp.compile(derivation, dtype=dtype), arrays


def same(one: Any, other: Any) -> None:
    """The same results, their types included."""
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert type(value) is type(other[name])
        assert value.dtype == other[name].dtype
        np.testing.assert_array_equal(value, other[name])


@pytest.mark.parametrize("dtype", ["float64", "float32", "longdouble"])
@pytest.mark.parametrize("options", [{}, {"order": 2, "along": "v"}, {"per_sample": "N"}])
def test_it_answers_as_the_long_way_does(dtype: str, options: dict[str, Any]) -> None:
    kernel, arrays = network(dtype, **options)
    assert kernel.entrance.enter(arrays) is None  # nothing is known yet
    first = kernel(**arrays)
    quick = kernel.entrance.enter(arrays)
    assert quick is not None
    same(first, quick)
    same(quick, kernel._long_way(dict(arrays)))


def test_results_are_new_arrays() -> None:
    kernel, arrays = network()
    kernel(**arrays)
    one, other = kernel.entrance.enter(arrays), kernel.entrance.enter(arrays)
    for name in ("W1", "b1", "W2", "b2"):
        assert not np.may_share_memory(one[name], other[name])
        assert not np.may_share_memory(one[name], arrays[name])
        assert one[name].flags.owndata


CHANGES: dict[str, Any] = {
    "a label too large": lambda a: {**a, "y": np.where(np.arange(9) == 4, 3, a["y"])},
    "a negative label": lambda a: {**a, "y": np.where(np.arange(9) == 8, -1, a["y"])},
    "NaN": lambda a: {**a, "x": np.where(np.arange(36).reshape(9, 4) == 7, np.nan, a["x"])},
    "infinity": lambda a: {**a, "W2": a["W2"] * np.inf},
    "another shape": lambda a: {**a, "b1": a["b1"][:-1]},
    "another name": lambda a: {**{n: v for n, v in a.items() if n != "b2"}, "b3": a["b2"]},
    "a further name": lambda a: {**a, "b3": a["b2"]},
    "a name too few": lambda a: {n: v for n, v in a.items() if n != "b2"},
    "another type": lambda a: {**a, "x": a["x"].tolist()},
    "another dtype": lambda a: {**a, "x": a["x"].astype("float32")},
    "labels as reals": lambda a: {**a, "y": a["y"].astype(float)},
    "a matrix class": lambda a: {**a, "x": a["x"].view(np.matrix)},
}


@pytest.mark.parametrize("what", CHANGES)
def test_it_leaves_to_the_long_way(what: str) -> None:
    kernel, arrays = network()
    kernel(**arrays)
    changed = CHANGES[what](arrays)
    with np.errstate(all="ignore"):
        assert kernel.entrance.enter(changed) is None
        said = [outcome(k, changed) for k in (kernel, network()[0])]
    assert said[0] == said[1]  # that of a kernel which has not been called
    assert kernel.entrance.enter(arrays) is not None


def outcome(kernel: Any, arrays: dict[str, Any]) -> str:
    """The results of a call, or its error, as text."""
    try:
        return repr({name: np.asarray(value).tolist() for name, value in kernel(**arrays).items()})
    except bp.BackproofError as error:
        return str(error)


def test_sizes_change_between_calls() -> None:
    kernel, arrays = network()
    for count in (9, 5, 1, 9, 3):
        batch = {**arrays, "x": arrays["x"][:count], "y": arrays["y"][:count]}
        same(kernel(**batch), kernel(**batch))
        same(kernel(**batch), network()[0](**batch))


def test_any_name_of_an_argument_will_do() -> None:
    kernel = bp.compile(trace("np.sum(free * call + ready)", free="n", call="n", ready="n"))
    arrays = {name: np.arange(3.0) for name in ("free", "call", "ready")}
    assert float(kernel(**arrays)) == float(kernel(**arrays)) == 8.0
    assert "'free'" in kernel.entrance.source


def test_shapes_are_forgotten_when_there_are_many() -> None:
    kernel = bp.compile(trace("np.sum(x**2)", x="n"))
    for count in range(1, 40):
        assert float(kernel(x=np.ones(count))) == count
        assert float(kernel(x=np.ones(count))) == count
    assert len(kernel.entrance.known) <= 16
