"""A NumPy kernel called with arrays of torch or JAX answers in kind, or says what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import backproof as bp
from backproof.theory.errors import BackproofError

RANDOM = np.random.default_rng(3)
LIBRARIES = ("torch", "jax.numpy")


def arrays(dtype: str = "float32") -> dict[str, np.ndarray]:
    """Inputs of a small network, with labels."""
    shapes = {"x": (5, 3), "W1": (4, 3), "b1": (4,), "W2": (2, 4), "b2": (2,)}
    found = {name: RANDOM.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
    return {**found, "y": RANDOM.integers(2, size=5)}


def kernel(dtype: str = "float32") -> Any:
    """Value and gradient of that network."""
    return bp.compile(bp.derive(bp.networks.mlp([3, 4, 2], "tanh")), dtype=dtype)


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_answer_is_of_the_library_of_the_question(library: str) -> None:
    own = pytest.importorskip(library)
    run, given = kernel(), arrays()
    expected = run(**given)
    out = run(**{name: own.asarray(array) for name, array in given.items()})
    assert out.keys() == expected.keys()
    for name, array in out.items():
        assert type(array) is type(own.asarray([1.0])), name
        np.testing.assert_array_equal(np.asarray(array), expected[name])


@pytest.mark.parametrize("library", LIBRARIES)
def test_one_array_of_a_library_among_numpy_is_enough(library: str) -> None:
    own = pytest.importorskip(library)
    model = bp.compile(bp.trace("x + 2*y", x="n", y="n"), dtype="float32")
    x = np.arange(3, dtype="float32")
    found = model(x=own.asarray(x), y=x)
    assert type(found) is type(own.asarray(x))
    np.testing.assert_array_equal(np.asarray(found), 3 * x)


def test_results_are_no_memory_of_the_kernel() -> None:
    torch = pytest.importorskip("torch")
    run, given = kernel(), arrays()
    first = run(**{name: torch.asarray(array) for name, array in given.items()})
    kept = {name: array.clone() for name, array in first.items()}
    run(**{name: torch.asarray(array * 2) for name, array in given.items() if name != "y"},
        y=torch.asarray(given["y"]))  # fmt: skip
    assert all(torch.equal(first[name], kept[name]) for name in first)


def test_a_gradient_to_record_is_refused_with_the_next_move() -> None:
    torch = pytest.importorskip("torch")
    x = torch.ones(3, requires_grad=True)
    with pytest.raises(BackproofError, match=r"x\.detach\(\)"):
        bp.compile(bp.trace("x + x", x="n"))(x=x)


def test_arrays_on_a_device_are_refused_with_the_next_move() -> None:
    class Far:
        """An array of a library on the first CUDA device (2, 0), as DLPack says it."""

        shape = (3,)

        def __array_namespace__(self) -> Any:
            return np

        def __dlpack__(self) -> None:
            raise AssertionError("nothing may be read from the device")

        def __dlpack_device__(self) -> tuple[int, int]:
            return 2, 0

    with pytest.raises(BackproofError, match="on a device; expected one in main memory"):
        bp.compile(bp.trace("x + x", x="n"))(x=Far())


def test_arrays_of_two_libraries_are_refused() -> None:
    torch, jax = pytest.importorskip("torch"), pytest.importorskip("jax.numpy")
    with pytest.raises(BackproofError, match="arrays of one library"):
        bp.compile(bp.trace("x + y", x="n", y="n"))(x=torch.ones(3), y=jax.ones(3))


def test_names_are_checked_first_as_ever() -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(BackproofError, match="the unknown name z"):
        bp.compile(bp.trace("x + x", x="n"))(x=torch.ones(3), z=torch.ones(3))
