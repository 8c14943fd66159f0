"""The cases of matrix calculus as functions of JAX and torch, beside the recorded values."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import test_cases as matrix_calculus

import backproof as bp

FRAMEWORKS = ("jax", "torch")
MODEL = bp.networks.mlp([4, 5, 3], "tanh", "categorical", {"l2": 0.01})


@pytest.fixture(scope="module", params=FRAMEWORKS)
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    """A framework that is installed, in double precision."""
    package = pytest.importorskip(request.param, reason=f"{request.param} is not installed here")
    if request.param == "jax":
        before = package.config.jax_enable_x64
        package.config.update("jax_enable_x64", True)
        yield "jax"
        package.config.update("jax_enable_x64", before)
    else:
        yield "torch"


SLOW = 4  # of the cases, one in so many on JAX, which compiles each; the others under `sweep`


def check(name: str, backend: str, sizes: tuple[Any, ...]) -> None:
    case, model = matrix_calculus.CASES[name], matrix_calculus.model(name)
    assert isinstance(model, bp.Model), model
    kernel = bp.compile(bp.derive(model, wrt=case["wrt"], order=case["order"]), backend=backend)
    for assignment in sizes:
        inputs = matrix_calculus.sample(case, assignment)
        out = {key: np.asarray(array) for key, array in kernel(**inputs).items()}
        value = matrix_calculus.written(case["expr"], inputs)
        derivative = matrix_calculus.written(case["expected"], inputs)
        assert matrix_calculus.off(out["value"], value) <= matrix_calculus.TOLERANCE
        assert matrix_calculus.off(out[case["wrt"]], derivative) <= matrix_calculus.TOLERANCE


@pytest.mark.parametrize("name", list(matrix_calculus.CASES)[::SLOW])
def test_some_cases(name: str, backend: str, tally: Callable[[str, int], None]) -> None:
    check(name, backend, matrix_calculus.SIZES)
    tally(f"cases of matrix calculus that agree in {backend}, at two sizes each", 1)


@pytest.mark.sweep
@pytest.mark.parametrize("name", matrix_calculus.CASES)
def test_every_case(name: str, backend: str) -> None:
    check(name, backend, matrix_calculus.SIZES)


def inputs(n: int = 6) -> dict[str, np.ndarray]:
    random = np.random.default_rng(n)
    drawn = {
        name: random.normal(size=[n if not s.is_Integer else int(s) for s in tensor.shape])
        for name, tensor in MODEL.arguments.items()
    }
    return drawn | {"y": random.integers(3, size=n)}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_network_beside_numpy(backend: str, dtype: str) -> None:
    derived = bp.derive(MODEL)
    kernel = bp.compile(derived, dtype=dtype, backend=backend)
    for n in (6, 2):
        expected = bp.compile(derived)(**inputs(n))
        found = kernel(**inputs(n))
        assert found.keys() == expected.keys()
        for name, array in found.items():
            made = np.asarray(array)
            assert made.dtype == np.dtype(dtype)
            scale = max(np.max(np.abs(expected[name])), 1e-3)
            off = np.max(np.abs(made - expected[name]))
            assert off <= (1e-12 if dtype == "float64" else 1e-5) * scale


def test_the_function_is_the_frameworks_own(backend: str) -> None:
    kernel: Any = bp.compile(bp.derive(MODEL), backend=backend)
    if backend == "jax":
        import jax

        lowered = jax.jit(kernel.function).lower(**inputs())
        assert lowered.compile() is not None
    out = kernel(**inputs())
    assert {type(array).__module__.partition(".")[0].rstrip("lib") for array in out.values()} <= {
        "jax", "torch",
    }  # fmt: skip


def test_bad_input_is_refused(backend: str) -> None:
    kernel = bp.compile(bp.derive(MODEL), backend=backend)
    with pytest.raises(bp.BackproofError, match="the label 3"):
        kernel(**inputs() | {"y": np.array([0, 1, 2, 3, 0, 1])})
    with pytest.raises(bp.BackproofError, match="shape"):
        kernel(**inputs() | {"W1": np.ones((5, 5))})
    with pytest.raises(bp.BackproofError, match="no x"):
        kernel(**{name: array for name, array in inputs().items() if name != "x"})


def test_a_function_that_a_framework_lacks(backend: str) -> None:
    machine = bp.trace("np.sum(special.gamma(x))", x="n")
    if backend == "torch":
        with pytest.raises(bp.UnsupportedError, match="the function gamma"):
            bp.compile(machine, backend="torch")


def test_a_wrong_line_is_found(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from backproof.numerics import framework_kernel as module

    source = module._source
    monkeypatch.setattr(module, "_source", lambda *a: source(*a).replace("0.02", "0.03"))
    wrong = bp.compile(bp.derive(MODEL), backend=backend)
    off = np.asarray(wrong(**inputs())["W1"]) - bp.compile(bp.derive(MODEL))(**inputs())["W1"]
    assert np.max(np.abs(off)) > 1e-4
