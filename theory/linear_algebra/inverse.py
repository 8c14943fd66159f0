"""The inverse, ∂A⁻¹[i,j]/∂A[a,b] = −A⁻¹[i,a] A⁻¹[b,j]."""

import sympy as sp

from backproof.theory.equations import Contraction
from backproof.theory.linear_algebra.matrix_function import MatrixFunction
from backproof.theory.notation import Entry, Index


def _slope(own: Entry, other: object, a: Index, b: Index) -> Contraction:
    *batch, i, j = own.subscripts
    left = Entry(own.tensor, (*batch, i, a))
    right = Entry(own.tensor, (*batch, b, j))
    return Contraction(-sp.S.One, (left, right))


inverse = MatrixFunction(
    name="inverse",
    outputs=2,
    numpy="linalg.inv({0})",
    latex=r"{{{0}}}^{{-1}}",
    exact=lambda matrix: matrix.inv(),
    slope=_slope,
    hypothesis="the matrix is invertible",
    reference="Petersen and Pedersen, The Matrix Cookbook (2012), eq. 60",
    spelled=("numpy.linalg.inv",),
)
