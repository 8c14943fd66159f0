"""The layers of `oracles.layers` in JAX, by its own primitives, differentiated by it."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from oracles.layers import per_axis

ACTIVATIONS = {
    "relu": jax.nn.relu,
    "tanh": jnp.tanh,
    "softplus": jax.nn.softplus,
    "sigmoid": jax.nn.sigmoid,
    "logistic": jax.nn.sigmoid,
}


def forward(layer: Any, x: Any, p: Mapping[str, Any]) -> Any:
    """The result of a layer on a batch."""
    kind = type(layer).__name__
    if kind == "Dense":
        return x @ p["W"].T + p.get("b", 0)
    if kind == "Convolution":
        rank = p["K"].ndim - 2
        z = lax.conv_general_dilated(
            x,
            p["K"],
            per_axis(layer.stride, rank),
            [(pad, pad) for pad in per_axis(layer.padding, rank)],
            rhs_dilation=per_axis(layer.dilation, rank),
            feature_group_count=layer.groups,
            precision="highest",
        )
        return z + p["b"].reshape(-1, *[1] * rank) if layer.bias else z
    if kind == "Filter2x2":
        return (
            p["a"] * x[..., :-1, :-1]
            + p["b"] * x[..., 1:, :-1]
            + p["c"] * x[..., :-1, 1:]
            + p["d"] * x[..., 1:, 1:]
        )
    if kind in ("MaxPool", "MeanPool"):
        window = layer.window if isinstance(layer.window, tuple) else (layer.window,) * 2
        stride = per_axis(window if layer.stride is None else layer.stride, len(window))
        front = (1,) * (x.ndim - len(window))
        pads = [(0, 0)] * len(front) + [(n, n) for n in per_axis(layer.padding, len(window))]
        start, join = (-jnp.inf, lax.max) if kind == "MaxPool" else (0.0, lax.add)
        z = lax.reduce_window(x, start, join, front + window, front + stride, pads)
        return z if kind == "MaxPool" else z / np.prod(window)
    if kind == "Flatten":
        cut = 1 if layer.axes is None else x.ndim - layer.axes
        return x.reshape(*x.shape[:cut], -1)
    if kind in ("LayerNorm", "BatchNorm"):
        norm = kind == "LayerNorm"
        axes = tuple(range(x.ndim - layer.axes, x.ndim)) if norm else (0, *range(2, x.ndim))
        shape = x.shape[x.ndim - layer.axes :] if norm else (-1, *[1] * (x.ndim - 2))
        mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
        r = (x - mean) * lax.rsqrt(var + layer.epsilon)
        return p["gamma"].reshape(shape) * r + p["beta"].reshape(shape)
    if kind == "SelfAttention":
        q, k, v = (jnp.einsum("nid,hde->nhie", x, p[W]) for W in ("Wq", "Wk", "Wv"))
        a = jax.nn.softmax(jnp.einsum("nhie,nhje->nhij", q, k) / np.sqrt(q.shape[-1]))
        return jnp.einsum("nhij,nhje,hed->nid", a, v, p["Wo"])
    if kind == "Activation":
        return ACTIVATIONS[layer.name](x)
    assert kind == "Residual"
    h = x
    for inner in layer.layers:
        h = forward(inner, h, p)
    return h + x


def value_and_gradient(layer: Any, arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """J and its gradient in x and all parameters."""

    def objective(own: dict[str, Any]) -> Any:
        p = {name.rstrip("0123456789"): a for name, a in own.items() if name != "x"}
        z = forward(layer, own["x"], p)
        each = (arrays["y"] - z) ** 2 / 2 + jnp.log(2 * jnp.pi) / 2
        return jnp.sum(each) / z.shape[0]

    own = {name: jnp.asarray(a) for name, a in arrays.items() if name != "y"}
    value, gradient = jax.value_and_grad(objective)(own)
    return {"value": np.asarray(value)} | {name: np.asarray(g) for name, g in gradient.items()}
