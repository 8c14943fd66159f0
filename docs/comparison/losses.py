"""The ten losses, each stated once in NumPy, and numbers of two sizes to put into them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import special


@dataclass(frozen=True)
class Loss:
    """A loss in NumPy: its inputs with their shapes, and what it is differentiated by."""

    name: str
    title: str
    source: str
    shapes: Mapping[str, str]
    wrt: str
    known: Mapping[str, str] = field(
        default_factory=dict
    )  # of an input: simplex, positive_definite

    def sizes(self, which: int) -> dict[str, int]:
        """Sizes, all different: growing with the alphabet, or falling."""
        letters = sorted({letter for shape in self.shapes.values() for letter in shape.split()})
        first = {letter: 2 + place for place, letter in enumerate(letters)}
        second = {letter: 3 + len(letters) - place for place, letter in enumerate(letters)}
        return (first, second)[which]

    def numbers(self, which: int) -> dict[str, np.ndarray]:
        """Inputs of these sizes, the same ones at every call."""
        random = np.random.default_rng(20 + which)
        sizes = self.sizes(which)
        found: dict[str, np.ndarray] = {}
        for name, shape in self.shapes.items():
            drawn = random.uniform(0.2, 0.9, [sizes[s] for s in shape.split()])
            drawn = drawn * random.choice([-1, 1], drawn.shape) if shape else drawn
            if self.known.get(name) == "simplex":
                drawn = np.eye(drawn.shape[1])[random.integers(drawn.shape[1], size=len(drawn))]
            if self.known.get(name) == "positive_definite":
                drawn = drawn @ drawn.T + np.eye(len(drawn))
            found[name] = np.asarray(drawn)
        return found

    def function(self, modules: Mapping[str, Any] | None = None) -> Callable[..., Any]:
        """The source, executed with NumPy and SciPy or with other modules of their names."""
        scope: dict[str, Any] = dict(modules or {"np": np, "special": special})
        lines = "\n    ".join(self.source.splitlines())
        exec(f"def f({', '.join(self.shapes)}):\n    {lines}", scope)
        return scope["f"]


REGRESSION = {"X": "n d", "w": "d", "y": "n"}
LOSSES = (
    Loss(
        "least squares",
        "Least squares",
        "return np.sum((X @ w - y) ** 2) / 2",
        REGRESSION,
        "w",
    ),
    Loss(
        "ridge",
        "Ridge regression",
        "return np.sum((X @ w - y) ** 2) / 2 + lam / 2 * np.sum(w**2)",
        {**REGRESSION, "lam": ""},
        "w",
    ),
    Loss(
        "logistic",
        "Logistic regression",
        "return np.sum(np.log(1 + np.exp(X @ w)) - y * (X @ w))",
        REGRESSION,
        "w",
    ),
    Loss(
        "softmax",
        "Softmax cross-entropy",
        "return -np.sum(Y * special.log_softmax(X @ W, axis=1)) / X.shape[0]",
        {"X": "n d", "W": "d k", "Y": "n k"},
        "W",
        known={"Y": "simplex"},
    ),
    Loss(
        "gaussian",
        "Gaussian likelihood, by the covariance",
        "return (x - mu) @ np.linalg.inv(S) @ (x - mu) / 2 + np.linalg.slogdet(S)[1] / 2",
        {"x": "n", "mu": "n", "S": "n n"},
        "S",
        known={"S": "positive_definite"},
    ),
    Loss(
        "boltzmann",
        "Free energy of a Boltzmann machine",
        "return -np.sum(V @ a) - np.sum(np.log(1 + np.exp(V @ W + c)))",
        {"V": "b n", "a": "n", "W": "n h", "c": "h"},
        "W",
    ),
    Loss(
        "attention",
        "Attention",
        "return np.sum(G * (special.softmax(Q @ K.T / np.sqrt(Q.shape[1]), axis=1) @ V))",
        {"Q": "s d", "K": "t d", "V": "t o", "G": "s o"},
        "Q",
    ),
    Loss(
        "layer norm",
        "Layer normalisation",
        "m = np.mean(x)\ns = np.sqrt(np.mean((x - m) ** 2) + eps)\nreturn np.sum(g * (x - m) / s)",
        {"x": "n", "g": "n", "eps": ""},
        "x",
    ),
    Loss(
        "log-sum-exp",
        "Log-sum-exp",
        "return special.logsumexp(A @ x + b)",
        {"A": "m n", "x": "n", "b": "m"},
        "x",
    ),
    Loss(
        "quartic",
        "Trace of a fourth power",
        "return np.trace(X @ X @ X @ X)",
        {"X": "n n"},
        "X",
    ),
)
BY_NAME = {loss.name: loss for loss in LOSSES}
