"""The sign of the determinant: constant wherever the determinant is not zero."""

import mpmath
import sympy as sp

from backproof.theory.linear_algebra.matrix_function import MatrixFunction

detsign = MatrixFunction(
    name="detsign",
    shape=lambda m, n: (),
    numpy="linalg.slogdet({0})[0]",
    latex=r"\operatorname{{sgn}} \det {0}",
    exact=lambda matrix: sp.sign(matrix.det()),
    precise=lambda matrix: mpmath.sign(mpmath.det(matrix)),
    slope=lambda own, others, a, b: None,
    hypothesis="the matrix is invertible",
    reference="locally constant",
)
