"""The logarithm of the absolute determinant, ∂ log|det A|/∂A[a,b] = A⁻¹[b,a]."""

from collections.abc import Callable

import sympy as sp

from backproof.theory.equations import Contraction
from backproof.theory.linear_algebra.matrix_function import MatrixFunction
from backproof.theory.notation import Entry, Index


def _slope(own: Entry, other: Callable[..., Entry], a: Index, b: Index) -> Contraction:
    return Contraction(sp.S.One, (other("inverse", b, a),))


logabsdet = MatrixFunction(
    name="logabsdet",
    outputs=0,
    numpy="linalg.slogdet({0})[1]",
    latex=r"\log\left|\det {0}\right|",
    exact=lambda matrix: sp.log(sp.Abs(matrix.det())),
    slope=_slope,
    hypothesis="the matrix is invertible",
    reference="Petersen and Pedersen, The Matrix Cookbook (2012), eq. 57",
)
