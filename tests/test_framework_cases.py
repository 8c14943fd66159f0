"""The cases of matrix calculus as functions of JAX and torch, beside the recorded values."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import test_cases as matrix_calculus

import backproof as bp

FRAMEWORKS = ("jax", "torch", "torch on cuda")  # JAX takes a GPU by itself where there is one
IMAGES = bp.networks.convolutional("N 2 12 12", (3, 4), 5, kernel=3)
MODEL = bp.networks.mlp([4, 5, 3], "tanh", "categorical", {"l2": 0.01})


class Placed:
    """A framework that is installed, in double precision, and a device of it."""

    def __init__(self, name: str) -> None:
        self.name, _, self.device = name.partition(" on ")

    def compile(self, statement: Any, **options: Any) -> Callable[..., Any]:
        """A kernel called with arrays of NumPy on that device; its results are NumPy's again."""
        kernel: Any = bp.compile(statement, backend=self.name, **options)
        if not self.device:
            return lambda **arrays: named(kernel(**arrays), np.asarray)
        import torch

        def run(**arrays: Any) -> Any:
            there = {n: torch.as_tensor(a, device=self.device) for n, a in arrays.items()}
            out = kernel(**there)
            assert {a.device.type for a in named(out, lambda a: a).values()} == {self.device}
            return named(out, lambda a: a.cpu().numpy())

        return run


def named(out: Any, each: Callable[[Any], Any]) -> Any:
    """Every result, or the only one."""
    return {name: each(array) for name, array in out.items()}


@pytest.fixture(scope="module", params=FRAMEWORKS)
def placed(request: pytest.FixtureRequest) -> Iterator[Placed]:
    """A framework and a device."""
    found = Placed(request.param)
    package = pytest.importorskip(found.name, reason=f"{found.name} is not installed here")
    if found.device and not package.cuda.is_available():
        pytest.skip("torch sees no GPU here")
    if found.device:
        package.backends.cudnn.allow_tf32 = False  # convolutions as precise as the type is
    if found.name == "jax":
        before = package.config.jax_enable_x64
        package.config.update("jax_enable_x64", True)
        with package.default_matmul_precision("highest"):
            yield found
        package.config.update("jax_enable_x64", before)
    else:
        yield found


@pytest.fixture
def backend(placed: Placed) -> str:
    """The name of the framework."""
    return placed.name


SLOW = 4  # of the cases, one in so many on JAX, which compiles each; the others under `sweep`


def check(name: str, placed: Placed, sizes: tuple[Any, ...]) -> None:
    case, model = matrix_calculus.CASES[name], matrix_calculus.model(name)
    assert isinstance(model, bp.Model), model
    kernel = placed.compile(bp.derive(model, wrt=case["wrt"], order=case["order"]))
    for assignment in sizes:
        inputs = matrix_calculus.sample(case, assignment)
        out = kernel(**inputs)
        value = matrix_calculus.written(case["expr"], inputs)
        derivative = matrix_calculus.written(case["expected"], inputs)
        assert matrix_calculus.off(out["value"], value) <= matrix_calculus.TOLERANCE
        assert matrix_calculus.off(out[case["wrt"]], derivative) <= matrix_calculus.TOLERANCE


@pytest.mark.parametrize("name", list(matrix_calculus.CASES)[::SLOW])
def test_some_cases(name: str, placed: Placed, tally: Callable[[str, int], None]) -> None:
    check(name, placed, matrix_calculus.SIZES)
    tally(f"cases of matrix calculus that agree in {placed.name}, at two sizes each", 1)


@pytest.mark.sweep
@pytest.mark.parametrize("name", matrix_calculus.CASES)
def test_every_case(name: str, placed: Placed) -> None:
    check(name, placed, matrix_calculus.SIZES)


def inputs(n: int = 6, model: Any = MODEL) -> dict[str, np.ndarray]:
    random = np.random.default_rng(n)
    drawn = {
        name: random.normal(size=[n if not s.is_Integer else int(s) for s in tensor.shape])
        for name, tensor in model.arguments.items()
    }
    return drawn | {"y": random.integers(3, size=n)}


STATEMENTS = {
    "network": bp.derive(MODEL),
    "images": bp.derive(IMAGES),
    "each example": bp.derive(MODEL, per_sample="N"),
    "product": bp.derive(MODEL, wrt=("W1", "b2"), order=2, along={"W1": "v", "b2": "u"}),
    "rectifiers": bp.derive(
        bp.trace(
            "h = np.maximum(x, 0)\nreturn np.sum(h * np.maximum(x.T, 0) * special.expit(x))",
            x="m m",
        )
    ),
    "energies": bp.energy.learning_rule(bp.energy.rbm(7, 5)),
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", STATEMENTS)
def test_kernels_beside_numpy(placed: Placed, name: str, dtype: str) -> None:
    derived: Any = STATEMENTS[name]
    kernel = placed.compile(derived, dtype=dtype)
    for n in (6, 2):
        given = {k: a for k, a in inputs(n, derived).items() if k in derived.arguments}
        expected = bp.compile(derived)(**given)
        found = kernel(**given)
        assert found.keys() == expected.keys()
        for key, made in found.items():
            assert made.dtype == np.dtype(dtype)
            assert made.shape == np.shape(expected[key])
            scale = max(np.max(np.abs(expected[key])), 1e-3)
            off = np.max(np.abs(made - expected[key]))
            assert off <= (1e-12 if dtype == "float64" else 5e-5) * scale


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
