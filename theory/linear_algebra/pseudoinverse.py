"""The Moore–Penrose inverse P = A⁺ of a matrix of full rank.

∂P[i,j]/∂A[a,b] = −P[i,a] P[b,j] + (P Pᵀ)[i,b] (I − A P)[a,j] + (I − P A)[i,b] (Pᵀ P)[a,j]
"""

from typing import Any

import mpmath
import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.linear_algebra.matrix_function import MatrixFunction, Others
from backproof.theory.notation import Delta, Entry, Index, fresh


def _slope(own: Entry, others: Others, a: Index, b: Index) -> Sum:
    *stack, i, j = own.subscripts
    assert isinstance(i, Index)
    assert isinstance(j, Index)
    r, q, one = fresh(a), fresh(b), sp.S.One

    def p(row: Index, column: Index) -> Entry:
        return Entry(own.tensor, (*stack, row, column))

    rows, columns = (p(i, r), p(b, r)), (p(q, a), p(q, j))
    return Sum(
        (
            Contraction(-one, (p(i, a), p(b, j))),
            Contraction(one, (*rows, Delta(a, j)), (r,)),
            Contraction(-one, (*rows, others.matrix(a, q), p(q, j)), (r, q)),
            Contraction(one, (Delta(i, b), *columns), (q,)),
            Contraction(-one, (p(i, r), others.matrix(r, b), *columns), (r, q)),
        )
    )


def _of_full_rank(matrix: Any, inverse: Any) -> Any:
    turned = matrix.T
    if matrix.rows < matrix.cols:
        return turned * inverse(matrix * turned)
    return inverse(turned * matrix) * turned


pseudoinverse = MatrixFunction(
    name="pseudoinverse",
    shape=lambda m, n: (n, m),
    numpy="linalg.pinv({0})",
    latex=r"{{{0}}}^{{+}}",
    exact=lambda matrix: _of_full_rank(matrix, lambda a: a.inv()),
    precise=lambda matrix: _of_full_rank(matrix, mpmath.inverse),
    slope=_slope,
    hypothesis="the matrix has full rank",
    reference="G. Golub and V. Pereyra, SIAM Journal on Numerical Analysis 10 (1973), eq. 4.12",
    spelled=("numpy.linalg.pinv", "scipy.linalg.pinv"),
    square=False,
    called="{0}_pinv",
)
