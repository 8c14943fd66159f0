"""Functions of a matrix: one small file each, listed here."""

from backproof.theory.linear_algebra.cholesky import cholesky
from backproof.theory.linear_algebra.det import det
from backproof.theory.linear_algebra.detsign import detsign
from backproof.theory.linear_algebra.eigenvalues import eigenvalues
from backproof.theory.linear_algebra.eigenvectors import eigenvectors
from backproof.theory.linear_algebra.exponential import exponential
from backproof.theory.linear_algebra.inverse import inverse
from backproof.theory.linear_algebra.left_singular_vectors import left_singular_vectors
from backproof.theory.linear_algebra.logabsdet import logabsdet
from backproof.theory.linear_algebra.matrix_function import MatrixFunction
from backproof.theory.linear_algebra.pseudoinverse import pseudoinverse
from backproof.theory.linear_algebra.right_singular_vectors import right_singular_vectors
from backproof.theory.linear_algebra.singular_values import singular_values

MATRIX_FUNCTIONS = (
    cholesky,
    det,
    detsign,
    eigenvalues,
    eigenvectors,
    exponential,
    inverse,
    left_singular_vectors,
    logabsdet,
    pseudoinverse,
    right_singular_vectors,
    singular_values,
)

BY_NAME = {function.name: function for function in MATRIX_FUNCTIONS}

__all__ = ["BY_NAME", "MATRIX_FUNCTIONS", "MatrixFunction", *(f.name for f in MATRIX_FUNCTIONS)]
