"""GECO: a network of squared units built one unit at a time, beside its bound.

    R(A) = (1/2m) Σ_n (Σ_j α_j (v_j·x_n)² − y_n)²,   v = the largest eigenvector of ∇R in size

Reference: R. Livni, S. Shalev-Shwartz, O. Shamir, NeurIPS 2014, section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from backproof.theory.complexity import greedy
from backproof.theory.errors import BackproofError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Greedy:
    """Units v_j as rows, their α_j, and R after 0, 1, …, r units; β bounds the curvature."""

    units: Array
    weights: Array
    losses: Array
    beta: float

    def __call__(self, x: Array) -> Array:
        """Σ_j α_j (v_j·x)² for points of shape (m, d)."""
        return (x @ self.units.T) ** 2 @ self.weights


def curvature(x: Array) -> float:
    """β ≥ (1/m) Σ (v·x_n)⁴ for every unit vector v.

    That mean is (v⊗v)ᵀ M (v⊗v) with M = (1/m) Σ (x_n⊗x_n)(x_n⊗x_n)ᵀ, hence at most M's largest
    eigenvalue, which is at most the mean of |x_n|⁴ and often far smaller.
    """
    squares = np.einsum("ni,nj->nij", x, x).reshape(len(x), -1)
    return float(np.linalg.eigvalsh(squares.T @ squares / len(x))[-1]) * (1 + 1e-9)


def loss(x: Array, y: Array, matrix: Array) -> float:
    """R at ⟨A, x xᵀ⟩."""
    return float(np.mean((np.einsum("ni,ij,nj->n", x, matrix, x) - y) ** 2) / 2)


def geco(x: Array, y: Array, units: int) -> Greedy:
    """Run ``units`` steps on points of shape (m, d) and labels of shape (m,).

    >>> x = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> fitted = geco(x, np.array([1.0, -2.0, -1.0]), 3)
    >>> bool(fitted.losses[-1] < 1e-12), fitted.units.shape
    (True, (3, 2))
    """
    if x.ndim != 2 or y.shape != x.shape[:1] or units < 0:
        raise BackproofError(
            "geco", f"x {x.shape}, y {y.shape}, {units} units", "(m, d), (m,), r ≥ 0", "reshape"
        )
    m, d = x.shape
    chosen: Array = np.empty((0, d))
    weights: Array = np.empty(0)
    residual: Array = -y
    losses = [float(np.mean(residual**2) / 2)]
    for _ in range(units):
        gradient = (x * residual[:, None]).T @ x / m
        values, vectors = np.linalg.eigh(gradient)
        chosen = np.vstack([chosen, vectors[:, np.argmax(np.abs(values))]])
        features = (x @ chosen.T) ** 2
        weights = np.asarray(np.linalg.lstsq(features, y, rcond=None)[0], np.float64)
        residual = features @ weights - y
        losses.append(float(np.mean(residual**2) / 2))
    return Greedy(chosen, weights, np.array(losses), curvature(x))


def bound(excess: float, beta: float, trace_norm: float, steps: NDArray[Any]) -> Array:
    """1/(1/ε_0 + r/(2βτ²)), the derived bound at numbers."""
    derived = sp.lambdify((greedy.EPS, greedy.BETA, greedy.TAU, greedy.STEPS), greedy.bound())
    return np.asarray(derived(excess, beta, trace_norm, steps), float)


def units_enough(error: float, beta: float, trace_norm: float) -> int:
    """⌈2βτ²/ε⌉: so many units compete with every A* of trace norm τ up to ε."""
    return int(np.ceil(2 * beta * trace_norm**2 / error))
