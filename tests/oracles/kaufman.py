"""Spins on a torus: Kaufman's closed form, and a transfer matrix that shares nothing with it.

Reference: B. Kaufman, Physical Review 76 (1949), for n × m spins with couplings K.
"""

from itertools import product

import mpmath
import numpy as np


def log_Z(n: int, m: int, K: mpmath.mpf) -> mpmath.mpf:
    """log Z = (nm/2) log(2 sinh 2K) − log 2 + log of the sum of four products."""
    with mpmath.workdps(max(60, mpmath.mp.dps)):
        K = mpmath.mpf(K)
        gammas = []
        for k in range(2 * n):
            angle = mpmath.pi * k / n
            c = mpmath.cosh(2 * K) * mpmath.coth(2 * K) - mpmath.cos(angle)
            gammas.append(mpmath.acosh(c))
        gammas[0] = 2 * K + mpmath.log(mpmath.tanh(K))  # with its sign
        odd, even = gammas[1::2], gammas[0::2]
        half = mpmath.mpf(m) / 2
        products = [
            mpmath.fprod(2 * f(half * g) for g in some)
            for some in (odd, even)
            for f in (mpmath.cosh, mpmath.sinh)
        ]
        prefactor = mpmath.mpf(n * m) / 2 * mpmath.log(2 * mpmath.sinh(2 * K))
        return prefactor - mpmath.log(2) + mpmath.log(sum(products))


def energy_per_spin(n: int, m: int, K: float) -> float:
    """−∂ log Z/∂K over nm: minus the mean of the product of neighbours, two bonds a spin."""
    with mpmath.workdps(60):
        return float(-mpmath.diff(lambda x: log_Z(n, m, x), mpmath.mpf(K)) / (n * m))


def by_transfer_matrix(n: int, m: int, K: float) -> float:
    """log tr Tᵐ, with T[s, s′] = exp(K Σ_i s_i s_{i+1} + K Σ_i s_i s′_i) over rows of n spins."""
    rows = np.array(list(product((-1.0, 1.0), repeat=n)))
    inside = (rows * np.roll(rows, -1, axis=1)).sum(1)
    T = np.exp(K * inside[:, None] / 2 + K * inside[None] / 2 + K * rows @ rows.T)
    return float(np.log((np.linalg.eigvalsh(T) ** m).sum()))


def torus(n: int, m: int, K: float) -> dict:
    """The machine as a file states it."""
    units = [{"name": f"s{i}_{j}", "type": "spin", "bias": 0.0} for i in range(n) for j in range(m)]
    couplings = [
        [f"s{i}_{j}", f"s{a % n}_{b % m}", K]
        for i in range(n)
        for j in range(m)
        for a, b in ((i + 1, j), (i, j + 1))
    ]
    return {"units": units, "couplings": couplings}
