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
    """Eigenvalues and vectors of symmetric matrices, the double ones refined once.

    With R = I − VᵀV and S = VᵀAV, λ = S_jj/(1 − R_jj) and V ← V (I + E) with
    E_ij = (S_ij + λ_j R_ij)/(λ_j − λ_i) off the diagonal and R_jj/2 on it; the error is squared.

    Reference: T. Ogita and K. Aishima, Japan J. Indust. Appl. Math. 35 (2018), algorithm 1.
    """
    v = np.linalg.eigh(a.astype(np.float64))[1].astype(a.dtype)
    eye = np.eye(a.shape[-1], dtype=a.dtype)
    r, s = eye - turned(v) @ v, turned(v) @ (a @ v)
    values = np.einsum("...jj->...j", s) / (1 - np.einsum("...jj->...j", r))
    gaps = values[..., None, :] - values[..., :, None]
    correction = (s + values[..., None, :] * r) / np.where(eye > 0, 1, gaps)
    v = v + v @ np.where(eye > 0, r / 2, correction)
    return np.sum(v * (a @ v), axis=-2) / np.sum(v * v, axis=-2), v


def eigvalsh(a: Array) -> Array:
    """The eigenvalues of `eigh`."""
    return eigh(a)[0]


def svd(a: Array, full_matrices: bool = False, compute_uv: bool = True) -> Any:
    """The thin singular value decomposition, from the eigenvectors of the smaller Gram matrix."""
    wide = a.shape[-2] < a.shape[-1]
    tall = turned(a) if wide else a
    values, v = eigh(turned(tall) @ tall)
    values, v = np.sqrt(values[..., ::-1]), v[..., ::-1]
    if not compute_uv:
        return values
    u = tall @ v / values[..., None, :]
    return (v, values, turned(u)) if wide else (u, values, turned(v))


def pinv(a: Array) -> Array:
    """The pseudoinverse of matrices of full rank."""
    if a.shape[-2] < a.shape[-1]:
        return turned(a) @ inv(a @ turned(a))
    return inv(turned(a) @ a) @ turned(a)


def cholesky(a: Array) -> Array:
    """The lower factor, column by column; NaN where a matrix is not positive definite."""
    lower = np.zeros_like(a)
    for k in range(a.shape[-1]):
        left = lower[..., k:, :k]
        column = a[..., k:, k] - np.sum(left * lower[..., k : k + 1, :k], axis=-1)
        with np.errstate(invalid="ignore"):
            lower[..., k:, k] = column / np.sqrt(column[..., :1])
    return lower


def expm(a: Array) -> Array:
    """The exponential: a Taylor series at a norm of at most 1/4, squared back up."""
    norm = float(np.max(np.sum(np.abs(a), axis=-1), initial=0.0))
    halvings = max(0, int(np.ceil(np.log2(norm))) + 2) if norm > 0 else 0
    small = a / 2**halvings
    term = np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape)
    total = term
    for k in range(1, 20):
        term = term @ small / k
        total = total + term
    for _ in range(halvings):
        total = total @ total
    return total


def turned(a: Array) -> Array:
    """The transpose of the last two axes."""
    return np.swapaxes(a, -1, -2)
