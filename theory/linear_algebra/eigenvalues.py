"""Eigenvalues of a symmetric matrix in ascending order, ∂λ[k]/∂A[a,b] = V[a,k] V[b,k]."""

from collections.abc import Callable

import sympy as sp

from backproof.theory.equations import Contraction
from backproof.theory.linear_algebra.matrix_function import MatrixFunction
from backproof.theory.notation import Entry, Index


def _slope(own: Entry, other: Callable[..., Entry], a: Index, b: Index) -> Contraction:
    k = own.subscripts[-1]
    return Contraction(sp.S.One, (other("eigenvectors", a, k), other("eigenvectors", b, k)))


def _sorted(matrix: sp.Matrix) -> list[sp.Expr]:
    found = [value for value, times in matrix.eigenvals().items() for _ in range(times)]
    return sorted(found, key=lambda value: sp.re(value.evalf(50)))


eigenvalues = MatrixFunction(
    name="eigenvalues",
    outputs=1,
    numpy="linalg.eigvalsh({0})",
    latex=r"\lambda\!\left({0}\right)",
    exact=_sorted,
    slope=_slope,
    hypothesis="the matrix is symmetric with simple eigenvalues",
    reference="Petersen and Pedersen, The Matrix Cookbook (2012), eq. 67",
    spelled=("numpy.linalg.eigvalsh",),
)
