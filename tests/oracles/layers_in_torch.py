"""The layers of `oracles.layers` in torch, differentiated by it."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from oracles.layers import per_axis

torch.set_num_threads(1)


def forward(layer: Any, x: Any, p: Mapping[str, Any]) -> Any:
    """The result of a layer on a batch."""
    kind = type(layer).__name__
    if kind == "Dense":
        return F.linear(x, p["W"], p.get("b"))
    if kind == "Convolution":
        call = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[p["K"].ndim - 2]
        options = layer.stride, layer.padding, layer.dilation, layer.groups
        return call(x, p["K"], p.get("b"), *options)
    if kind == "Filter2x2":
        kernel = torch.stack([p["a"], p["c"], p["b"], p["d"]]).reshape(1, 1, 2, 2)
        flat = x.reshape(-1, 1, *x.shape[-2:])
        return F.conv2d(flat, kernel).reshape(*x.shape[:-2], x.shape[-2] - 1, x.shape[-1] - 1)
    if kind in ("MaxPool", "MeanPool"):
        window = layer.window if isinstance(layer.window, tuple) else (layer.window,) * 2
        stride = per_axis(window if layer.stride is None else layer.stride, len(window))
        names = {
            ("MaxPool", 1): F.max_pool1d,
            ("MaxPool", 2): F.max_pool2d,
            ("MeanPool", 1): F.avg_pool1d,
            ("MeanPool", 2): F.avg_pool2d,
        }
        return names[kind, len(window)](x, window, stride, layer.padding)
    if kind == "Flatten":
        return x.flatten(1 if layer.axes is None else x.ndim - layer.axes)
    if kind == "LayerNorm":
        shape = x.shape[x.ndim - layer.axes :]
        return F.layer_norm(x, shape, p["gamma"], p["beta"], layer.epsilon)
    if kind == "BatchNorm":
        return F.batch_norm(x, None, None, p["gamma"], p["beta"], True, 0.0, layer.epsilon)
    if kind == "SelfAttention":
        heads, d, width = p["Wq"].shape
        q, k, v = (torch.einsum("nid,hde->nhie", x, p[W]) for W in ("Wq", "Wk", "Wv"))
        mixed = F.scaled_dot_product_attention(q, k, v)
        return mixed.transpose(1, 2).reshape(*x.shape[:2], heads * width) @ p["Wo"].reshape(-1, d)
    if kind == "Activation":
        names = {"relu": F.relu, "tanh": torch.tanh, "softplus": F.softplus}
        return {**names, "sigmoid": torch.sigmoid, "logistic": torch.sigmoid}[layer.name](x)
    assert kind == "Residual"
    h = x
    for inner in layer.layers:
        h = forward(inner, h, p)
    return h + x


def value_and_gradient(layer: Any, arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """J and its gradient in x and all parameters."""
    own = {n: torch.tensor(a, requires_grad=n != "y") for n, a in arrays.items()}
    p = {name.rstrip("0123456789"): a for name, a in own.items() if name not in "xy"}
    z = forward(layer, own["x"], p)
    constant = z.numel() * math.log(2 * math.pi) / 2
    J = (((own["y"] - z) ** 2).sum() / 2 + constant) / z.shape[0]
    J.backward()
    gradient = {n: a.grad.numpy() for n, a in own.items() if n != "y"}
    return {"value": J.detach().numpy()} | gradient
