"""Kernels of penalties, proximal maps and gates, against NumPy and by sampling."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backproof as bp

# The textbook forms in NumPy, of v, t and the strengths.
MAPS: dict[str, Callable[..., Any]] = {
    "l2": lambda v, t, λ: v / (1 + 2 * t * λ),
    "l1": lambda v, t, λ: np.sign(v) * np.maximum(np.abs(v) - t * λ, 0),
    "l0": lambda v, t, λ: np.where(v**2 > 2 * t * λ, v, 0),
    "elastic_net": lambda v, t, λ, μ: (
        np.sign(v) * np.maximum(np.abs(v) - t * λ, 0) / (1 + 2 * t * μ)
    ),
}
NUMBERS = st.integers(-40, 40).map(lambda n: n / 8)  # ties are exact in floating point
POSITIVE = st.integers(1, 20).map(lambda n: n / 8)


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(sorted(MAPS)),
    v=st.lists(NUMBERS, min_size=6, max_size=6),
    t=POSITIVE,
    strengths=st.tuples(POSITIVE, POSITIVE),
    dtype=st.sampled_from(("float64", "float32")),
)
def test_kernels_of_proximal_maps(
    name: str, v: list[float], t: float, strengths: tuple[float, float], dtype: str
) -> None:
    regulariser = getattr(bp.regularisers, name)
    values = strengths[: len(regulariser.strengths)]
    named = dict(zip(regulariser.strengths, values, strict=True))
    array = np.reshape(v, (2, 3))
    kernel = bp.compile(regulariser.proximal("m n"), dtype=dtype)
    found = kernel(v=array, t=t, **named)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, MAPS[name](array, t, *values), rtol=1e-6)
    fixed = bp.compile(regulariser.proximal("m n", strength=values))
    np.testing.assert_allclose(fixed(v=array, t=t), MAPS[name](array, t, *values), rtol=1e-14)


def test_a_tie_of_hard_thresholding_goes_to_zero() -> None:
    kernel = bp.compile(bp.regularisers.l0.proximal("n"))
    assert kernel(v=[2.0, -2.0, np.nextafter(2.0, 3.0)], t=1.0, λ=2.0).tolist()[:2] == [0.0, 0.0]
    assert kernel(v=[np.nextafter(2.0, 3.0)], t=1.0, λ=2.0)[0] > 2.0


def test_block_soft_thresholding() -> None:
    rng = np.random.default_rng(1)
    v = np.concatenate([rng.normal(size=(5, 3)), np.zeros((1, 3))])
    lengths = np.linalg.norm(v, axis=1, keepdims=True)
    expected = v * np.maximum(1 - 1.2 / np.maximum(lengths, 1e-300), 0)
    kernel = bp.compile(bp.regularisers.group_lasso.proximal("m n"))
    with np.errstate(all="raise"):
        found = kernel(v=v, t=2.0, λ=0.6)
    np.testing.assert_allclose(found, expected, atol=1e-15)
    gradient = bp.compile(bp.derive(bp.regularisers.group_lasso.model("m n"), wrt="w"))
    with np.errstate(all="raise"):
        slope = gradient(w=v, λ=0.6)["w"]
    np.testing.assert_allclose(slope[:5], 0.6 * v[:5] / lengths[:5], rtol=1e-14)
    assert slope[5].tolist() == [0, 0, 0]


@pytest.mark.parametrize("name", ["l0", "elastic_net", "group_lasso"])
def test_penalties_of_networks(name: str) -> None:
    """J_Ω − J is the penalty of all weights and of no bias."""
    rng = np.random.default_rng(3)
    weights = {"W1": rng.normal(size=(4, 3)), "W2": rng.normal(size=(2, 4))}
    weights["W1"][0, :2] = 0
    given: dict[str, Any] = {
        "x": rng.normal(size=(5, 3)),
        "y": rng.normal(size=(5, 2)),
        "b1": rng.normal(size=4),
        "b2": rng.normal(size=2),
        **weights,
    }
    strengths = {"l0": 0.25, "elastic_net": (0.25, 0.5), "group_lasso": 0.25}[name]
    penalised = bp.networks.mlp([3, 4, 2], "tanh", "gaussian", {name: strengths})
    plain = bp.networks.mlp([3, 4, 2], "tanh", "gaussian")
    found = bp.compile(penalised)(**given) - bp.compile(plain)(**given)
    expected = sum(
        {
            "l0": 0.25 * np.count_nonzero(W),
            "elastic_net": 0.25 * np.sum(np.abs(W)) + 0.5 * np.sum(W**2),
            "group_lasso": 0.25 * np.sum(np.linalg.norm(W, axis=1)),
        }[name]
        for W in weights.values()
    )
    assert abs(found - expected) < 1e-12 * abs(expected)


def test_the_expected_number_of_open_gates() -> None:
    """The share of gates that are not zero, over uniform numbers, is the derived probability.

    200 000 draws a parameter, five parameters: |z-score| < 5.7 has a false-alarm rate of 6e-8 in
    all.  A probability that is off by 0.01 is at least 8.9 deviations off and is found with a
    probability above 0.999.
    """
    a, draws = np.array([-2.0, -1.5, -0.7, 0.0, 1.0]), 200_000
    u = np.random.default_rng(11).uniform(size=(draws, len(a)))
    z = bp.compile(bp.regularisers.gate("m n"))(a=np.broadcast_to(a, u.shape), u=u)
    assert z.min() == 0.0
    assert z.max() == 1.0
    share = np.mean(z != 0, axis=0)
    expected = bp.compile(bp.derive(bp.regularisers.hard_concrete.model("n"), wrt="λ"))
    each = np.array([expected(w=[x], λ=1.0)["value"] for x in a])
    score = (share - each) / np.sqrt(each * (1 - each) / draws)
    assert np.max(np.abs(score)) < 5.7, score
    assert np.all(np.abs((share - each - 0.01) / np.sqrt(each * (1 - each) / draws)) > 5.7)


def test_a_proximal_gradient_step_finds_the_lasso() -> None:
    """The fixed point of p = prox(w − t ∇J(w)) satisfies the conditions of the lasso."""
    rng = np.random.default_rng(0)
    X, λ, t = rng.normal(size=(40, 6)), 0.3, 0.1
    y = X @ np.array([1.5, 0, 0, -2.0, 0, 0]) + 0.1 * rng.normal(size=40)
    loss = bp.trace("np.sum((X @ w - y)**2)/(2*X.shape[0])", X="n d", w="d", y="n")
    gradient = bp.compile(bp.derive(loss, wrt="w"))
    proximal = bp.compile(bp.regularisers.l1.proximal("d", strength="λ"))
    w = np.zeros(6)
    for _ in range(400):
        w = proximal(v=w - t * gradient(X=X, y=y, w=w)["w"], t=t, λ=λ)
    slope = X.T @ (X @ w - y) / 40
    np.testing.assert_allclose(slope[w != 0], -λ * np.sign(w[w != 0]), atol=1e-10)
    assert np.all(np.abs(slope[w == 0]) <= λ)
    assert np.count_nonzero(w) == 2


def test_the_judge_knows_proximal_maps() -> None:
    """Hard thresholding by hand is verified; soft thresholding without its step is refuted."""

    def hard(v: Any, t: Any, λ: Any) -> Any:
        return np.where(np.abs(v) > np.sqrt(2 * t * λ), v, 0.0)

    def soft(v: Any, t: Any, λ: Any) -> Any:
        return np.sign(v) * np.maximum(np.abs(v) - λ, 0)

    good = bp.verify(hard, against=bp.regularisers.l0.proximal("n"), seed=0)
    wrong = bp.verify(soft, against=bp.regularisers.l1.proximal("n"), seed=0)
    assert (good.verdict, wrong.verdict) == ("verified", "refuted")
