"""How kernels treat what they are given and what they hand back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import backproof as bp
from laws.regression import SHAPES, SOURCE, numbers

MODEL = bp.trace(SOURCE, **SHAPES)
KERNEL = bp.compile(bp.derive(MODEL, wrt=("X", "W", "b", "c")))


def same(one: dict[str, Any], other: dict[str, Any], tolerance: float = 0.0) -> None:
    """The same names, and arrays that agree to a tolerance."""
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_allclose(one[name], other[name], rtol=tolerance, atol=tolerance)


def by_hand(X: Any, W: Any, b: Any, t: Any, c: Any) -> dict[str, Any]:
    """Value and gradient of SOURCE, written by hand."""
    h = np.tanh(X @ W + b)
    e = np.exp(h - h.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    rows = np.arange(len(X))
    dz = (p - np.eye(W.shape[1])[t]) / len(X) * (1 - h**2)
    value = -np.mean(np.log(p[rows, t])) + c * np.sum(W**2)
    return {
        "value": value, "X": dz @ W.T, "W": X.T @ dz + 2 * c * W, "b": dz.sum(axis=0),
        "c": np.sum(W**2),
    }  # fmt: skip


# What comes back ---------------------------------------------------------------------------


def test_the_kernel_is_right() -> None:
    for sizes in ((3, 4, 2), (1, 5, 3), (7, 1, 4), (2, 3, 1)):
        inputs = numbers(*sizes)
        same(KERNEL(**inputs), by_hand(**inputs), 1e-13)


def test_results_are_the_callers_own() -> None:
    first = KERNEL(**numbers())
    kept = {name: np.copy(value) for name, value in first.items()}
    second = KERNEL(**numbers(seed=1))
    same(first, kept)
    for name, value in second.items():
        if np.ndim(value):
            assert not np.shares_memory(value, first[name])
            value[...] = np.nan
    same(KERNEL(**numbers()), kept)


ALIASED = {
    "a @ x": {"a": "n", "x": "n"},
    "x": {"x": "n"},
    "X.T": {"X": "n m"},
    "x[:, None]": {"x": "n"},
    "np.trace(A @ X)": {"A": "n m", "X": "m n"},
    "np.sum(A*X)": {"A": "n m", "X": "n m"},
    "x[0]": {"x": "n"},
    "s": {"s": ""},
    "A @ x": {"A": "m n", "x": "n"},
    "np.diag(A)": {"A": "n n"},
    "h = x\nreturn h": {"x": "n"},
}


@pytest.mark.parametrize("source", ALIASED)
def test_results_share_no_memory(source: str) -> None:
    shapes = ALIASED[source]
    extents = {"n": 2, "m": 3}
    inputs = {name: np.ones([extents[s] for s in shape.split()]) for name, shape in shapes.items()}
    for statement in (bp.derive(bp.trace(source, **shapes)), bp.trace(source, **shapes)):
        out = bp.compile(statement)(**inputs)
        results = list(out.values()) if isinstance(out, dict) else [out]
        for result in results:
            assert not any(np.shares_memory(result, array) for array in inputs.values())
        for one in range(len(results)):
            for other in range(one):
                assert not np.shares_memory(results[one], results[other])
        for result in results:
            if np.ndim(result):
                result += 1
        assert all((array == 1).all() for array in inputs.values())


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_results_have_the_asked_dtype(dtype: str) -> None:
    kernel = bp.compile(bp.derive(MODEL, wrt=("W", "c")), dtype=dtype)
    inputs = numbers()
    out = kernel(**inputs)
    assert {np.asarray(value).dtype for value in out.values()} == {np.dtype(dtype)}
    exact = by_hand(**inputs)
    same(out, {name: exact[name] for name in out}, 1e-12 if dtype == "float64" else 2e-6)
    value = bp.compile(MODEL, dtype=dtype)(**inputs)
    assert np.asarray(value).dtype == np.dtype(dtype)


def test_float32_computes_in_float32() -> None:
    x = np.full(3, 1 + 2.0**-12, np.float32)
    out = bp.compile(bp.trace("x*x", x="n"), dtype="float32")(x=x)
    np.testing.assert_array_equal(out, x * x)


# What goes in ------------------------------------------------------------------------------


def test_inputs_are_unchanged_and_may_be_read_only() -> None:
    inputs = numbers()
    copies = {name: array.copy() for name, array in inputs.items()}
    for array in inputs.values():
        array.setflags(write=False)
    same(KERNEL(**inputs), by_hand(**inputs), 1e-13)
    same(inputs, copies)


def strided(array: np.ndarray) -> np.ndarray:
    """Every second entry of a larger array."""
    wide = np.full([2 * size for size in array.shape], 99, array.dtype)
    view = wide[tuple(slice(None, None, 2) for _ in array.shape)]
    view[...] = array
    return view


def reversed_(array: np.ndarray) -> np.ndarray:
    """The same entries in memory backwards."""
    backwards = tuple(slice(None, None, -1) for _ in array.shape)
    return array[backwards].copy()[backwards]


LAYOUTS = {
    "Fortran": lambda a: np.array(a, order="F"),
    "strided": lambda a: strided(a) if a.ndim else a,
    "reversed": reversed_,
    "other bytes": lambda a: a.astype(a.dtype.newbyteorder(">")),
    "unaligned": lambda a: np.frombuffer(b"_" + a.tobytes(), a.dtype, a.size, 1).reshape(a.shape),
    "list": lambda a: a.tolist(),
    "tuple": lambda a: tuple(a.tolist()) if a.ndim else a.item(),
    "subclass": lambda a: a.view(np.matrix) if a.ndim == 2 else a,
    "int32 labels": lambda a: a.astype(np.int32) if a.dtype.kind == "i" else a,
    "uint8 labels": lambda a: a.astype(np.uint8) if a.dtype.kind == "i" else a,
    "longdouble": lambda a: a.astype(np.longdouble) if a.dtype.kind == "f" else a,
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(layout: str) -> None:
    inputs = numbers()
    given = {name: LAYOUTS[layout](array) for name, array in inputs.items()}
    out = KERNEL(**given)
    same(out, by_hand(**inputs), 1e-13)
    assert {type(value) for value in out.values()} <= {np.ndarray, np.float64}


def test_broadcast_and_integer_inputs() -> None:
    inputs = {
        "X": np.broadcast_to([1, 2, 3, 4], (3, 4)),
        "W": [[1, 0], [0, 1], [-1, 0], [0, -1]],
        "b": (0, 1),
        "t": [0, 1, 1],
        "c": 2,
    }
    whole = {name: np.asarray(value) for name, value in inputs.items()}
    same(KERNEL(**inputs), by_hand(**whole), 1e-13)


def test_float32_inputs_to_a_float64_kernel() -> None:
    inputs = {name: a.astype("f4") if a.dtype.kind == "f" else a for name, a in numbers().items()}
    exact = {name: a.astype("f8") if a.dtype.kind == "f" else a for name, a in inputs.items()}
    same(KERNEL(**inputs), by_hand(**exact), 1e-13)


@pytest.mark.parametrize(
    "value", [2, 2.0, np.float64(2), np.float32(2), np.array(2.0), np.int64(2)]
)
def test_scalars(value: Any) -> None:
    kernel = bp.compile(bp.derive(bp.trace("x**3 + y", x="", y=""), wrt="x"))
    out = kernel(x=value, y=1)
    assert float(out["value"]) == float(value) ** 3 + 1
    assert float(out["x"]) == 3 * float(value) ** 2
    assert np.shape(out["x"]) == np.shape(out["value"]) == ()


def test_batch_sizes_may_change_between_calls() -> None:
    for n, following in pairwise((1, 5, 2, 5, 1, 64, 3, 2)):
        for count in (n, following, n):
            inputs = numbers(n=count, seed=count)
            same(KERNEL(**inputs), by_hand(**inputs), 1e-12)


def test_threads_may_share_a_kernel() -> None:
    jobs = [numbers(n=1 + i % 3, d=40, k=30, seed=i % 5) for i in range(200)]
    with ThreadPoolExecutor(4) as pool:
        for inputs, out in zip(jobs, pool.map(lambda job: KERNEL(**job), jobs), strict=True):
            same(out, by_hand(**inputs), 1e-11)


def outcome(call: Callable[[], Any]) -> Any:
    """What a call returns, or the library's error that it raises."""
    try:
        return call()
    except bp.BackproofError as error:
        return error


def test_an_axis_of_no_entries_is_right_or_refused() -> None:
    kernel = bp.compile(bp.derive(bp.trace("np.sum(np.tanh(X @ W))", X="n d", W="d k"), wrt="W"))
    out = outcome(lambda: kernel(X=np.ones((0, 4)), W=np.ones((4, 2))))
    if isinstance(out, dict):
        same(out, {"value": 0.0, "W": np.zeros((4, 2))})
    empty = {"X": np.ones((0, 4)), "t": np.zeros(0, int)}
    refused = outcome(lambda: KERNEL(**{**numbers(), **empty}))  # the mean of no entries
    assert isinstance(refused, bp.BackproofError)
    assert "X" in str(refused)


# What is refused ---------------------------------------------------------------------------

REFUSED: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "no W": ({"W": None}, ("W",)),
    "one name too many": ({"V": np.ones(2)}, ("V",)),
    "another rank": ({"b": np.ones((2, 1))}, ("b", "(2, 1)", "k")),
    "a row too many in W": ({"W": np.ones((5, 2))}, ("(5, 2)", "d", "4")),
    "a column too many in W": ({"W": np.ones((4, 3))}, ("W", "k", "3", "2")),
    "b too short": ({"b": np.ones(1)}, ("b", "(1", "k")),
    "b without axes": ({"b": 0.5}, ("b", "()", "k")),
    "c with an axis": ({"c": np.ones(1)}, ("c", "(1")),
    "fewer labels than rows": ({"t": np.array([0, 1])}, ("t", "(2", "n", "3")),
    "a label too large": ({"t": np.array([0, 1, 2])}, ("t", "2")),
    "a negative label": ({"t": np.array([0, -1, 1])}, ("t", "-1")),
    "real labels": ({"t": np.array([0.0, 1.0, 1.0])}, ("t", "float")),
    "logical labels": ({"t": np.array([True, False, True])}, ("t", "bool")),
    "NaN in W": ({"W": np.full((4, 2), np.nan)}, ("W", "nan")),
    "one NaN in b": ({"b": np.array([0.0, np.nan])}, ("b", "nan")),
    "c is NaN": ({"c": np.nan}, ("c", "nan")),
    "complex numbers": ({"W": np.ones((4, 2), complex)}, ("W", "complex")),
    "words": ({"b": ["a", "b"]}, ("b",)),
    "numbers as words": ({"b": ["1", "2"]}, ("b",)),
    "objects": ({"b": np.array([object(), object()])}, ("b",)),
    "None": ({"b": [None, 1.0]}, ("b",)),
    "ragged rows": ({"W": [[1.0], [1.0, 2.0], [1.0], [1.0]]}, ("W",)),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what: str) -> None:
    change, words = REFUSED[what]
    inputs = {name: v for name, v in {**numbers(), **change}.items() if v is not None}
    with pytest.raises(bp.BackproofError) as caught:
        KERNEL(**inputs)
    message = str(caught.value)
    assert all(word.lower() in message.lower() for word in words), message
    same(KERNEL(**numbers()), by_hand(**numbers()), 1e-13)  # and it works on afterwards


def test_wrong_shapes_tell_the_sizes_known() -> None:
    with pytest.raises(bp.BackproofError) as caught:
        KERNEL(**{**numbers(n=3, d=4, k=2), "W": np.ones((5, 2))})
    message = str(caught.value)
    assert "(5, 2)" in message
    assert "d" in message
    assert "4" in message


def test_sizes_must_solve() -> None:
    kernel = bp.compile(bp.trace("np.sum(z**2)*c[0]", z="2*n", c="n"))
    assert float(kernel(z=np.ones(4), c=np.ones(2))) == 4
    with pytest.raises(bp.BackproofError, match="z"):
        kernel(z=np.ones(5), c=np.ones(2))
    alone = bp.compile(bp.trace("np.sum(z**2)", z="2*n"))
    assert float(alone(z=np.ones(6))) == 6
    with pytest.raises(bp.BackproofError, match="z"):
        alone(z=np.ones(5))


def test_positional_arguments_are_refused() -> None:
    with pytest.raises((TypeError, bp.BackproofError)):
        KERNEL(*numbers().values())


@pytest.mark.parametrize("dtype", ["int64", "complex128", "no dtype", bool])
def test_other_dtypes_are_refused(dtype: Any) -> None:
    with pytest.raises(bp.BackproofError):
        bp.compile(MODEL, dtype=dtype)


def test_infinity_passes_or_is_refused_by_name() -> None:
    kernel = bp.compile(bp.trace("np.sum(np.tanh(x))", x="n"))
    out = outcome(lambda: kernel(x=[np.inf, -np.inf, np.inf]))
    assert "x" in str(out) if isinstance(out, bp.BackproofError) else float(out) == 1


def test_what_a_kernel_shows() -> None:
    assert "def " in KERNEL.source
    assert KERNEL.equations
    compile(KERNEL.source, "kernel", "exec")
