"""Kernels of torch and JAX compute where the arrays lie, and leave the results there.

Tensors of torch on the device "meta" have shapes and no numbers: a kernel that moved one, or looked
at one, would fail. What needs a GPU says so where there is none.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import backproof as bp

NET = bp.networks.mlp([3, 4, 2], "tanh")
TORCH_DEVICES = ("cpu", "cuda")


def inputs(n: int = 5, dtype: str = "float32") -> dict[str, np.ndarray]:
    """A batch, its labels and parameters."""
    random = np.random.default_rng(n)
    shapes = {"x": (n, 3), "W1": (4, 3), "b1": (4,), "W2": (2, 4), "b2": (2,)}
    found = {name: random.normal(size=shape).astype(dtype) for name, shape in shapes.items()}
    return {**found, "y": random.integers(2, size=n)}


def kernel(backend: str, dtype: str = "float32") -> Any:
    """Value and gradient of that network."""
    return bp.compile(bp.derive(NET), dtype=dtype, backend=backend)


@pytest.fixture(params=TORCH_DEVICES)
def device(request: pytest.FixtureRequest) -> str:
    """A device that torch computes on here."""
    torch = pytest.importorskip("torch", reason="torch is not installed here")
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("torch sees no GPU here")
    return str(request.param)


@pytest.fixture
def jax() -> Any:
    """JAX, its products of matrices as precise as the type is."""
    found = pytest.importorskip("jax", reason="jax is not installed here")
    with found.default_matmul_precision("highest"):
        yield found


def placed(given: dict[str, Any], device: str) -> dict[str, Any]:
    """The inputs as tensors of torch on a device."""
    import torch

    return {name: torch.as_tensor(array, device=device) for name, array in given.items()}


# where ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_results_lie_where_the_arguments_lie(device: str, dtype: str) -> None:
    expected = bp.compile(bp.derive(NET))(**inputs(dtype=dtype))
    run = kernel("torch", dtype)
    for n in (5, 2):  # batches of two sizes
        expected = bp.compile(bp.derive(NET))(**inputs(n, dtype))
        out = run(**placed(inputs(n, dtype), device))
        for name, array in out.items():
            assert array.device.type == device
            assert str(array.dtype) == f"torch.{dtype}"
            tolerance = 1e-12 if dtype == "float64" else 1e-5
            np.testing.assert_allclose(
                array.cpu().numpy(), expected[name], tolerance, tolerance, err_msg=name
            )


MODELS = {
    "network": NET,
    "images": bp.networks.convolutional("N 1 12 12", (3, 4), 5, kernel=3),
    "constant": bp.trace("2*np.sum(x)", x="n"),
    "itself": bp.trace("np.sum(x * w)", x="n", w="n"),
    "windows": bp.trace("np.sum(np.convolve(x, w, 'valid')**2)", x="L", w="k"),
}


@pytest.mark.parametrize("name", MODELS)
def test_nothing_moves_and_no_number_is_looked_at(name: str) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed here")
    derived = bp.derive(MODELS[name])
    run = bp.compile(derived, dtype="float32", backend="torch")
    sizes = {"N": 3, "n": 4, "L": 9, "k": 3}
    given = {}
    for key, tensor in derived.arguments.items():
        shape = [int(s.xreplace({v: sizes[v.name] for v in s.free_symbols})) for s in tensor.shape]
        kind = torch.int64 if tensor.dtype == "integer" else torch.float32
        given[key] = torch.empty(shape, dtype=kind, device="meta")
    out = run(**given)
    for key, array in out.items():
        assert array.is_meta
        assert array.dtype == torch.float32
        assert array.shape == (() if key == "value" else given[key].shape)


def test_a_result_is_nobody_elses_memory(device: str) -> None:
    import torch

    run = bp.compile(bp.derive(MODELS["itself"]), dtype="float32", backend="torch")
    x, w = (torch.ones(3, device=device) for _ in range(2))
    run(x=x, w=w)["x"].add_(5)  # the gradient by x is w
    assert torch.equal(w, torch.ones(3, device=device))
    constant = bp.compile(bp.derive(MODELS["constant"]), dtype="float32", backend="torch")
    constant(x=x)["x"].add_(1)


def test_arrays_on_two_devices_are_refused() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed here")
    given = placed(inputs(), "meta")
    mixed = {**given, "W1": torch.ones(4, 3)}
    with pytest.raises(bp.BackproofError, match=r"x on meta and W1 on cpu.*arrays on one device"):
        kernel("torch")(**mixed)
    with pytest.raises(bp.BackproofError, match=r"W1: found an array in main memory"):
        kernel("torch")(**given | {"W1": np.ones((4, 3))})


def test_a_number_goes_to_where_the_arrays_lie() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed here")
    run = bp.compile(bp.trace("t*x", x="n", t=""), dtype="float32", backend="torch")
    assert run(x=torch.ones(3, device="meta"), t=2.0).is_meta


TWO = """
import jax, backproof as bp
one, other = (jax.device_put(jax.numpy.ones(3), d) for d in jax.devices("cpu"))
run = bp.compile(bp.trace("x + 2*y", x="n", y="n"), dtype="float32", backend="jax")
assert run(x=other, y=[1.0, 1.0, 1.0]).devices() == other.devices()
try:
    run(x=one, y=other)
except bp.BackproofError as error:
    print(error)
"""


def test_arrays_of_jax_on_two_devices(jax: Any) -> None:
    flags = os.environ.get("XLA_FLAGS", "") + " --xla_force_host_platform_device_count=2"
    told = {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
    done = subprocess.run([sys.executable, "-c", TWO], env=told, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "arrays on one device" in done.stdout


# checks --------------------------------------------------------------------------------------


def test_labels_are_looked_at_on_the_device(device: str) -> None:
    given = placed(inputs(), device)
    with pytest.raises(bp.BackproofError, match="the label 2"):
        kernel("torch")(**given | {"y": given["y"] * 0 + 2})
    with pytest.raises(bp.BackproofError, match="integer labels"):
        kernel("torch")(**given | {"y": given["y"].float()})


def test_a_function_never_waits_for_a_gpu() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed here")
    if not torch.cuda.is_available():
        pytest.skip("torch sees no GPU here")
    given = placed(inputs(), "cuda")
    run = kernel("torch")
    run(**given)
    torch.cuda.set_sync_debug_mode("error")
    try:
        run.function(**given)
        with pytest.raises(RuntimeError, match="synchroniz"):
            run(**given)  # looks at the labels
    finally:
        torch.cuda.set_sync_debug_mode("default")


def test_windows_over_the_edge_are_refused_not_clamped() -> None:
    model = bp.trace("x[1:4]", x="n")
    for backend in ("torch", "jax"):
        pytest.importorskip(backend, reason=f"{backend} is not installed here")
        with pytest.raises(bp.BackproofError, match="on an axis of size 2"):
            bp.compile(model, dtype="float32", backend=backend)(x=np.ones(2))


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_a_size_that_an_expression_tells(backend: str) -> None:
    pytest.importorskip(backend, reason=f"{backend} is not installed here")
    linear = bp.trace("np.mean(x) + np.sum(y)", x="2*n", y="m+n-1")
    run: Any = bp.compile(linear, dtype="float32", backend=backend)
    assert float(run(x=np.ones(6), y=np.ones(4))) == 5.0
    assert "n = x.shape[0] // 2" in run.source
    assert "m = (y.shape[0] - (n - 1))" in run.source
    square = bp.compile(bp.trace("np.mean(x)", x="n**2"), dtype="float32", backend=backend)
    assert float(square(x=np.ones(9))) == 1.0


# inside what compiles and differentiates -----------------------------------------------------


def test_torch_compiles_around_a_call(device: str) -> None:
    import torch

    run = kernel("torch")

    @torch.compile(fullgraph=True, backend="aot_eager")
    def step(**arrays: Any) -> Any:
        out = run(**arrays)
        return arrays["W1"] - 0.1 * out["W1"]

    for n in (5, 3, 7):
        given = placed(inputs(n), device)
        with torch.no_grad():
            expected = given["W1"] - 0.1 * run(**given)["W1"]
            torch.testing.assert_close(step(**given), expected)


def test_jax_compiles_around_a_call(jax: Any) -> None:
    run, given = kernel("jax"), inputs()
    expected = run(**given)
    out = jax.jit(lambda a: run(**a))(given)
    for name, array in out.items():
        np.testing.assert_allclose(array, expected[name], 1e-5, 1e-5)


def loss(np_: Any, a: dict[str, Any]) -> Any:
    """The same network by hand."""
    z = np_.tanh(a["x"] @ a["W1"].T + a["b1"]) @ a["W2"].T + a["b2"]
    rows = np_.arange(len(a["x"]))
    return -(z[rows, a["y"]] - np_.log(np_.exp(z).sum(1))).mean()


def test_backward_finds_the_derived_gradient(device: str) -> None:
    import torch

    run, given = kernel("torch", "float64"), placed(inputs(dtype="float64"), device)
    parameters = [given[n].requires_grad_() for n in ("W1", "b1", "W2", "b2")]
    with pytest.raises(bp.BackproofError, match=r"torch\.no_grad\(\).*differentiable"):
        run(**given)
    value = run.differentiable(**given)
    found = torch.autograd.grad(3 * value, parameters)
    other = loss(torch, given)
    expected = torch.autograd.grad(3 * other, parameters)
    torch.testing.assert_close(value, other)
    for one, two in zip(found, expected, strict=True):
        torch.testing.assert_close(one, two)
    slope = torch.autograd.grad(run.function(**given)["value"], parameters, create_graph=True)
    assert all(s.requires_grad for s in slope)  # the equations themselves


def test_jax_finds_the_derived_gradient(jax: Any) -> None:
    run, given = kernel("jax"), inputs()
    wrt = {n: given.pop(n) for n in ("W1", "b1", "W2", "b2")}
    found = jax.jit(jax.grad(lambda p: 3 * run.differentiable(**p, **given)))(wrt)
    expected = jax.grad(lambda p: 3 * loss(jax.numpy, {**p, **given}))(wrt)
    for name, array in found.items():
        np.testing.assert_allclose(array, expected[name], 1e-4, 1e-5)


def test_a_gradient_that_was_not_derived_is_refused(jax: Any) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed here")
    given = placed(inputs(), "cpu")
    with pytest.raises(bp.BackproofError, match="gradient with respect to x"):
        kernel("torch").differentiable(**given | {"x": given["x"].requires_grad_()})
    run, others = kernel("jax"), inputs()
    x = others.pop("x")
    with pytest.raises(bp.BackproofError, match="gradient with respect to x"):
        jax.grad(lambda x: run.differentiable(x=x, **others))(x)
    some = placed(inputs(), "cpu") | {"b1": torch.ones(4, requires_grad=True)}
    value = kernel("torch").differentiable(**some)
    assert value.requires_grad


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_what_is_no_gradient_of_a_scalar_has_none(backend: str) -> None:
    pytest.importorskip(backend, reason=f"{backend} is not installed here")
    along = bp.derive(bp.trace("np.sum(x**3)", x="n"), order=2, along="v")
    for statement in (NET, bp.derive(NET, per_sample="N"), along):
        run: Any = bp.compile(statement, dtype="float32", backend=backend)
        with pytest.raises(bp.BackproofError, match="without the gradient of its value"):
            run.differentiable(**inputs())
