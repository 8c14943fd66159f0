"""Functions of JAX, with the gradients that JAX makes of them."""

from dataclasses import replace

import jax
import jax.numpy as jnp
from jax import lax
from jax.scipy import special
from subject import Subject

import backproof as bp


def layer_norm(x, gamma, beta, eps=1e-5):  # type: ignore[no-untyped-def]
    """As users write it."""
    mu = jnp.mean(x, axis=-1, keepdims=True)
    var = jnp.var(x, axis=-1, keepdims=True)
    return gamma * (x - mu) * lax.rsqrt(var + eps) + beta


def convolution(x, W, b, stride=1, pad=0):  # type: ignore[no-untyped-def]
    """The library's convolution, with a bias."""
    edges = [(pad, pad)] * 2
    return lax.conv_general_dilated(x, W, (stride, stride), edges) + b[:, None, None]


def max_pool(x, size=2, stride=None):  # type: ignore[no-untyped-def]
    """As Flax pools."""
    window, steps = (1, 1, size, size), (1, 1, stride or size, stride or size)
    return lax.reduce_window(x, -jnp.inf, lax.max, window, steps, "VALID")


def cross_entropy(x, labels):  # type: ignore[no-untyped-def]
    """As users write it."""
    logs = jax.nn.log_softmax(x)
    return -jnp.mean(jnp.take_along_axis(logs, labels[:, None], axis=1))


_SUBJECTS = (
    Subject("jax.nn.sigmoid", lambda: jax.nn.sigmoid, "sigmoid"),
    Subject("jax.nn.log_sigmoid", lambda: jax.nn.log_sigmoid, "log_sigmoid"),
    Subject("jax.nn.softplus", lambda: jax.nn.softplus, "softplus"),
    Subject("jax.numpy.tanh", lambda: lambda x: jnp.tanh(x), "tanh"),
    Subject("jax.nn.relu", lambda: jax.nn.relu, "relu"),
    Subject(
        "jax.numpy.maximum(x, 0)",
        lambda: lambda x: jnp.maximum(x, 0),
        "relu",
        outcome="convention",
        words="At a tie of `maximum` the derivative is shared by both arguments.",
        confirmed="half_at_zero",
    ),
    Subject(
        "jax.nn.leaky_relu",
        lambda: lambda x, slope=0.01: jax.nn.leaky_relu(x, slope),
        "leaky_relu",
        outcome="convention",
        words="The derivative at 0 is that of the positive side.",
        confirmed="leaky_at_zero",
    ),
    Subject(
        "jax.nn.elu",
        lambda: lambda x, alpha=1.0: jax.nn.elu(x, alpha),
        "elu",
        outcome="limit",
        words="The derivative of the negative side is taken as `expm1(x) + 1`: it is accurate to "
        "the rounding of 1, not of itself, and is 0 below -17 in single and -37 in double "
        "precision, where it is e^x. The value is right.",
        confirmed="elu_tail",
    ),
    Subject("jax.nn.silu", lambda: jax.nn.silu, "silu"),
    Subject("jax.nn.mish", lambda: jax.nn.mish, "mish"),
    Subject(
        "jax.nn.gelu",
        lambda: lambda x: jax.nn.gelu(x),
        "gelu",
        outcome="convention",
        words="The default is the tanh form, as its documentation says; torch's is the exact one.",
        confirmed="tanh_form",
    ),
    Subject(
        "jax.nn.gelu(x), its default", lambda: lambda x: jax.nn.gelu(x), "gelu:approximate=tanh"
    ),
    Subject(
        "jax.nn.gelu(approximate=False)",
        lambda: lambda x: jax.nn.gelu(x, approximate=False),
        "gelu",
    ),
    Subject(
        "jax.scipy.special.logsumexp",
        lambda: lambda x, axis=-1: special.logsumexp(x, axis),
        "logsumexp",
    ),
    Subject("jax.numpy.logaddexp", lambda: lambda x, t: jnp.logaddexp(x, t), "logaddexp"),
    Subject("jax.scipy.special.xlogy", lambda: lambda x, t: special.xlogy(x, t), "xlogy"),
    Subject("jax.nn.softmax", lambda: lambda x, axis=-1: jax.nn.softmax(x, axis), "softmax"),
    Subject(
        "jax.nn.log_softmax", lambda: lambda x, axis=-1: jax.nn.log_softmax(x, axis), "log_softmax"
    ),
    Subject(
        "jax.numpy.var", lambda: lambda x, axis=-1, ddof=0: jnp.var(x, axis, ddof=ddof), "variance"
    ),
    Subject("jax.numpy, layer norm as users write it", lambda: layer_norm, "layernorm"),
    Subject(
        "jax.nn, cross-entropy as users write it", lambda: cross_entropy, "softmax_cross_entropy"
    ),
    Subject("jax.lax.conv_general_dilated", lambda: convolution, "convolution"),
    Subject("jax.lax.reduce_window(max)", lambda: max_pool, "max_pool"),
    Subject("jax.numpy, rows of a table", lambda: lambda ids, E: jnp.asarray(E)[ids], "embedding"),
    Subject(
        "jax.nn.dot_product_attention",
        lambda: bp.adapt.jax(
            lambda Q, K, V, causal=False: jax.nn.dot_product_attention(
                *(jnp.moveaxis(a, 0, 1) for a in (Q, K, V)), is_causal=causal
            ).swapaxes(0, 1),
            sizes={"d": 3, "p": 3},  # which it wants to be equal
        ),
        "attention:rank=3",
    ),
)

# in the format that JAX computes in by itself; for 64 bits it would compile every shape again
SUBJECTS = tuple(replace(subject, dtypes=("float32",)) for subject in _SUBJECTS)
