"""The Cholesky factor: the lower triangle L with A = L Lᵀ and a positive diagonal.

With M = L⁻¹ and Φ[p,j] = 1 below the diagonal, ½ on it and 0 above,

    ∂L[i,j]/∂A[a,b] = ½ Σ_p L[i,p] Φ[p,j] (M[p,a] M[j,b] + M[p,b] M[j,a])
"""

import mpmath
import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.linear_algebra.lower_triangle import lower_mask
from backproof.theory.linear_algebra.matrix_function import (
    MatrixFunction,
    Others,
    symmetric_part,
)
from backproof.theory.notation import Entry, Index, fresh


def _slope(own: Entry, others: Others, a: Index, b: Index) -> Sum:
    *stack, i, j = own.subscripts
    assert isinstance(i, Index)
    assert isinstance(j, Index)
    p = fresh(i)

    def inverse(row: Index, column: Index) -> Entry:
        return others.of("inverse", own, (i, j), row, column)

    left = Entry(own.tensor, (*stack, i, p))
    mask = lower_mask(others, p, j)
    return Sum(
        (
            Contraction(sp.S.Half, (left, mask, inverse(p, a), inverse(j, b)), (p,)),
            Contraction(sp.S.Half, (left, mask, inverse(p, b), inverse(j, a)), (p,)),
            Contraction(-sp.S.Half, (own, inverse(j, a), inverse(j, b))),
        )
    )


cholesky = MatrixFunction(
    name="cholesky",
    shape=lambda m, n: (n, n),
    numpy="linalg.cholesky({0})",
    latex=r"\operatorname{{chol}}\!\left({0}\right)",
    exact=lambda matrix: symmetric_part(matrix).cholesky(hermitian=False),
    precise=lambda matrix: mpmath.cholesky(symmetric_part(matrix)),
    slope=_slope,
    hypothesis="the matrix is symmetric and positive definite",
    reference="I. Murray, Differentiation of the Cholesky decomposition (2016), section 3",
    spelled=("numpy.linalg.cholesky",),
    symmetric=True,
    turns=False,
    called="L",
)
