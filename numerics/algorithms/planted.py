"""A planted network y = Σ_j a_j σ(w_j·x + b_j) and its recovery from the moments E[y S_m].

1. The third moment is Σ a_j κ_3(b_j) w_j^{⊗3}: its components are ±w_j.
2. The first two are linear in μ_j = a_j κ_1(b_j) and ρ_j = a_j κ_2(b_j), once the w_j are known.
3. κ_2/κ_1 = (log κ_1)′ falls strictly with b where log σ′ is concave (as for the logistic function,
   tanh and erf), for a convolution of log-concave functions is log-concave (Prékopa).  So ρ_j/μ_j
   is met by one b_j, and then a_j = μ_j/κ_1(b_j).
4. Where σ less a constant is odd, (w, b, a) and (−w, −b, −a) are the same unit: either is right.

Steps 2 and 3 stand for the paper's Fourier method and ridge regression.
Reference: M. Janzamin, H. Sedghi, A. Anandkumar, arXiv:1506.08473 (2016).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.optimize import brentq

from backproof.numerics.algorithms.score_kernel import moment, normal_kernel
from backproof.numerics.algorithms.tensor_power import Decomposition, decompose, rank_one_sum
from backproof.theory.errors import BackproofError

Array = NDArray[np.float64]
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(160)
T = sp.Symbol("t", real=True)
TANH = sp.tanh(T)


@dataclass(frozen=True)
class Planted:
    """Unit rows w_j, biases b_j and amplitudes a_j of an activation, a SymPy function of t."""

    vectors: Array
    biases: Array
    amplitudes: Array
    activation: sp.Expr = TANH

    def __call__(self, x: Array) -> Array:
        """y at points of shape (N, d)."""
        sigma = sp.lambdify(T, self.activation, "numpy")
        return sigma(x @ self.vectors.T + self.biases) @ self.amplitudes


def plant(d: int, k: int, seed: int = 0, activation: sp.Expr = TANH) -> Planted:
    """A random network of k units with third moments that are not small.

    κ_3 of tanh has a zero near b = 0.8, so the biases stay within 0.4 of zero.
    """
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(k, d))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    biases = rng.uniform(-0.4, 0.4, k)
    return Planted(vectors, biases, rng.choice([-1, 1], k) * rng.uniform(1, 2, k), activation)


def kappa(activation: sp.Expr, order: int) -> Callable[[float], float]:
    """κ_m(b) = E σ^(m)(Z + b) by Gauss's quadrature with 160 nodes.

    >>> round(kappa(T**3, 1)(0.5), 12)  # E 3(Z + b)² = 3 + 3b²
    3.75
    """
    slope = sp.lambdify(T, sp.diff(activation, T, order), "numpy")
    total = WEIGHTS.sum()

    def mean(b: float) -> float:
        return float(np.broadcast_to(slope(NODES + b), NODES.shape) @ WEIGHTS / total)

    return mean


def exact_moments(net: Planted) -> tuple[Array, Array, Array]:
    """Σ a_j κ_m(b_j) w_j^{⊗m} for m = 1, 2, 3."""
    w = net.vectors
    c = [
        net.amplitudes * np.array([kappa(net.activation, m)(b) for b in net.biases])
        for m in (1, 2, 3)
    ]
    return c[0] @ w, (w.T * c[1]) @ w, rank_one_sum(c[2], w)


def sampled_moments(net: Planted, points: int, seed: int = 0) -> tuple[Array, Array, Array]:
    """E[y S_m] by sample means over x ~ N(0, I), for m = 1, 2, 3, with derived scores."""
    d = net.vectors.shape[1]
    x = np.random.default_rng(seed).normal(size=(points, d))
    y = net(x)
    y = y - y.mean()  # E S_m = 0: a constant adds noise and nothing else
    first = moment(normal_kernel(d, 1), x, y).tensor
    second = moment(normal_kernel(d, 2), x, y).tensor
    # S_1 and S_2 are uncorrelated with S_3: the fit by them is noise there, and is taken off.
    y = y - x @ first - (np.einsum("ni,ij,nj->n", x, second, x) - np.trace(second)) / 2
    return first, second, moment(normal_kernel(d, 3), x, y).tensor


def recover(moments: tuple[Array, Array, Array], k: int, activation: sp.Expr) -> Planted:
    """The network from its first three moments.

    Raises `BackproofError` where the third moment has no k components (`decompose`), or a ratio of
    moments is out of the reach of the activation for |b| ≤ 4.
    """
    first, second, third = moments
    parts: Decomposition = decompose(third, k)
    w = parts.vectors
    mu = np.linalg.lstsq(w.T, first, rcond=None)[0]
    squares = np.array([np.outer(u, u).ravel() for u in w]).T
    rho = np.linalg.lstsq(squares, second.ravel(), rcond=None)[0]
    one, two, three = (kappa(activation, m) for m in (1, 2, 3))
    biases = np.array([_bias(r / m, one, two) for r, m in zip(rho, mu, strict=True)])
    slopes = np.array([one(b) for b in biases])
    amplitudes = mu / slopes
    signs = np.sign(parts.weights) * np.sign(amplitudes * [three(b) for b in biases])
    # −w flips the first and third moments alike, so a sign that disagrees is noise, not a choice.
    if np.any(signs < 0):
        raise BackproofError(
            "moments", "a third moment against the first", "enough points", "draw more of them"
        )
    return Planted(w, biases, amplitudes, activation)


def _bias(ratio: float, one: Callable[[float], float], two: Callable[[float], float]) -> float:
    """The b with κ_2(b)/κ_1(b) = ratio: the quotient falls strictly."""

    def excess(b: float) -> float:
        return two(b) / one(b) - ratio

    if not excess(4.0) < 0 < excess(-4.0):
        raise BackproofError(
            "moments", f"κ₂/κ₁ = {ratio:.3g}", "a ratio met by some |b| ≤ 4", "draw more points"
        )
    return float(brentq(excess, -4.0, 4.0, xtol=1e-14))


@dataclass(frozen=True)
class Recovery:
    """The largest errors over the units, matched in the best order and up to (w, b, a) ↦ −."""

    vectors: float
    biases: float
    amplitudes: float


def compared(found: Planted, truth: Planted) -> Recovery:
    """Errors of a recovery, for an activation that is odd: a σ(w·x + b) = −a σ(−w·x − b)."""
    best: Recovery | None = None
    k = len(truth.biases)
    for order in permutations(range(k)):
        o = list(order)
        s = np.sign(np.sum(found.vectors[o] * truth.vectors, axis=1))
        errors = Recovery(
            float(np.linalg.norm(s[:, None] * found.vectors[o] - truth.vectors, axis=1).max()),
            float(np.abs(s * found.biases[o] - truth.biases).max()),
            float(np.abs(s * found.amplitudes[o] - truth.amplitudes).max()),
        )
        if best is None or errors.vectors < best.vectors:
            best = errors
    assert best is not None
    return best
