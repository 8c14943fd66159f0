"""Derived score functions as NumPy kernels, and the moments E[y S_m] of samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import permutations

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from backproof.theory.algorithms.score import Index, Score, normal, score
from backproof.theory.errors import BackproofError

Array = NDArray[np.float64]
CHUNK = 1 << 16  # points at a time: the entries of a chunk stay in the cache


@dataclass(frozen=True)
class ScoreKernel:
    """The sorted entries of S_m at points, with common subexpressions evaluated once."""

    dimension: int
    order: int
    indices: tuple[Index, ...]
    function: Callable[..., list[Array | float]]

    def __call__(self, x: Array) -> Array:
        """The entries at points of shape (N, d), of shape (entries, N)."""
        if x.ndim != 2 or x.shape[1] != self.dimension:
            raise BackproofError("x", f"shape {x.shape}", f"(N, {self.dimension})", "reshape")
        found = self.function(*x.T)
        return np.array([np.broadcast_to(np.asarray(v, float), len(x)) for v in found])


def score_kernel(score: Score) -> ScoreKernel:
    """Compile a derived score.

    >>> x = sp.symbols("x1:3", real=True)
    >>> kernel = score_kernel(score(normal(x), x, 2))
    >>> kernel(np.array([[1.0, 2.0]])).ravel().tolist()
    [0.0, 2.0, 3.0]
    """
    indices = tuple(score.entries)
    formulas = [score.entries[i] for i in indices]
    function = sp.lambdify(score.variables, formulas, "numpy", cse=True)
    return ScoreKernel(len(score.variables), score.order, indices, function)


@cache
def normal_kernel(d: int, order: int) -> ScoreKernel:
    """S_m of N(0, I) in d dimensions, derived and compiled once.

    >>> normal_kernel(2, 3)(np.array([[2.0, 1.0]])).ravel().tolist()
    [2.0, 3.0, 0.0, -2.0]
    """
    symbols = sp.symbols(f"x1:{d + 1}", real=True)
    return score_kernel(score(normal(symbols), symbols, order))


@dataclass(frozen=True)
class Moment:
    """E[y S_m] by a sample mean: the symmetric tensor, and the standard error of each entry."""

    tensor: Array
    error: Array
    points: int


def moment(kernel: ScoreKernel, x: Array, y: Array) -> Moment:
    """The mean of y S_m(x) over points x of shape (N, d) and values y of shape (N,)."""
    if y.shape != x.shape[:1] or len(x) < 2:
        raise BackproofError("y", f"shape {y.shape}", f"({len(x)},), two points at least", "match")
    first, second = np.zeros(len(kernel.indices)), np.zeros(len(kernel.indices))
    for start in range(0, len(x), CHUNK):
        terms = kernel(x[start : start + CHUNK]) * y[start : start + CHUNK]
        first += terms.sum(axis=1)
        second += (terms * terms).sum(axis=1)
    mean = first / len(x)
    error = np.sqrt(np.maximum(second / len(x) - mean**2, 0) / (len(x) - 1))
    return Moment(_symmetric(kernel, mean), _symmetric(kernel, error), len(x))


def _symmetric(kernel: ScoreKernel, entries: Array) -> Array:
    """The full tensor of sorted entries."""
    whole = np.zeros((kernel.dimension,) * kernel.order)
    for index, value in zip(kernel.indices, entries, strict=True):
        for place in set(permutations(index)):
            whole[place] = value
    return whole
