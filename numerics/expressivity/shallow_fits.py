"""Networks of depth two fitted in several ways: the best that were found, and no bound.

Values are clipped to [0, 1], which no network of depth two does and which only helps the fits.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backproof.numerics.optimisers.lbfgs import lbfgs
from backproof.theory.networks import mlp

Array = np.ndarray
RIDGES = (1e-7, 1e-5, 1e-3)
TRAINED = 60  # nodes up to which weights are trained too
STEPS = 100


def errors(train: Array, test: Array, nodes: int, rng: np.random.Generator) -> dict[str, float]:
    """Mean squared errors on a test sample of fits of 1[‖x‖ ≤ 1] with so many ReLU nodes."""
    d = train.shape[1]
    each = max(nodes // d, 1)
    reach = float(np.abs(train).max())
    knots = np.linspace(-reach, reach, each + 1)[:-1]
    directions = rng.normal(size=(nodes, d))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    offsets = rng.uniform(-reach, reach, nodes)
    found = {
        "nodes along the axes": _least(
            lambda x: np.maximum(x[:, :, None] - knots, 0).reshape(len(x), -1), train, test
        ),
        "random nodes": _least(lambda x: np.maximum(x @ directions.T - offsets, 0), train, test),
    }
    if nodes <= TRAINED:
        found["trained nodes"] = _trained(train, test, 2 * directions, -2 * offsets, rng)
    return found


def _inside(x: Array) -> Array:
    return ((x**2).sum(1) <= 1).astype(float)


def _least(features: Callable[[Array], Array], train: Array, test: Array) -> float:
    """Ridge regression on fixed nodes; the best of a few penalties, chosen on the test sample."""
    phi = np.c_[features(train), np.ones(len(train))]
    gram, moment = phi.T @ phi / len(train), phi.T @ _inside(train) / len(train)
    fits = [np.linalg.solve(gram + r * np.eye(len(gram)), moment) for r in RIDGES]
    sums = np.zeros(len(RIDGES))
    for part in np.array_split(test, max(len(test) // 4000, 1)):
        values = np.c_[features(part), np.ones(len(part))] @ np.array(fits).T
        sums += ((np.clip(values, 0, 1) - _inside(part)[:, None]) ** 2).sum(0)
    return float(sums.min() / len(test))


def _trained(train: Array, test: Array, W: Array, b: Array, rng: np.random.Generator) -> float:
    """All weights by L-BFGS on the derived gradient."""
    nodes, d = W.shape
    start = {"W1": W, "b1": b, "W2": rng.normal(size=(1, nodes)) / nodes**0.5, "b2": np.zeros(1)}
    data = {"x": train, "y": _inside(train)[:, None]}
    found = lbfgs().minimise(mlp([d, nodes, 1], "relu", "gaussian"), data, start, STEPS).parameters
    hidden = np.maximum(test @ np.asarray(found["W1"]).T + found["b1"], 0)
    values = hidden @ np.asarray(found["W2"])[0] + np.asarray(found["b2"])[0]
    return float(np.mean((np.clip(values, 0, 1) - _inside(test)) ** 2))
