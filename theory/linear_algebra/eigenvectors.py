"""Orthonormal eigenvectors of a symmetric matrix, one a column, in the order of `eigenvalues`."""

from typing import Any

import sympy as sp

from backproof.theory.errors import UnsupportedError
from backproof.theory.linear_algebra.matrix_function import MatrixFunction


def _slope(*_: Any) -> None:
    raise UnsupportedError(
        "eigenvectors",
        "a derivative of eigenvectors",
        "of eigenvalues",
        "differentiate the eigenvalues",
    )


def _no_exact(matrix: sp.Matrix) -> None:
    raise UnsupportedError(
        "eigenvectors", "an exact evaluation", "a numerical one", "evaluate with a kernel"
    )


eigenvectors = MatrixFunction(
    name="eigenvectors",
    outputs=2,
    numpy="linalg.eigh({0})[1]",
    latex=r"V\!\left({0}\right)",
    exact=_no_exact,
    slope=_slope,
    hypothesis="the matrix is symmetric with simple eigenvalues",
    reference="Golub and Van Loan, Matrix Computations, 4th ed. (2013), chapter 8",
)
