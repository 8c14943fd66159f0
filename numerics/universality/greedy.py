"""Greedy approximation in the convex hull of a dictionary: Jones, Barron, DeVore and Temlyakov.

The Hilbert space is L² of equal weights on finitely many points, the dictionary a finite set of
units of norm at most one and their negatives, and f = Σ c_g g with Σ|c_g| = K.

- relaxed greedy (Jones 1992): f_n = (1 − 1/n) f_{n−1} + (K/n) g_n,   ‖f − f_n‖² ≤ K²/n
- orthogonal greedy (DeVore, Temlyakov 1996): project on the chosen,   ‖f − f_n‖² ≤ K²/(n + 1)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backproof.numerics.enclosures.rounding import Array


@dataclass(frozen=True)
class Run:
    """Squared errors of every iterate, the bound on each, the units chosen and their signs."""

    name: str
    errors: Array
    bounds: Array
    chosen: tuple[int, ...]
    signs: tuple[int, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether every iterate met its bound."""
        return bool(np.all(self.errors <= self.bounds * (1 + 1e-12)))


def relaxed(dictionary: Array, f: Array, total: float, steps: int) -> Run:
    """f_n = (1 − 1/n) f_{n−1} + (K/n) g, with ± g best for the n-th step; bound K²/n.

    ``dictionary`` has a row of values a unit.  With ‖Kg‖ ≤ K and f in the hull of ±Kg, the
    average over the representation of f of ‖f − f_n‖² is at most
    (1 − 1/n)² ‖f − f_{n−1}‖² + (K² − ‖f‖²)/n², and the best g is no worse than the average.
    """
    points = f.size
    current = np.zeros_like(f)
    errors, chosen, signs = [], [], []
    for n in range(1, steps + 1):
        signed = np.concatenate([dictionary, -dictionary]) * total
        candidates = (1 - 1 / n) * current + signed / n
        gaps = ((f - candidates) ** 2).sum(1) / points
        best = int(np.argmin(gaps))
        current = candidates[best]
        errors.append(float(gaps[best]))
        chosen.append(best % len(dictionary))
        signs.append(1 if best < len(dictionary) else -1)
    bounds = total**2 / np.arange(1, steps + 1)
    return Run("relaxed", np.array(errors), bounds, tuple(chosen), tuple(signs))


def orthogonal(dictionary: Array, f: Array, total: float, steps: int) -> Run:
    """The unit that correlates best with what is left, then the projection; bound K²/(n + 1)."""
    points = f.size
    residual = f.copy()
    errors, chosen = [float((residual**2).sum() / points)], []
    for _ in range(steps):
        best = int(np.argmax(np.abs(dictionary @ residual)))
        chosen.append(best)
        basis = dictionary[chosen].T
        coefficients = np.linalg.lstsq(basis, f, rcond=None)[0]
        residual = f - basis @ coefficients
        errors.append(float((residual**2).sum() / points))
    return Run("orthogonal", np.array(errors), total**2 / np.arange(1, steps + 2), tuple(chosen))


def step_dictionary(f: Array) -> tuple[Array, Array, float]:
    """Steps at every point, f less its first value as a combination of them, and K = Σ|jumps|.

    f(x_i) − f(x_0) = Σ_j (f(x_j) − f(x_{j−1})) 1[x_i ≥ x_j]: the variation of f is the K.
    """
    n = f.size
    dictionary = (np.arange(n)[None] >= np.arange(1, n)[:, None]).astype(float)
    return dictionary, f - f[0], float(np.abs(np.diff(f)).sum())
