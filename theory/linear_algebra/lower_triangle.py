"""The lower triangle of a square matrix, zeros above: ∂/∂A[a,b] = T[i,j] δ[i,a] δ[j,b].

T is the lower triangle of the matrix of ones.
"""

from collections.abc import Callable
from typing import Any

import mpmath
import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.linear_algebra.matrix_function import MatrixFunction, Others
from backproof.theory.notation import Delta, Entry, Index, Ones


def lower_mask(others: Others, i: Index, j: Index) -> Entry:
    """1 for i ≥ j, 0 above the diagonal."""
    ones = others.named("one", (i, j), Sum((Contraction(sp.S.One, (Ones(i), Ones(j))),)))
    return others.of("lower_triangle", ones, (i, j), i, j)


def _slope(own: Entry, others: Others, a: Index, b: Index) -> Contraction:
    *_, i, j = own.subscripts
    assert isinstance(i, Index)
    assert isinstance(j, Index)
    return Contraction(sp.S.One, (lower_mask(others, i, j), Delta(i, a), Delta(j, b)))


def _lower(make: Callable[..., Any], zero: Any) -> Callable[[Any], Any]:
    def lower(matrix: Any) -> Any:
        rows = matrix.tolist()
        return make([[x if i >= j else zero for j, x in enumerate(r)] for i, r in enumerate(rows)])

    return lower


lower_triangle = MatrixFunction(
    name="lower_triangle",
    shape=lambda m, n: (m, n),
    numpy="np.tril({0})",
    latex=r"\operatorname{{tril}}\!\left({0}\right)",
    exact=_lower(sp.Matrix, sp.S.Zero),
    precise=_lower(mpmath.matrix, mpmath.mpf(0)),
    slope=_slope,
    hypothesis="none",
    reference="linear in the matrix",
    turns=False,
    called="T",
)
