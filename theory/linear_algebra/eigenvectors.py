"""Orthonormal eigenvectors of a symmetric matrix, one a column, in the order of `eigenvalues`.

    ∂V[i,k]/∂A[a,b] = ½ Σ_l G[k,l] V[i,l] (V[a,l] V[b,k] + V[b,l] V[a,k])

with G[k,l] = 1/(λ[k] − λ[l]) for l ≠ k.  Each vector is determined up to its sign, which the
derivative keeps: what a program makes of V should not depend on it.
"""

import mpmath
import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import UnsupportedError
from backproof.theory.linear_algebra.eigenvalues import reciprocal_gaps
from backproof.theory.linear_algebra.matrix_function import (
    MatrixFunction,
    Others,
    symmetric_part,
)
from backproof.theory.notation import Entry, Index, fresh


def _slope(own: Entry, others: Others, a: Index, b: Index) -> Sum:
    *stack, i, k = own.subscripts
    assert isinstance(i, Index)
    assert isinstance(k, Index)
    l = fresh(k)

    def v(row: Index, column: Index) -> Entry:
        return Entry(own.tensor, (*stack, row, column))

    gaps = reciprocal_gaps(others, others("eigenvalues", k), k, l)
    return Sum(
        tuple(
            Contraction(sp.S.Half, (gaps, v(i, l), v(one, l), v(two, k)), (l,))
            for one, two in ((a, b), (b, a))
        )
    )


def _no_exact(matrix: sp.Matrix) -> None:
    raise UnsupportedError(
        "eigenvectors", "an exact evaluation", "a numerical one", "evaluate with a kernel"
    )


eigenvectors = MatrixFunction(
    name="eigenvectors",
    shape=lambda m, n: (n, n),
    numpy="linalg.eigh({0})[1]",
    latex=r"V\!\left({0}\right)",
    exact=_no_exact,
    precise=lambda matrix: mpmath.eigsy(symmetric_part(matrix))[1],
    slope=_slope,
    hypothesis="the matrix is symmetric with simple eigenvalues",
    reference="J. R. Magnus, On differentiating eigenvalues and eigenvectors, Econometric Theory 1 "
    "(1985), theorem 1",
    symmetric=True,
    turns=False,
    called="V",
)
