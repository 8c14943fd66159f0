"""Networks drawn at random: kernels against three independent derivatives of the definition."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from oracles.differences import jacobian
from oracles.networks import (
    ACTIVATIONS,
    LIKELIHOODS,
    Network,
    by_differences,
    by_sympy,
    entry,
)

import backproof as bp
from backproof.theory.evaluation.export import scalar_expansion

TOLERANCE = 1e-11  # of the largest entry, in float64
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def networks(
    draw: Callable[..., Any],
    layers: int = 4,
    width: int = 4,
    batch: int = 4,
    penalties: bool = True,
) -> Network:
    """A network away from its kinks."""
    depth = draw(st.integers(1, layers))
    widths = tuple(draw(st.integers(1, width)) for _ in range(depth + 1))
    kinds = st.sampled_from(((None, None), (0.3, None), (None, 0.2), (0.3, 0.2)))
    l2, l1 = draw(kinds) if penalties else (None, None)
    network = Network(
        widths,
        draw(st.sampled_from(ACTIVATIONS)),
        draw(st.sampled_from(LIKELIHOODS)),
        l2,
        l1,
        named=draw(st.booleans()) and (l2 or l1) is not None,
        batch=draw(st.integers(1, batch)),
        seed=draw(st.integers(0, 99)),
    )
    assume(network.distance_to_kinks() > 1e-3)
    return network


def model(network: Network, symbolic: bool = False) -> bp.Model:
    """The model of a network, with its widths as numbers or as names."""
    sizes = list("defgh"[: len(network.widths)] if symbolic else network.widths)
    return bp.networks.mlp(sizes, network.activation, network.likelihood, network.penalty)


def close(found: Any, expected: Any, tolerance: float = TOLERANCE) -> None:
    """Same shape, and entries that agree relative to the largest."""
    assert np.shape(found) == np.shape(expected)
    scale = max(float(np.max(np.abs(expected), initial=0.0)), 1e-2)
    assert np.max(np.abs(found - expected), initial=0.0) <= tolerance * scale, (found, expected)


def agree(found: dict[str, Any], expected: dict[str, Any], tolerance: float = TOLERANCE) -> None:
    """The same names, each close."""
    assert found.keys() == expected.keys()
    for name in found:
        close(found[name], expected[name], tolerance)


# Three derivatives ---------------------------------------------------------------------------


@QUICK
@given(network=networks(), symbolic=st.booleans())
def test_against_differences_with_forty_digits(network: Network, symbolic: bool) -> None:
    derivation = bp.derive(model(network, symbolic))
    numbers = network.numbers()
    expected = by_differences(network, network.parameters)
    agree(bp.compile(derivation)(**numbers), expected)
    agree(bp.compile(derivation, dtype="float32")(**numbers), expected, 2e-4)


@QUICK
@given(network=networks(layers=3, width=3, batch=2))
def test_gradients_of_inputs_and_strengths(network: Network) -> None:
    wrt = ("x", *(network.strengths if network.named else ()))
    out = bp.compile(bp.derive(model(network), wrt=wrt))(**network.numbers())
    agree(out, by_differences(network, wrt))


@settings(QUICK, max_examples=20)
@given(network=networks(layers=2, width=2, batch=2))
def test_against_sympy(network: Network) -> None:
    out = bp.compile(bp.derive(model(network)))(**network.numbers())
    agree(out, by_sympy(network, network.parameters))


@settings(QUICK, max_examples=15)
@given(network=networks(layers=2, width=2, batch=2))
def test_against_the_exported_expression(network: Network) -> None:
    numbers, stated = network.numbers(), model(network)
    labels = {"y": numbers["y"]} if network.likelihood == "categorical" else {}
    J, symbols = scalar_expansion(
        stated, {"N": network.batch}, {name: a.tolist() for name, a in labels.items()}
    )
    point = {
        entry(symbols[name], at): numbers[name][at]
        for name in numbers
        if name not in labels
        for at in np.ndindex(numbers[name].shape)
    }
    out = bp.compile(bp.derive(stated))(**numbers)
    # SymPy's Max and Abs leave Heaviside and sign behind, which no symbol here makes ambiguous
    close(out["value"], float(J.subs(point)))
    for name in network.parameters:
        slopes = np.empty(numbers[name].shape)
        for at in np.ndindex(slopes.shape):
            slopes[at] = float(sp.re(sp.diff(J, entry(symbols[name], at)).subs(point)))
        close(out[name], slopes)


@settings(QUICK, max_examples=10)  # JAX compiles each operation for each shape
@given(network=networks())
def test_against_jax(network: Network) -> None:
    jax = pytest.importorskip(
        "jax", reason="jax is not installed: its derivatives are not compared"
    )
    from oracles.networks_in_jax import value_and_gradient

    numbers = network.numbers()
    with jax.enable_x64(True):
        expected = value_and_gradient(network, numbers)
    agree(bp.compile(bp.derive(model(network)))(**numbers), expected)


# Laws ------------------------------------------------------------------------------------


@QUICK
@given(network=networks(penalties=False), cut=st.integers(1, 3))
def test_batches_add_up(network: Network, cut: int) -> None:
    assume(cut < network.batch)
    kernel, numbers = bp.compile(bp.derive(model(network))), network.numbers()
    whole = kernel(**numbers)
    first, second = (
        kernel(**{**numbers, "x": numbers["x"][rows], "y": numbers["y"][rows]})
        for rows in (slice(None, cut), slice(cut, None))
    )
    for name, total in whole.items():
        parts = cut * first[name] + (network.batch - cut) * second[name]
        close(network.batch * total, parts)


@QUICK
@given(network=networks())
def test_the_gradient_of_the_penalty_alone(network: Network) -> None:
    numbers = network.numbers()
    bare = Network(network.widths, network.activation, network.likelihood)
    data = {name: array for name, array in numbers.items() if name not in network.strengths}
    with_, without = (
        bp.compile(bp.derive(model(network)))(**numbers),
        bp.compile(bp.derive(model(bare)))(**data),
    )
    l2, l1 = network.l2 or 0.0, network.l1 or 0.0
    for name in network.parameters:
        W = numbers[name]
        alone = 2 * l2 * W + l1 * np.sign(W) if name.startswith("W") else np.zeros_like(W)
        close(with_[name] - without[name], alone)


SMOOTH = networks(layers=2, width=3, batch=3).filter(
    lambda network: network.distance_to_kinks() == np.inf
)


@settings(QUICK, max_examples=25)
@given(network=SMOOTH)
def test_hessians(network: Network) -> None:
    stated, numbers = model(network), network.numbers()
    gradient = bp.compile(bp.derive(stated))
    for name in network.parameters:
        out = bp.compile(bp.derive(stated, wrt=name, order=2))(**numbers)
        hessian, size = out[name], numbers[name].size
        assert hessian.shape == numbers[name].shape * 2
        square = hessian.reshape(size, size)
        close(square, square.T)
        differences = jacobian(lambda **at: gradient(**at)[name], numbers, name, 1e-3)  # noqa: B023
        close(hessian, differences, 1e-8)
        close(out["value"], gradient(**numbers)["value"])


@settings(QUICK, max_examples=25)
@given(network=SMOOTH, seed=st.integers(0, 99))
def test_hessian_vector_products(network: Network, seed: int) -> None:
    stated, numbers = model(network), network.numbers()
    random = np.random.default_rng(seed)
    for name in network.parameters:
        v = random.normal(size=numbers[name].shape)
        product = bp.compile(bp.derive(stated, wrt=name, order=2, along="v"))(**numbers, v=v)
        hessian = bp.compile(bp.derive(stated, wrt=name, order=2))(**numbers)
        close(product[name], np.tensordot(hessian[name], v, axes=v.ndim))


@settings(QUICK, max_examples=15)
@given(network=SMOOTH, seed=st.integers(0, 99))
def test_products_with_the_whole_hessian(network: Network, seed: int) -> None:
    """The product with all blocks at once is the slope of the gradient along the direction."""
    stated, numbers = model(network), network.numbers()
    random = np.random.default_rng(seed)
    v = {name: random.normal(size=numbers[name].shape) for name in network.parameters}
    derivation = bp.derive(stated, wrt=network.parameters, order=2, along="v")
    directions = {f"v_{name}": array for name, array in v.items()}
    product = bp.compile(derivation)(**numbers, **directions)
    gradient, step = bp.compile(bp.derive(stated)), 1e-3
    slopes = []
    for multiple in (-2, -1, 1, 2):
        moved = {name: numbers[name] + multiple * step * v[name] for name in v}
        slopes.append(gradient(**{**numbers, **moved}))
    for name in network.parameters:
        two_left, left, right, two_right = (out[name] for out in slopes)
        close(product[name], (two_left - 8 * left + 8 * right - two_right) / (12 * step), 1e-7)
    blocks = bp.compile(bp.derive(stated, wrt=network.parameters, order=2))(**numbers)
    for name in network.parameters:
        total = 0
        for other in network.parameters:
            axes = v[other].ndim
            if f"{other},{name}" in blocks:  # each mixed block is there once
                total = total + np.tensordot(v[other], blocks[f"{other},{name}"], axes=axes)
            else:
                block = blocks[name if name == other else f"{name},{other}"]
                total = total + np.tensordot(block, v[other], axes=axes)
        close(product[name], total)


LOGITS = {
    1: "return x @ W1.T + b1",
    2: "h1 = np.tanh(x @ W1.T + b1)\nreturn h1 @ W2.T + b2",
    3: "h1 = np.tanh(x @ W1.T + b1)\nh2 = special.expit(h1 @ W2.T + b2)\nreturn h2 @ W3.T + b3",
}


@settings(QUICK, max_examples=25)
@given(network=networks(layers=3, penalties=False))
def test_jacobians_of_logits(network: Network) -> None:
    sizes = "defg"
    shapes = {"x": "n d"}
    for layer in network.layers:
        shapes |= {f"W{layer}": f"{sizes[layer]} {sizes[layer - 1]}", f"b{layer}": sizes[layer]}
    numbers = {name: array for name, array in network.numbers().items() if name in shapes}
    stated = bp.trace(LOGITS[len(network.layers)], **shapes)
    out = bp.compile(bp.derive(stated))(**numbers)
    value = bp.compile(stated)
    for name in numbers:
        close(out[name], jacobian(value, numbers, name, 1e-3), 1e-8)
