"""Functions of a matrix: one small file each, listed here."""

from backproof.theory.linear_algebra.det import det
from backproof.theory.linear_algebra.detsign import detsign
from backproof.theory.linear_algebra.eigenvalues import eigenvalues
from backproof.theory.linear_algebra.eigenvectors import eigenvectors
from backproof.theory.linear_algebra.inverse import inverse
from backproof.theory.linear_algebra.logabsdet import logabsdet
from backproof.theory.linear_algebra.matrix_function import MatrixFunction

MATRIX_FUNCTIONS = (det, detsign, eigenvalues, eigenvectors, inverse, logabsdet)

BY_NAME = {function.name: function for function in MATRIX_FUNCTIONS}

__all__ = ["BY_NAME", "MATRIX_FUNCTIONS", "MatrixFunction", *(f.name for f in MATRIX_FUNCTIONS)]
