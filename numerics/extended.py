"""Linear algebra in extended precision, which NumPy's does not offer.

Kernels in extended precision are references: the result of the double-precision routine is
corrected until only extended roundoff, times the conditioning, is left.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def inv(a: Array) -> Array:
    """The inverse by two steps of Newton's iteration, X ← X (2 − A X), from the double one."""
    x = np.linalg.inv(a.astype(np.float64)).astype(a.dtype)
    twice = 2 * np.eye(a.shape[-1], dtype=a.dtype)
    for _ in range(2):
        x = x @ (twice - a @ x)
    return x


def slogdet(a: Array) -> tuple[Array, Array]:
    """Sign and log of the absolute determinant by elimination with partial pivoting."""
    work = np.array(a)
    stack, n = work.shape[:-2], work.shape[-1]
    rows = work.reshape(-1, n, n)
    sign = np.ones(len(rows), a.dtype)
    every = np.arange(len(rows))
    for k in range(n):
        pivot = k + np.argmax(np.abs(rows[:, k:, k]), axis=1)
        sign[pivot != k] *= -1
        rows[every, k], rows[every, pivot] = rows[every, pivot].copy(), rows[every, k].copy()
        with np.errstate(divide="ignore", invalid="ignore"):
            factors = rows[:, k + 1 :, k] / rows[:, k, k][:, None]
        rows[:, k + 1 :, k:] -= factors[:, :, None] * rows[:, k, k:][:, None, :]
    diagonal = np.einsum("nii->ni", rows)
    sign *= np.prod(np.sign(diagonal), axis=1)
    return sign.reshape(stack)[()], np.sum(np.log(np.abs(diagonal)), axis=1).reshape(stack)[()]


def det(a: Array) -> Array:
    """The determinant, from `slogdet`."""
    sign, logarithm = slogdet(a)
    return sign * np.exp(logarithm)


def eigh(a: Array) -> tuple[Array, Array]:
    """Eigenvalues as Rayleigh quotients (error quadratic in that of the vectors), and vectors."""
    _, v = np.linalg.eigh(a.astype(np.float64))
    v = v.astype(a.dtype)
    v = v / np.sqrt(np.sum(v * v, axis=-2, keepdims=True))
    return np.sum(v * (a @ v), axis=-2), v


def eigvalsh(a: Array) -> Array:
    """The eigenvalues of `eigh`."""
    return eigh(a)[0]
