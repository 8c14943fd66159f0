"""Layers by their definitions, one number at a time: loops over plain arrays of long doubles.

Nothing here knows equations, strides of memory or how anything is derived; what is out of an
image is left out, instead of padded.
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

Array = np.ndarray
Arrays = Mapping[str, Array]


def forward(layer: Any, x: Array, parameters: Arrays) -> Array:
    """The result of a layer on a batch; its parameters by their names without a number."""
    return RULES[type(layer).__name__](layer, x, parameters)


def per_axis(given: Any, rank: int) -> tuple[int, ...]:
    """One number an axis."""
    return tuple(given) if isinstance(given, tuple) else (given,) * rank


def windows_of(
    layer: Any, kernel: tuple[int, ...], stride: Any, extents: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], list[tuple[tuple[int, ...], tuple[int, ...]]]]]:
    """For each window its place, and what of the image its places inside read, row by row."""
    rank = len(kernel)
    strides = per_axis(stride, rank)
    pads = per_axis(layer.padding, rank)
    steps = per_axis(getattr(layer, "dilation", 1), rank)
    counts = []
    for size, k, s, p, d in zip(extents, kernel, strides, pads, steps, strict=True):
        count = 0  # as many as fit, found by trying
        while count * s - p + d * (k - 1) <= size - 1 + p:
            count += 1
        counts.append(count)
    for place in itertools.product(*map(range, counts)):
        reads = []
        for inner in itertools.product(*map(range, kernel)):
            where = tuple(
                w * s - p + u * d
                for w, s, p, u, d in zip(place, strides, pads, inner, steps, strict=True)
            )
            if all(0 <= at < size for at, size in zip(where, extents, strict=True)):
                reads.append((inner, where))
        yield place, reads


def filled(shape: tuple[int, ...], entries: Mapping[tuple[int, ...], Any]) -> Array:
    """An array from its entries."""
    out = np.zeros(shape, np.longdouble)
    for place, entry in entries.items():
        out[place] = entry
    return out


def shape_of(entries: Mapping[tuple[int, ...], Any]) -> tuple[int, ...]:
    """One more than the largest place on each axis."""
    return tuple(max(places) + 1 for places in zip(*entries, strict=True))


def dense(layer: Any, x: Array, p: Arrays) -> Array:
    """z[j] = Σ_i W[j,i] h[i] + b[j]"""
    out = {}
    for front in np.ndindex(x.shape[:-1]):
        for j in range(p["W"].shape[0]):
            total = sum(p["W"][j, i] * x[(*front, i)] for i in range(x.shape[-1]))
            out[(*front, j)] = total + (p["b"][j] if layer.bias else 0)
    return filled(shape_of(out), out)


def convolution(layer: Any, x: Array, p: Arrays) -> Array:
    """Each filter of a group over the channels of the group, at every place."""
    K = p["K"]
    kernel = K.shape[2:]
    filters, channels = K.shape[0] // layer.groups, K.shape[1]
    out = {}
    for place, reads in windows_of(layer, kernel, layer.stride, x.shape[2:]):
        for n, o in np.ndindex(x.shape[0], K.shape[0]):
            first = (o // filters) * channels
            total = p["b"][o] if layer.bias else np.longdouble(0)
            for inner, where in reads:
                for c in range(channels):
                    total = total + K[(o, c, *inner)] * x[(n, first + c, *where)]
            out[(n, o, *place)] = total
    return filled(shape_of(out), out)


def filter2x2(layer: Any, x: Array, p: Arrays) -> Array:
    """a h[i,j] + b h[i+1,j] + c h[i,j+1] + d h[i+1,j+1]"""
    *front, rows, columns = x.shape
    out = np.zeros((*front, rows - 1, columns - 1), np.longdouble)
    for *f, i, j in np.ndindex(out.shape):
        out[(*f, i, j)] = (
            p["a"] * x[(*f, i, j)]
            + p["b"] * x[(*f, i + 1, j)]
            + p["c"] * x[(*f, i, j + 1)]
            + p["d"] * x[(*f, i + 1, j + 1)]
        )
    return out


def pooled(layer: Any, x: Array, pick: Any) -> Array:
    """What ``pick`` makes of the entries of each window."""
    window = layer.window if isinstance(layer.window, tuple) else (layer.window,) * 2
    rank = len(window)
    stride = window if layer.stride is None else layer.stride
    out = {}
    for place, reads in windows_of(layer, window, stride, x.shape[-rank:]):
        for front in np.ndindex(x.shape[:-rank]):
            entries = [(x[(*front, *where)], (*front, *where)) for _, where in reads]
            out[(*front, *place)] = pick(entries, int(np.prod(window)))
    return filled(shape_of(out), out)


def mean_pool(layer: Any, x: Array, p: Arrays) -> Array:
    """The sum of a window over its size; what is out of the image counts as zero."""
    return pooled(layer, x, lambda entries, size: sum(e for e, _ in entries) / size)


def max_pool(layer: Any, x: Array, p: Arrays) -> Array:
    """The largest entry of a window that is in the image."""
    return pooled(layer, x, lambda entries, size: max(e for e, _ in entries))


def winners(layer: Any, x: Array) -> list[tuple[int, ...]]:
    """Where each window attains its maximum: the first place, row by row."""
    found: list[tuple[int, ...]] = []

    def first(entries: list[Any], size: int) -> Any:
        best = entries[0]
        for entry in entries[1:]:
            best = entry if entry[0] > best[0] else best
        found.append(best[1])
        return best[0]

    pooled(layer, x, first)
    return found


def flatten(layer: Any, x: Array, p: Arrays) -> Array:
    """Row by row."""
    axes = x.ndim - 1 if layer.axes is None else layer.axes
    front = x.shape[: x.ndim - axes]
    rows = [
        [x[(*f, *at)] for at in np.ndindex(x.shape[x.ndim - axes :])] for f in np.ndindex(front)
    ]
    return np.array(rows, np.longdouble).reshape(*front, -1)


def standardised(x: Array, groups: list[list[tuple[int, ...]]], epsilon: float) -> Array:
    """Each group of places to mean 0 and variance 1."""
    out = np.zeros(x.shape, np.longdouble)
    for places in groups:
        mean = sum(x[at] for at in places) / len(places)
        variance = sum((x[at] - mean) ** 2 for at in places) / len(places)
        for at in places:
            out[at] = (x[at] - mean) / np.sqrt(variance + np.longdouble(repr(epsilon)))
    return out


def layer_norm(layer: Any, x: Array, p: Arrays) -> Array:
    """Each example by itself."""
    cut = x.ndim - layer.axes
    groups = [[(*f, *at) for at in np.ndindex(x.shape[cut:])] for f in np.ndindex(x.shape[:cut])]
    r = standardised(x, groups, layer.epsilon)
    out = {at: p["gamma"][at[cut:]] * r[at] + p["beta"][at[cut:]] for at in np.ndindex(x.shape)}
    return filled(x.shape, out)


def batch_norm(layer: Any, x: Array, p: Arrays) -> Array:
    """Each channel over the batch."""
    groups = [[at for at in np.ndindex(x.shape) if at[1] == c] for c in range(x.shape[1])]
    r = standardised(x, groups, layer.epsilon)
    out = {at: p["gamma"][at[1]] * r[at] + p["beta"][at[1]] for at in np.ndindex(x.shape)}
    return filled(x.shape, out)


def self_attention(layer: Any, x: Array, p: Arrays) -> Array:
    """Each head: rows of weights from queries and keys, mixtures of values; heads are added."""
    heads, d, width = p["Wq"].shape
    out = np.zeros(x.shape, np.longdouble)
    for front in np.ndindex(x.shape[:-2]):
        rows = x[front]
        for h in range(heads):
            q, k, v = (
                [[sum(r[i] * p[W][h, i, e] for i in range(d)) for e in range(width)] for r in rows]
                for W in ("Wq", "Wk", "Wv")
            )
            for i in range(len(rows)):
                scores = [
                    sum(a * b for a, b in zip(q[i], key, strict=True))
                    / np.sqrt(np.longdouble(width))
                    for key in k
                ]
                powers = [np.exp(s - max(scores)) for s in scores]
                mixed = [
                    sum(w * value[e] for w, value in zip(powers, v, strict=True)) / sum(powers)
                    for e in range(width)
                ]
                for f in range(d):
                    out[(*front, i, f)] += sum(mixed[e] * p["Wo"][h, e, f] for e in range(width))
    return out


def activation(layer: Any, x: Array, p: Arrays) -> Array:
    """g of every entry."""
    g = {
        "linear": lambda z: z,
        "tanh": lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
        "logistic": lambda z: 1 / (1 + np.exp(-z)),
        "softplus": lambda z: np.log(1 + np.exp(z)),
        "relu": lambda z: max(z, np.longdouble(0)),
    }[layer.name]
    return filled(x.shape, {at: g(x[at]) for at in np.ndindex(x.shape)})


def residual(layer: Any, x: Array, p: Arrays) -> Array:
    """h + F(h), F of one layer with parameters."""
    h = x
    for inner in layer.layers:
        h = forward(inner, h, p)
    return h + x


RULES = {
    "Activation": activation,
    "BatchNorm": batch_norm,
    "Convolution": convolution,
    "Dense": dense,
    "Filter2x2": filter2x2,
    "Flatten": flatten,
    "LayerNorm": layer_norm,
    "MaxPool": max_pool,
    "MeanPool": mean_pool,
    "Residual": residual,
    "SelfAttention": self_attention,
}


def loss(layer: Any, arrays: Arrays) -> Any:
    """J = (1/N) Σ (y − z)²/2 + ½ log 2π an entry, of ``x``, ``y`` and parameters with numbers."""
    p = {name.rstrip("0123456789"): a for name, a in arrays.items() if name not in "xy"}
    z, y = forward(layer, arrays["x"], p), arrays["y"]
    assert z.shape == y.shape
    each = ((y[at] - z[at]) ** 2 / 2 for at in np.ndindex(z.shape))
    constant = z.size * np.log(2 * np.longdouble("3.14159265358979323846264338327950288")) / 2
    return (sum(each) + constant) / z.shape[0]


def slope(layer: Any, arrays: Arrays, direction: Arrays, step: float = 1e-4) -> Any:
    """The derivative of J along a direction, by the central rule of sixth order."""

    def moved(multiple: int) -> Any:
        there = {n: np.asarray(a, np.longdouble) for n, a in arrays.items()}
        for name, way in direction.items():
            there[name] = there[name] + multiple * np.longdouble(step) * way
        return loss(layer, there)

    one, two, three = (moved(n) - moved(-n) for n in (1, 2, 3))
    return (45 * one - 9 * two + three) / (60 * np.longdouble(step))
