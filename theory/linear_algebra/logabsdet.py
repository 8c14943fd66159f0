"""The logarithm of the absolute determinant, ∂ log|det A|/∂A[a,b] = A⁻¹[b,a]."""

import mpmath
import sympy as sp

from backproof.theory.equations import Contraction
from backproof.theory.linear_algebra.matrix_function import MatrixFunction, Others
from backproof.theory.notation import Entry, Index


def _slope(own: Entry, others: Others, a: Index, b: Index) -> Contraction:
    return Contraction(sp.S.One, (others("inverse", b, a),))


logabsdet = MatrixFunction(
    name="logabsdet",
    shape=lambda m, n: (),
    numpy="linalg.slogdet({0})[1]",
    latex=r"\log\left|\det {0}\right|",
    exact=lambda matrix: sp.log(sp.Abs(matrix.det())),
    precise=lambda matrix: mpmath.log(abs(mpmath.det(matrix))),
    slope=_slope,
    hypothesis="the matrix is invertible",
    reference="Petersen and Pedersen, The Matrix Cookbook (2012), eq. 57",
)
