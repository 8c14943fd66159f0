"""A softmax regression on one hidden layer, with labels, a matrix, a vector and a number."""

from __future__ import annotations

from typing import Any

import numpy as np

import backproof as bp

SOURCE = """
h = np.tanh(X @ W + b)
p = special.softmax(h, axis=1)
return -np.mean(np.log(p[np.arange(X.shape[0]), t])) + c*np.sum(W**2)
"""
SHAPES: dict[str, Any] = {
    "X": "n d", "W": "d k", "b": "k", "t": bp.array("n", dtype=int, below="k"), "c": "",
}  # fmt: skip


def numbers(n: int = 3, d: int = 4, k: int = 2, seed: int = 0) -> dict[str, np.ndarray]:
    """Inputs of SOURCE."""
    random = np.random.default_rng([seed, n, d, k])
    return {
        "X": random.normal(size=(n, d)),
        "W": random.normal(size=(d, k)),
        "b": random.normal(size=k),
        "t": random.integers(k, size=n),
        "c": np.asarray(0.3),
    }
