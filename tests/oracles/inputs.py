"""Inputs that are the same on every machine and for every NumPy, drawn as a statement asks.

The draws use only `random.Random.random`, whose stream Python promises to keep.
"""

import random
import zlib
from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

import numpy as np
from scipy import special

NORMAL = NormalDist()


class Stream:
    """Numbers from one seed: normal, whole, permuted."""

    def __init__(self, name: str, which: int) -> None:
        self._next = random.Random(zlib.crc32(name.encode()) + which).random

    def normal(self, shape: tuple[int, ...]) -> np.ndarray:
        """Standard normal numbers, within five standard deviations."""
        count = int(np.prod(shape))
        numbers = [NORMAL.inv_cdf(3e-7 + (1 - 6e-7) * self._next()) for _ in range(count)]
        return np.array(numbers, float).reshape(shape)

    def whole(self, below: int, shape: tuple[int, ...]) -> np.ndarray:
        """Whole numbers from 0."""
        count = int(np.prod(shape))
        return np.array([int(below * self._next()) for _ in range(count)], np.intp).reshape(shape)

    def permuted(self, numbers: np.ndarray) -> np.ndarray:
        """The numbers in another order."""
        return numbers[np.argsort([self._next() for _ in numbers], kind="stable")]


def drawn(stream: Stream, spec: Mapping[str, Any], sizes: Mapping[str, int]) -> np.ndarray:
    """An input of the shape, kind and assumption that a case states."""
    shape = tuple(
        int(eval(entry, {"__builtins__": {}}, dict(sizes))) for entry in spec.get("shape", ())
    )
    if spec.get("dtype") == "int":
        return stream.whole(int(eval(str(spec["below"]), {}, dict(sizes))), shape)
    x = stream.normal(shape) * spec.get("scale", 0.8)
    (word,) = spec.get("assume") or [""]
    x = x if not word else assumed(word, x, stream)
    return np.asarray(x + spec.get("add", 0.0), float)


def assumed(word: str, x: np.ndarray, stream: Stream) -> np.ndarray:
    """Normal numbers turned into what an assumption names."""
    if word == "posdef":
        y = stream.normal(x.shape)
        return y @ np.swapaxes(y, -1, -2) / x.shape[-1] + 0.7 * np.eye(x.shape[-1])
    if word == "onehot":
        return np.eye(x.shape[-1])[stream.whole(x.shape[-1], x.shape[:-1])]
    if word == "spread":
        u, s, vt = np.linalg.svd(x, full_matrices=False)
        return (u * (1 + 0.7 * np.arange(s.shape[-1])[::-1])) @ vt
    if word == "distinct":
        grid = stream.permuted(np.linspace(-1.5, 1.6, max(x.size, 1))[: x.size])
        return grid.reshape(x.shape) + 0.01 * stream.normal(x.shape)
    return {
        "symmetric": lambda: (x + np.swapaxes(x, -1, -2)) / 2,
        "general": lambda: 0.4 * x + 1.5 * np.eye(*x.shape[-2:]),
        "positive": lambda: np.abs(x) + 0.3,
        "prob": lambda: special.expit(x),
        "simplex": lambda: special.softmax(x, axis=-1),
        "simplex_rows": lambda: special.softmax(x, axis=-1),
        "binary": lambda: (x > 0).astype(float),
        "pm1": lambda: np.where(x > 0, 1.0, -1.0),
        "unit": lambda: 0.9 * np.tanh(x),
        "inc": lambda: np.cumsum(np.abs(x) + 0.2, axis=-1),
    }[word]()


def inputs_of(case: Mapping[str, Any], sizes: Mapping[str, int], which: int) -> dict[str, Any]:
    """All inputs of a case, and its direction where it has one."""
    stream = Stream(case["id"], which)
    values = {name: drawn(stream, spec, sizes) for name, spec in case["inputs"].items()}
    if case.get("along") and case["along"] not in values:
        values[case["along"]] = stream.normal(values[case["wrt"]].shape)
    return values


def told(array: Any) -> tuple[float, float]:
    """Σ x[k] cos k in row-major order, and Σ |x|: two numbers that tell arrays apart."""
    flat = np.ravel(np.asarray(array, float))
    return float(flat @ np.cos(np.arange(1, flat.size + 1))), float(np.sum(np.abs(flat)))
