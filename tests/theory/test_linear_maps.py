"""The dense matrix of an affine layer against the layer run on unit vectors, by loops."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracles.layers import forward

import backproof as bp
from laws.refusals import refused

L = bp.layers
SMALL = settings(max_examples=40, deadline=None)


@st.composite
def affine_layers(draw: Callable[..., Any]) -> tuple[Any, tuple[int, ...]]:
    """A layer that is affine in its input, and the shape of one example."""
    rank, channels = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    extents = tuple(draw(st.integers(3, 5)) for _ in range(rank))
    kernel = tuple(draw(st.integers(1, 3)) for _ in range(rank))
    stride, padding = draw(st.integers(1, 2)), draw(st.integers(0, 1))
    kind = draw(st.sampled_from(["convolution", "mean", "filter", "dense"]))
    if kind == "dense":
        return L.Dense(draw(st.integers(1, 3)), draw(st.booleans())), (draw(st.integers(1, 4)),)
    if kind == "filter":
        return L.Filter2x2(), (draw(st.integers(2, 4)), draw(st.integers(2, 4)))
    if kind == "mean":
        return L.MeanPool(kernel, stride, padding), (channels, *extents)
    filters, bias = draw(st.integers(1, 2)), draw(st.booleans())
    dilation = draw(st.integers(1, 2)) if max(kernel) < 3 else 1
    return L.Convolution(filters, kernel, stride, padding, dilation, bias=bias), (
        channels,
        *extents,
    )


@SMALL
@given(drawn=affine_layers(), seed=st.integers(0, 2**16))
def test_the_matrix_is_the_layer_on_unit_vectors(
    drawn: tuple[Any, tuple[int, ...]], seed: int
) -> None:
    """Column k of A is layer(e_k) − layer(0): every entry, zeros too, by loops over numbers."""
    layer, shape = drawn
    told = " ".join(map(str, shape))
    assume(layer.model(told).equations)  # pooling over single places changes nothing
    random = np.random.default_rng(seed)
    shapes = {n: tuple(map(int, sizes)) for n, sizes in layer.parameters(told).items()}
    parameters = {n: random.integers(1, 9, size=s) + random.random(s) for n, s in shapes.items()}
    found = bp.linear_map(layer, input=told)
    words = {
        f"{name}[{','.join(map(str, at))}]" if at else name: value
        for name, array in parameters.items()
        for at, value in np.ndenumerate(np.asarray(array))
    }
    matrix = np.array([[number(entry, words) for entry in row] for row in found.entries()])
    own = {name.rstrip("1"): np.asarray(a, np.longdouble) for name, a in parameters.items()}
    origin = forward(layer, np.zeros((1, *shape), np.longdouble), own).ravel()
    unit = np.eye(int(np.prod(shape)), dtype=np.longdouble).reshape(-1, *shape)
    columns = np.stack([forward(layer, e[None], own).ravel() - origin for e in unit], axis=1)
    np.testing.assert_allclose(matrix, columns.astype(float), rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(found.pattern(), columns != 0)


def number(entry: str, words: dict[str, float]) -> float:
    """A sum of products of named entries: ``1/4 K1[0,0] + K1[0,1]``."""
    return sum(
        float(np.prod([words[w] if w in words else float(sp.Rational(w)) for w in term.split()]))
        for term in entry.split(" + ")
    )


def test_what_a_convolution_shares() -> None:
    """Goodfellow, Bengio, Courville (2016), section 9.2: sparse, with parameters tied."""
    found = bp.linear_map(L.Convolution(1, 3, bias=False), input="1 H W")
    counts = found.counts(H=6, W=7)
    assert counts == {"dense": 42 * 20, "nonzero": 9 * 20, "different": 9}
    assert str(found.dense) == "H*W*(H - 2)*(W - 2)"
    assert found.parameters == 9
    ties = found.ties(H=6, W=7)
    assert len(ties) == 9
    assert all(len(places) == 20 for places in ties.values())
    # constant along diagonals of blocks: a Toeplitz matrix of Toeplitz matrices
    assert all((c - r) // 7 >= 0 for places in ties.values() for r, c in places)


def test_the_lecture_s_filter_is_a_matrix_of_four_numbers() -> None:
    found = bp.linear_map(L.Filter2x2(), input="H W")
    assert found.entries(H=2, W=3) == (
        ("a1", "c1", "0", "b1", "d1", "0"),
        ("0", "a1", "c1", "0", "b1", "d1"),
    )
    assert "made of 4" in str(found)


def test_layers_without_a_function_between_them_have_one_matrix() -> None:
    network = bp.networks.sequential("N d", [L.Dense("h"), L.Dense("c")])
    found = bp.linear_map(network)
    assert str(found.matrix) == "A[k,i] = Σ_j W2[k,j] W1[j,i]"
    assert str(found.offset) == "b[k] = Σ_j W2[k,j] b1[j] + b2[k]"
    assert "The same for every n." in str(found)


def test_a_model_that_is_not_affine_names_where() -> None:
    network = bp.networks.sequential("N d", [L.Dense("h"), L.Activation("tanh"), L.Dense("c")])
    refused(lambda: bp.linear_map(network), "h1[n,j] = tanh(z1[n,j])", "up_to")
    assert str(bp.linear_map(network, wrt="W2").matrix)  # affine in the last weights, given h1


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (lambda: bp.linear_map(L.Dense(3)), "without the shape of its input"),
        (lambda: bp.linear_map(L.MaxPool(1), input="4 4"), "changes nothing"),
        (lambda: bp.linear_map(3), "int"),  # type: ignore[arg-type]
        (lambda: bp.linear_map(L.Dense("h"), input="d").entries(d=2), "no size h"),
        (lambda: bp.linear_map(L.Dense("h"), input="d").entries(d=2, h=0), "h=0"),
        (lambda: bp.linear_map(L.Dense("h"), input="d").entries(d=2, h=2, k=1), "unknown size k"),
        (lambda: bp.linear_map(L.Filter2x2(), input="H W").entries(H=1, W=3), "larger sizes"),
        (lambda: bp.linear_map(L.Dense(3000), input="3000").entries(), "smaller sizes"),
    ],
)
def test_bad_questions_are_refused(action: Callable[[], object], said: str) -> None:
    refused(action, said)
