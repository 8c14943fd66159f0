"""Whitening and the tensor power method: T = Σ_j λ_j w_j ⊗ w_j ⊗ w_j taken apart.

A matrix M = Σ_j μ_j w_j w_jᵀ with all μ_j > 0 whitens: with M = V diag(s) Vᵀ of rank k and
W = V s^{−1/2}, the vectors √μ_j Wᵀw_j are orthonormal, and T(W, W, W) = Σ_j ν_j v_j^{⊗3}.  There
v ↦ T(I, v, v)/‖·‖ converges, with an error that is squared in each step, to one of the v_j; it is
subtracted and the next one is sought.  M is a contraction of T itself: T(·, ·, θ) has
μ_j = λ_j (w_j·θ), and some θ makes all of them positive, the w_j being independent.
References: A. Anandkumar, R. Ge, D. Hsu, S. Kakade, M. Telgarsky, Tensor decompositions for
learning latent variable models, JMLR 15 (2014), algorithm 1; M. Janzamin, H. Sedghi, A. Anandkumar,
arXiv:1506.08473.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backproof.theory.errors import BackproofError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Decomposition:
    """λ_j and unit vectors w_j as rows; ``residual`` is ‖T − Σ λ_j w_j^{⊗3}‖/‖T‖."""

    weights: Array
    vectors: Array
    residual: float
    iterations: tuple[int, ...]

    def tensor(self) -> Array:
        """Σ_j λ_j w_j^{⊗3}."""
        return rank_one_sum(self.weights, self.vectors)


def rank_one_sum(weights: Array, vectors: Array) -> Array:
    """Σ_j λ_j w_j^{⊗3}, for vectors as rows."""
    return np.einsum("j,ja,jb,jc->abc", weights, vectors, vectors, vectors, optimize=True)


def power_iteration(tensor: Array, start: Array, most: int = 100) -> tuple[Array, int]:
    """v ← T(I, v, v)/‖·‖ until it stands still, and how many steps that took.

    >>> t = rank_one_sum(np.array([2.0, 1.0]), np.eye(2))
    >>> v, steps = power_iteration(t, np.array([0.8, 0.6]))
    >>> v.round(12).tolist(), steps < 10
    ([1.0, 0.0], True)
    """
    v = start / np.linalg.norm(start)
    for step in range(1, most + 1):
        image = tensor @ v @ v
        size = np.linalg.norm(image)
        if size == 0:
            return v, step
        before, v = v, image / size
        if np.linalg.norm(v - before) < 1e-14:
            return v, step
    return v, most


def whitening(tensor: Array, k: int, rng: np.random.Generator, tries: int = 200) -> Array:
    """W of shape (d, k) from the best conditioned definite contraction T(·, ·, θ) of some tries.

    Raises `BackproofError` where none is definite on k dimensions: then the w_j are dependent, or
    some λ_j is (within the sampling error) zero.
    """
    best, found = 0.0, None
    for _ in range(tries):
        theta = rng.normal(size=len(tensor))
        values, vectors = np.linalg.eigh(tensor @ (theta / np.linalg.norm(theta)))
        order = np.argsort(-np.abs(values))[:k]
        top = values[order]
        if not (np.all(top > 0) or np.all(top < 0)):
            continue
        quality = float(np.abs(top).min() / np.linalg.norm(tensor.ravel()))
        if quality > best:
            best, found = quality, vectors[:, order] / np.sqrt(np.abs(top))
    if found is None or best < 1e-9:
        raise BackproofError(
            "tensor",
            f"no definite contraction of rank {k} in {tries} directions",
            "independent components with weights other than zero",
            "take fewer components, or an activation and biases with a third moment",
        )
    return found


def decompose(tensor: Array, k: int, seed: int = 0, starts: int = 12) -> Decomposition:
    """Take a symmetric tensor of shape (d, d, d) apart into k components, k ≤ d.

    >>> w = np.array([[1.0, 0.0, 0.0], [0.6, 0.8, 0.0]])
    >>> found = decompose(rank_one_sum(np.array([2.0, -3.0]), w), 2)
    >>> found.residual < 1e-12, np.sort(np.abs(found.weights)).round(9).tolist()
    (True, [2.0, 3.0])
    """
    d = len(tensor)
    if tensor.shape != (d, d, d) or not 1 <= k <= d:
        raise BackproofError("tensor", f"shape {tensor.shape}, k = {k}", "(d, d, d), k ≤ d", "mend")
    rng = np.random.default_rng(seed)
    w = whitening(tensor, k, rng)
    small = np.einsum("abc,ai,bj,ck->ijk", tensor, w, w, w, optimize=True)
    back = np.linalg.pinv(w.T)
    rest, vectors, counts = small.copy(), [], []
    for _ in range(k):
        runs = [power_iteration(rest, rng.normal(size=k)) for _ in range(starts)]
        v, steps = max(runs, key=lambda run: abs(float(rest @ run[0] @ run[0] @ run[0])))
        rest = rest - float(rest @ v @ v @ v) * rank_one_sum(np.ones(1), v[None])
        direction = back @ v
        vectors.append(direction / np.linalg.norm(direction))
        counts.append(steps)
    units = np.array(vectors)
    weights = _least_squares(tensor, units)
    found = Decomposition(weights, units, 0.0, tuple(counts))
    residual = np.linalg.norm(found.tensor() - tensor) / np.linalg.norm(tensor)
    return Decomposition(weights, units, float(residual), tuple(counts))


def _least_squares(tensor: Array, units: Array) -> Array:
    """The λ that bring Σ λ_j w_j^{⊗3} nearest to the tensor."""
    columns = np.array([rank_one_sum(np.ones(1), u[None]).ravel() for u in units]).T
    return np.linalg.lstsq(columns, tensor.ravel(), rcond=None)[0]
