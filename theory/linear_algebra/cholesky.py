"""The Cholesky factor: the lower triangle L with A = L Lᵀ and a positive diagonal.

With M = L⁻¹ and Φ[p,j] = 1 below the diagonal, ½ on it and 0 above,

    ∂L[i,j]/∂A[a,b] = ½ Σ_p L[i,p] Φ[p,j] (M[p,a] M[j,b] + M[p,b] M[j,a])

Other conventions for the entries above the diagonal of A give other derivatives of a program that
is not symmetric in A: here A stands for its symmetric part, as in JAX and PyTorch.
"""

import mpmath
import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.linear_algebra.matrix_function import (
    MatrixFunction,
    Others,
    symmetric_part,
)
from backproof.theory.notation import Entry, Index, Map, fresh, position, slot

HALF_BELOW = sp.Piecewise((1, slot(0) > slot(1)), (sp.S.Half, sp.Eq(slot(0), slot(1))), (0, True))


def _slope(own: Entry, others: Others, a: Index, b: Index) -> Sum:
    *stack, i, j = own.subscripts
    assert isinstance(i, Index)
    assert isinstance(j, Index)
    p = fresh(i)

    def inverse(row: Index, column: Index) -> Entry:
        return others.of("inverse", own, (i, j), row, column)

    left = Entry(own.tensor, (*stack, i, p))
    half = Map(HALF_BELOW, (position(p, p.size), position(j, j.size)))
    mask = others.named("Phi", (p, j), Sum((Contraction(sp.S.One, (half,)),)))
    return Sum(
        (
            Contraction(sp.S.Half, (left, mask, inverse(p, a), inverse(j, b)), (p,)),
            Contraction(sp.S.Half, (left, mask, inverse(p, b), inverse(j, a)), (p,)),
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
    symmetric=True,
    turns=False,
    called="L",
)
