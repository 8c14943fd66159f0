"""Named specifications: each is held against code that is right and code that is not."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

from backproof.numerics.judge import verify
from backproof.numerics.kernel import compile
from backproof.theory.errors import BackproofError
from backproof.theory.specs import (
    SPECIFICATIONS,
    Specification,
    attention,
    convolution,
    dense,
    gelu,
    layernorm,
    max_pool,
    sigmoid,
    softmax,
    softmax_cross_entropy,
    softplus,
)


@pytest.mark.parametrize("spec", SPECIFICATIONS, ids=lambda s: s.name)
def test_a_specification_says_what_it_is(spec: Specification) -> None:
    assert spec.reference
    assert spec.title
    assert set(spec.implicit) | set(spec.varied) <= set(spec.defaults)
    for configuration in spec.configurations(tuple(spec.defaults)):
        model = spec.model(**configuration)
        assert set(spec.wrt) <= set(model.arguments)
        assert set(spec.derivation(**configuration).results) == set(spec.wrt)


@pytest.mark.parametrize("spec", SPECIFICATIONS, ids=lambda s: s.name)
def test_its_own_kernel_is_right(spec: Specification) -> None:
    kernel = compile(spec.model())
    result = verify(lambda **given: kernel(**given), spec(**spec.defaults), seed=2)
    assert result.verdict == "verified", str(result)


def layer_norm(x: Any, gamma: Any, beta: Any, eps: float = 1e-5) -> Any:
    mu = x.mean(-1, keepdims=True)
    s = np.sqrt(x.var(-1, keepdims=True) + x.dtype.type(eps))
    xhat = (x - mu) / s
    return gamma * xhat + beta, (xhat, gamma, s)


def layer_norm_backward(dout: Any, cache: Any) -> Any:
    xhat, gamma, s = cache
    g = dout * gamma
    dx = (g - g.mean(-1, keepdims=True) - xhat * (g * xhat).mean(-1, keepdims=True)) / s
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_forward_and_a_backward_function_are_a_pair(dtype: str) -> None:
    result = verify((layer_norm, layer_norm_backward), layernorm, dtype=dtype, seed=1)
    assert result.verdict == "verified", str(result)
    assert list(result.outputs) == ["y", "dx", "dgamma", "dbeta"]
    assert any(f.clause == "beyond" for f in result.findings)  # it sums over one axis alone
    deep = verify((layer_norm, layer_norm_backward), layernorm(rank=3), dtype=dtype, seed=1)
    assert deep.verdict == "refuted"


def test_a_pair_that_is_consistent_and_wrong_is_refuted() -> None:
    """The variance with n − 1, forward and backward: no gradient checker sees it."""

    def forward(x: Any, gamma: Any, beta: Any) -> Any:
        mu = x.mean(-1, keepdims=True)
        s = np.sqrt(((x - mu) ** 2).sum(-1, keepdims=True) / max(x.shape[-1] - 1, 1) + 1e-5)
        return gamma * (x - mu) / s + beta, ((x - mu) / s, gamma, s)

    def backward(dout: Any, cache: Any) -> Any:
        xhat, gamma, s = cache
        g, n = dout * gamma, max(dout.shape[-1] - 1, 1)
        dx = (g - g.mean(-1, keepdims=True) - xhat * (g * xhat).sum(-1, keepdims=True) / n) / s
        return dx, (dout * xhat).sum(0), dout.sum(0)

    result = verify((forward, backward), layernorm, seed=1)
    assert result.verdict == "refuted"
    assert {n for n, state in result.outputs.items() if state == "wrong"} == {"y", "dx", "dgamma"}


def test_configuration_is_varied() -> None:
    def ignores_eps(x: Any, gamma: Any, beta: Any, eps: float = 1e-5) -> Any:
        return layer_norm(x, gamma, beta, 1e-5)[0]

    result = verify(ignores_eps, layernorm, seed=1)
    assert result.verdict == "refuted"
    assert "eps=0.001" in str(result)
    assert verify(ignores_eps, layernorm(eps=1e-5), seed=1).verdict == "verified"


def test_another_default_is_another_convention() -> None:
    def other(x: Any, gamma: Any, beta: Any, eps: float = 1e-3) -> Any:
        return layer_norm(x, gamma, beta, eps)[0]

    result = verify(other, layernorm, seed=1)
    assert result.verdict == "convention differs"
    assert "the default eps=0.001" in str(result)
    assert verify(other, layernorm(eps=1e-3), seed=1).verdict == "verified"


def test_a_function_that_lacks_a_parameter_is_judged_at_its_default() -> None:
    assert verify(lambda x: special.softmax(x, axis=1), softmax(axis=1), seed=1).verdict == (
        "verified"
    )
    assert verify(lambda x: special.softmax(x, axis=0), softmax, seed=1).verdict == "refuted"
    assert verify(lambda x: special.softmax(x, axis=0), softmax(axis=0), seed=1).verdict == (
        "verified"
    )


def test_a_loss_may_return_its_value_its_gradient_or_both() -> None:
    def value(logits: Any, labels: Any) -> Any:
        rows = np.arange(len(labels))
        return np.mean(special.logsumexp(logits, axis=1) - logits[rows, labels])

    def gradient(logits: Any, labels: Any) -> Any:
        p = special.softmax(logits, axis=1)
        p[np.arange(len(labels)), labels] -= 1
        return p / len(labels)

    def both(logits: Any, labels: Any) -> Any:
        return value(logits, labels), gradient(logits, labels)

    names = {value: ["y"], gradient: ["dx"], both: ["y", "dx"]}
    for function, outputs in names.items():
        result = verify(function, softmax_cross_entropy, seed=1)
        assert result.verdict == "verified", str(result)
        assert list(result.outputs) == outputs


def unstable(x: Any) -> Any:
    return np.exp(x) / (1 + np.exp(x))


STABILITY: tuple[tuple[Callable[..., Any], Specification], ...] = (
    (unstable, sigmoid),
    (lambda x: np.log(1 + np.exp(x)), softplus),
    (lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True), softmax),
    (lambda x: np.exp(x - x.max()) / np.exp(x - x.max()).sum(-1, keepdims=True), softmax),
)


@pytest.mark.parametrize(("function", "spec"), STABILITY)
def test_instability_is_found(function: Callable[..., Any], spec: Specification) -> None:
    assert verify(function, spec, seed=1).verdict == "refuted"


def test_a_threshold_in_the_right_place_is_no_mistake() -> None:
    """Above 40 a softplus in float64 is its argument to the last bit."""

    def thresholded(x: Any) -> Any:
        return np.where(x > 40, x, np.log1p(np.exp(np.minimum(x, 40))))

    def hasty(x: Any) -> Any:
        return np.where(x > 10, x, np.log1p(np.exp(np.minimum(x, 10))))

    assert verify(thresholded, softplus, seed=1).verdict == "verified"
    assert verify(hasty, softplus, seed=1).verdict == "refuted"


def test_a_variance_of_squares_cancels_far_from_zero() -> None:
    def cancelling(x: Any, gamma: Any, beta: Any) -> Any:
        mu = x.mean(-1, keepdims=True)
        variance = np.maximum((x**2).mean(-1, keepdims=True) - mu**2, 0)
        return gamma * (x - mu) / np.sqrt(variance + 1e-5) + beta

    assert verify(cancelling, layernorm, seed=1).verdict == "refuted"


def test_windows_with_strides_and_padding() -> None:
    def convolve(x: Any, W: Any, b: Any, stride: int = 1, pad: int = 0) -> Any:
        x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
        view = np.lib.stride_tricks.sliding_window_view(x, W.shape[2:], axis=(2, 3))
        return np.einsum("nchwpq,fcpq->nfhw", view[:, :, ::stride, ::stride], W) + b[:, None, None]

    def forgets(x: Any, W: Any, b: Any, stride: int = 1, pad: int = 0) -> Any:
        return convolve(x, W, b, 1, pad)

    assert verify(convolve, convolution, seed=1).verdict == "verified"
    result = verify(forgets, convolution, seed=1)
    assert result.verdict == "refuted"
    assert "stride=2" in str(result)


def test_ties_in_a_window_go_to_the_first() -> None:
    def backward(dout: Any, x: Any) -> Any:
        dx = np.zeros_like(x)
        for place in np.ndindex(dout.shape):
            n, c, i, j = place
            window = x[n, c, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            p, q = np.unravel_index(np.argmax(window), (2, 2))
            dx[n, c, 2 * i + p, 2 * j + q] += dout[place]
        return dx

    def all_of_them(dout: Any, x: Any) -> Any:
        dx = np.zeros_like(x)
        for n, c, i, j in np.ndindex(dout.shape):
            window = np.s_[n, c, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
            dx[window] += dout[n, c, i, j] * (x[window] == x[window].max())
        return dx

    assert verify(backward, max_pool, seed=1).verdict == "verified"
    assert verify(all_of_them, max_pool, seed=1).verdict == "refuted"


def test_a_causal_mask_is_judged_with_large_scores_too() -> None:
    def attend(q: Any, k: Any, v: Any, causal: bool = False) -> Any:
        scores = q @ k.T / np.sqrt(q.shape[1])
        if causal:
            scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
        return special.softmax(scores, axis=1) @ v

    def weak_mask(q: Any, k: Any, v: Any, causal: bool = False) -> Any:
        scores = q @ k.T / np.sqrt(q.shape[1])
        if causal:
            scores = np.where(np.tri(len(q), dtype=bool), scores, -100.0)
        return special.softmax(scores, axis=1) @ v

    assert verify(attend, attention, seed=1).verdict == "verified"
    assert verify(weak_mask, attention, seed=1).verdict == "refuted"


def test_both_forms_of_gelu_are_told_apart() -> None:
    def approximate(x: Any) -> Any:
        return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))

    result = verify(approximate, gelu, seed=1)
    assert result.verdict == "convention differs"
    assert "approximate='tanh'" in str(result)
    assert verify(approximate, gelu(approximate="none"), seed=1).verdict == "refuted"
    assert verify(approximate, gelu(approximate="tanh"), seed=1).verdict == "verified"


def test_names_are_mapped_as_one_says() -> None:
    def affine(weights: Any, offset: Any, rows: Any) -> Any:
        return rows @ weights + offset

    result = verify(affine, dense, inputs=("W", "b", "x"), outputs=("y",), seed=1)
    assert result.verdict == "verified"


def test_refusals() -> None:
    with pytest.raises(BackproofError, match="unknown epsilon"):
        layernorm(epsilon=1e-5)
    with pytest.raises(BackproofError, match="axis=2 of an array with 2 axes"):
        softmax(axis=2).model()
    with pytest.raises(BackproofError, match="stride=0"):
        convolution(stride=0).model()
    with pytest.raises(BackproofError, match="no argument of the model"):
        verify(lambda x, odd: x, sigmoid)
