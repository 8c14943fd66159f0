"""Functions of autograd, with the gradients that autograd makes of them."""

import autograd.numpy as np
from autograd.scipy import special
from subject import Subject


def layer_norm(x, gamma, beta, eps=1e-5):  # type: ignore[no-untyped-def]
    """As users write it."""
    mu = np.mean(x, axis=-1, keepdims=True)
    var = np.var(x, axis=-1, keepdims=True)
    return gamma * (x - mu) / np.sqrt(var + eps) + beta


def softmax(x, axis=-1):  # type: ignore[no-untyped-def]
    """As users write it."""
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def max_pool(x, size=2):  # type: ignore[no-untyped-def]
    """As users write it, with windows side by side."""
    n, c, h, w = x.shape
    x = x[:, :, : h // size * size, : w // size * size]
    return np.max(np.reshape(x, (n, c, h // size, size, w // size, size)), axis=(3, 5))


SUBJECTS = (
    Subject("autograd.scipy.special.expit", lambda: lambda x: special.expit(x), "sigmoid"),
    Subject("autograd.numpy.logaddexp(0, x)", lambda: lambda x: np.logaddexp(0, x), "softplus"),
    Subject("autograd.numpy.logaddexp", lambda: lambda x, t: np.logaddexp(x, t), "logaddexp"),
    Subject("autograd.numpy.tanh", lambda: lambda x: np.tanh(x), "tanh"),
    Subject(
        "autograd.numpy.maximum(x, 0)",
        lambda: lambda x: np.maximum(x, 0),
        "relu",
        outcome="convention",
        words="At a tie of `maximum` the derivative is shared by both arguments.",
        confirmed="half_at_zero",
    ),
    Subject(
        "autograd.scipy.special.logsumexp",
        lambda: lambda x, axis=-1: special.logsumexp(x, axis),
        "logsumexp",
    ),
    Subject(
        "autograd.numpy.var",
        lambda: lambda x, axis=-1, ddof=0: np.var(x, axis, ddof=ddof),
        "variance",
    ),
    Subject("autograd.numpy, softmax as users write it", lambda: softmax, "softmax"),
    Subject("autograd.numpy, layer norm as users write it", lambda: layer_norm, "layernorm"),
    Subject(
        "autograd.numpy, max pooling as users write it",
        lambda: max_pool,
        "max_pool",
        outcome="convention",
        words="Tied entries of a window share its derivative.",
        confirmed="shared_ties",
    ),
    Subject(
        "autograd.numpy, rows of a table",
        lambda: lambda ids, E: E[ids] + 0 * np.sum(E),
        "embedding",
    ),
)
