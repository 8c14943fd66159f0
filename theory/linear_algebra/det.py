"""The determinant, ∂ det A/∂A[a,b] = det A · A⁻¹[b,a]."""

import mpmath
import sympy as sp

from backproof.theory.equations import Contraction
from backproof.theory.linear_algebra.matrix_function import MatrixFunction, Others
from backproof.theory.notation import Entry, Index


def _slope(own: Entry, others: Others, a: Index, b: Index) -> Contraction:
    return Contraction(sp.S.One, (own, others("inverse", b, a)))


det = MatrixFunction(
    name="det",
    shape=lambda m, n: (),
    numpy="linalg.det({0})",
    latex=r"\det {0}",
    exact=lambda matrix: matrix.det(),
    precise=mpmath.det,
    slope=_slope,
    hypothesis="the matrix is invertible",
    reference="Petersen and Pedersen, The Matrix Cookbook (2012), eq. 49",
    spelled=("numpy.linalg.det", "scipy.linalg.det"),
)
