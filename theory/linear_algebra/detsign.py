"""The sign of the determinant: constant wherever the determinant is not zero."""

import sympy as sp

from backproof.theory.linear_algebra.matrix_function import MatrixFunction

detsign = MatrixFunction(
    name="detsign",
    outputs=0,
    numpy="linalg.slogdet({0})[0]",
    latex=r"\operatorname{{sgn}} \det {0}",
    exact=lambda matrix: sp.sign(matrix.det()),
    slope=lambda own, other, a, b: None,
    hypothesis="the matrix is invertible",
    reference="locally constant",
)
