"""Convolutions in torch and JAX: the framework's own where an equation states one, and right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import backproof as bp
from backproof.numerics.frameworks import FRAMEWORKS

C = bp.layers.Convolution
# A layer, its image, the operations that the sum, its slopes and its transpose become in torch
CASES = {
    "plain": (C(3, 3), "N 2 7 6", ("conv2d", "conv2d_weight", "conv_transpose2d")),
    "one channel": (C(3, (2, 3)), "N 1 7 6", ("conv2d", "conv2d_weight", "conv_transpose2d")),
    "one image": (C(2, 2), "1 2 5 5", ("conv2d", "conv2d_weight", "conv_transpose2d")),
    "paces": (C(2, (3, 2), (2, 1)), "N 2 7 6", ("conv2d", "conv2d_weight", "conv_transpose2d")),
    "steps": (C(2, 2, 1, 0, (2, 3)), "N 2 7 9", ("conv2d", "conv2d_weight", "conv_transpose2d")),
    "a rest": (C(2, 3, 2), "N 2 8 6", ("conv2d",)),
    "lines": (C(3, (3,), 2, 0, 2), "N 2 13", ("conv1d", "conv1d_weight", "conv_transpose1d")),
    "long filters": (C(2, 5), "N 2 7 7", ("conv2d",)),
    "padded": (C(2, 3, 1, 1), "N 2 5 5", ()),
    "groups": (C(4, 2, 1, 0, 1, 2), "N 4 5 5", ()),
    "wide paces": (C(2, 1, 2), "N 2 5 5", ()),
}


@pytest.fixture(params=["torch", "jax"])
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


def drawn(derived: Any, n: int) -> dict[str, np.ndarray]:
    """Arguments with so many examples."""
    random = np.random.default_rng(n)
    return {
        name: random.normal(size=[n if s.free_symbols else int(s) for s in tensor.shape])
        for name, tensor in derived.arguments.items()
    }


def gradient(name: str) -> tuple[Any, tuple[str, ...]]:
    """The gradient of a layer's squared error by its input and its parameters."""
    layer, told, operations = CASES[name]
    model = bp.networks.sequential(told, [layer], likelihood="gaussian")
    return bp.derive(model, wrt=("x", "K1", "b1")), operations


def off(backend: str, name: str) -> float:
    """How far a kernel is from that of NumPy."""
    derived, _ = gradient(name)
    kernel, reference = bp.compile(derived, backend=backend), bp.compile(derived)
    worst = 0.0
    for n in (3, 1):
        given = drawn(derived, n)
        found, expected = kernel(**given), reference(**given)
        pairs = [(np.asarray(found[key]), expected[key]) for key in expected]
        assert all(one.shape == np.shape(other) for one, other in pairs)
        worst = max(worst, *(float(np.max(np.abs(one - other))) for one, other in pairs))
    return worst


@pytest.mark.parametrize("name", CASES)
def test_convolutions_beside_numpy(backend: str, name: str) -> None:
    assert off(backend, name) < 1e-12


@pytest.mark.parametrize("name", CASES)
def test_equations_that_state_a_convolution_are_one(name: str) -> None:
    pytest.importorskip("torch", reason="torch is not installed here")
    derived, operations = gradient(name)
    source = bp.compile(derived, backend="torch").source
    for operation in operations:
        assert f"{operation}(" in source, source
    if len(operations) == 3:
        assert "einsum" not in source
        assert "unfold" not in source


def test_a_convolution_is_a_step() -> None:
    pytest.importorskip("torch", reason="torch is not installed here")
    kernel = bp.compile(gradient("plain")[0], backend="torch")
    assert sum(step.rule == "convolution" for step in kernel.steps) == 3


def test_paces_taken_for_steps_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="torch is not installed here")
    (torch,) = [dialect for dialect in FRAMEWORKS if dialect.name == "torch"]
    assert torch.across is not None
    wrong = torch.across.replace("{2}", "{5}").replace("{3}", "{2}").replace("{5}", "{3}")
    monkeypatch.setitem(torch.__dict__, "across", wrong)
    with pytest.raises((AssertionError, RuntimeError)):
        assert off("torch", "paces") < 1e-12
