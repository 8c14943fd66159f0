"""Gradient descent on the exact population loss of a periodic target, watched as d grows.

The loss and its gradient are derived (`backproof.theory.complexity.population`): no sampling noise
hides the signal, and still it is as small as λ_2.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from backproof.numerics.complexity import sphere
from backproof.numerics.kernel import Kernel, compile
from backproof.theory.calculus.derivation import derive
from backproof.theory.complexity.periodic import D, U
from backproof.theory.complexity.population import A, feature_energy, population_loss

Array = NDArray[np.float64]
FEATURES = 16


@cache
def gradient() -> Kernel:
    """The compiled gradient in a and U."""
    return compile(derive(population_loss(), wrt=("a", "U")))


def radius(d: int, ratio: float) -> float:
    """r with κ = 4π²r² = ratio · d: the phase 2π w·x then has the standard deviation √κ."""
    return float(np.sqrt(ratio * d) / (2 * np.pi))


def on_sphere(rng: np.random.Generator, count: int, d: int, r: float) -> Array:
    """Points uniform on the sphere of radius r, of shape (count, d)."""
    points = rng.normal(size=(count, d))
    return r * points / np.linalg.norm(points, axis=1, keepdims=True)


@dataclass(frozen=True)
class Run:
    """The share of the loss that is left after each step, and the parameters on the way."""

    dimension: int
    left: Array
    weights: Array
    frequencies: Array


def train(d: int, ratio: float = 1.0, steps: int = 400, rate: float = 0.2, seed: int = 0) -> Run:
    """Descend from a = 0 and frequencies on the target's sphere, a tenth of the rate for U.

    >>> run = train(2, steps=100)
    >>> bool(run.left[0] == 1 and run.left[-1] < 0.01)
    True
    """
    rng = np.random.default_rng([seed, d])
    r = radius(d, ratio)
    (w,) = on_sphere(rng, 1, d, r)
    frequencies, weights = on_sphere(rng, FEATURES, d, r), np.zeros(FEATURES)
    trivial = (1 + np.exp(-2 * ratio * d)) / 4  # ½ K(w, w): the loss of p = 0
    left = []
    for step in range(steps + 1):
        out = gradient()(U=frequencies, w=w, a=weights)
        left.append((out["value"] + trivial) / trivial)
        if step < steps:
            weights = weights - rate * out["a"]
            frequencies = frequencies - rate / 10 * out["U"]
    return Run(d, np.array(left), weights, frequencies)


@dataclass(frozen=True)
class Watched:
    """Var over targets of the gradient, its standard error, and the bound λ_2 E‖∂p/∂θ‖²."""

    variance: float
    error: float
    bound: float


def watched(run: Run, ratio: float = 1.0, targets: int = 400, seed: int = 1) -> Watched:
    """At the run's last parameters, over targets drawn from the sphere."""
    rng = np.random.default_rng([seed, run.dimension])
    d = run.dimension
    drawn = on_sphere(rng, targets, d, radius(d, ratio))
    found = []
    for w in drawn:
        out = gradient()(U=run.frequencies, w=w, a=run.weights)
        found.append(np.concatenate([out["a"], out["U"].ravel()]))
    gradients = np.array(found)
    squares = np.sum((gradients - gradients.mean(0)) ** 2, axis=1) * targets / (targets - 1)
    error = float(squares.std(ddof=1) / np.sqrt(targets))
    bound = float(sphere.eigenvalue(d, ratio * d)) * energy(run)
    return Watched(float(squares.mean()), error, bound)


def energy(run: Run) -> float:
    """E‖∂p/∂θ‖² at the run's parameters, from the derived energies of one feature."""
    first, second = (sp.lambdify((U, A, D), e) for e in feature_energy())
    lengths = np.linalg.norm(run.frequencies, axis=1)
    d = run.dimension
    return float(np.sum(first(lengths, run.weights, d) + second(lengths, run.weights, d)))
