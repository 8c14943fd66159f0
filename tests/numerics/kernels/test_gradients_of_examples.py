"""Kernels of per-sample gradients: against JAX, batches of one, and code written by hand."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles.networks import ACTIVATIONS, LIKELIHOODS, Network

import backproof as bp

networks = st.builds(
    Network,
    st.lists(st.integers(1, 4), min_size=2, max_size=4).map(tuple),
    st.sampled_from(ACTIVATIONS),
    st.sampled_from(LIKELIHOODS),
    st.sampled_from((None, 0.3)),
    st.sampled_from((None, 0.2)),
    batch=st.integers(1, 4),
    seed=st.integers(0, 99),
).filter(lambda network: network.distance_to_kinks() > 1e-3)


def model(network: Network) -> bp.Model:
    """The network as the library states it."""
    widths = list(network.widths)
    return bp.networks.mlp(widths, network.activation, network.likelihood, network.penalty)


def close(found: Any, expected: Any, tolerance: float = 1e-10) -> None:
    assert np.shape(found) == np.shape(expected)
    scale = max(1.0, float(np.max(np.abs(expected), initial=0)))
    assert np.max(np.abs(found - expected), initial=0) <= tolerance * scale


FEW = (
    Network((3, 4, 2), "tanh", "categorical", 0.3, None, batch=3, seed=1),
    Network((2, 3, 3, 2), "relu", "bernoulli", None, 0.2, batch=4, seed=2),
    Network((2, 3), "softplus", "gaussian", 0.3, 0.2, batch=2, seed=3),
)


def mapped_by_jax(network: Network) -> None:
    """vmap over grad gives the same for every example and parameter."""
    jax = pytest.importorskip("jax", reason="jax is not installed: its vmap is not compared")
    from oracles.networks_in_jax import gradient_of_each

    numbers = network.numbers()
    with jax.enable_x64(True):
        expected = gradient_of_each(network, numbers)
    found = bp.compile(bp.derive(model(network), per_sample="N"))(**numbers)
    for name in network.parameters:
        close(found[name], expected[name])


@pytest.mark.parametrize("network", FEW, ids=lambda n: f"{n.activation}, {n.likelihood}")
def test_jax_maps_its_gradient_over_the_examples(network: Network) -> None:
    mapped_by_jax(network)


@pytest.mark.sweep
@settings(max_examples=60)
@given(network=networks)
def test_jax_maps_its_gradient_over_the_examples_of_any_network(network: Network) -> None:
    mapped_by_jax(network)


@settings(max_examples=15)
@given(network=networks)
def test_each_is_the_gradient_of_a_batch_of_one(network: Network) -> None:
    stated, numbers = model(network), network.numbers()
    each = bp.compile(bp.derive(stated, per_sample="N"))(**numbers)
    single = bp.compile(bp.derive(stated, per_sample="N"), dtype="float32")(**numbers)
    whole = bp.compile(bp.derive(stated))
    expected = whole(**numbers)
    assert each["value"] == pytest.approx(float(expected["value"]), rel=1e-14)
    for n in range(network.batch):
        rows = {"x": numbers["x"][n : n + 1], "y": numbers["y"][n : n + 1]}
        alone = whole(**{**numbers, **rows})
        for name in network.parameters:
            close(each[name][n], alone[name])
            close(single[name][n], alone[name], 1e-3)
            assert single[name].dtype == np.float32
    for name in network.parameters:
        close(each[name].mean(axis=0), expected[name])


def clipped(x: np.ndarray, y: np.ndarray, W1: np.ndarray, b1: np.ndarray) -> dict[str, Any]:
    """Logistic regression's gradients of each example, as private training clips them."""
    z = x @ W1.T + b1
    d = 1 / (1 + np.exp(-z)) - y
    return {"W1": d[:, :, None] * x[:, None, :], "b1": d}


def test_per_sample_gradients_written_by_hand_are_judged() -> None:
    logistic = bp.networks.mlp(["d", "k"], "linear", "bernoulli")
    each = bp.derive(logistic, per_sample="N")

    def averaged(x: np.ndarray, y: np.ndarray, W1: np.ndarray, b1: np.ndarray) -> dict[str, Any]:
        return {name: g / len(x) for name, g in clipped(x, y, W1, b1).items()}

    def summed(x: np.ndarray, y: np.ndarray, W1: np.ndarray, b1: np.ndarray) -> dict[str, Any]:
        found = clipped(x, y, W1, b1)
        return {"W1": found["W1"].sum(axis=0), "b1": found["b1"]}

    assert bp.verify(clipped, against=each, seed=1).verdict == "verified"
    mean = bp.verify(averaged, against=each, seed=1)
    assert mean.verdict == "refuted"
    assert mean.outputs == {"dW1": "wrong", "db1": "wrong"}
    assert mean.diagnosis.causes[0].kind == "factor"
    whole = bp.verify(summed, against=each, seed=1)
    assert whole.verdict == "refuted"
    assert whole.outputs == {"dW1": "wrong", "db1": "right"}


def test_the_kernel_holds_nothing_of_size_n_by_n() -> None:
    kernel = bp.compile(bp.derive(bp.networks.mlp(["d", "h", "k"]), per_sample="N"))
    shapes = [equation.tensor.shape for equation in kernel.equations]
    assert all(sum(str(s) == "N" for s in shape) < 2 for shape in shapes)
    assert "einsum" not in kernel.source
