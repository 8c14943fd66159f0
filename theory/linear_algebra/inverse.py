"""The inverse, ∂A⁻¹[i,j]/∂A[a,b] = −A⁻¹[i,a] A⁻¹[b,j]."""

import mpmath
import sympy as sp

from backproof.theory.equations import Contraction
from backproof.theory.linear_algebra.matrix_function import MatrixFunction, Others
from backproof.theory.notation import Entry, Index


def _slope(own: Entry, others: Others, a: Index, b: Index) -> Contraction:
    *stack, i, j = own.subscripts
    left = Entry(own.tensor, (*stack, i, a))
    right = Entry(own.tensor, (*stack, b, j))
    return Contraction(-sp.S.One, (left, right))


inverse = MatrixFunction(
    name="inverse",
    shape=lambda m, n: (n, m),
    numpy="linalg.inv({0})",
    latex=r"{{{0}}}^{{-1}}",
    exact=lambda matrix: matrix.inv(),
    precise=mpmath.inverse,
    slope=_slope,
    hypothesis="the matrix is invertible",
    reference="Petersen and Pedersen, The Matrix Cookbook (2012), eq. 60",
    spelled=("numpy.linalg.inv", "scipy.linalg.inv"),
    called="{0}_inv",
)
