"""Singular values in descending order, ∂σ[k]/∂A[a,b] = U[a,k] Vᵀ[k,b]."""

import mpmath
import sympy as sp

from backproof.theory.equations import Contraction
from backproof.theory.linear_algebra.eigenvalues import exact_eigenvalues
from backproof.theory.linear_algebra.matrix_function import MatrixFunction, Others
from backproof.theory.notation import Entry, Index


def _slope(own: Entry, others: Others, a: Index, b: Index) -> Contraction:
    k = own.subscripts[-1]
    assert isinstance(k, Index)
    left, right = others("left_singular_vectors", a, k), others("right_singular_vectors", k, b)
    return Contraction(sp.S.One, (left, right))


def _exact(matrix: sp.Matrix) -> list[sp.Expr]:
    small = matrix * matrix.T if matrix.rows <= matrix.cols else matrix.T * matrix
    return [sp.sqrt(value) for value in reversed(exact_eigenvalues(small))]


singular_values = MatrixFunction(
    name="singular_values",
    shape=lambda m, n: (sp.Min(m, n),),
    numpy="linalg.svd({0}, compute_uv=False)",
    latex=r"\boldsymbol{{\sigma}}\!\left({0}\right)",
    exact=_exact,
    precise=lambda matrix: list(mpmath.svd_r(matrix, compute_uv=False)),
    slope=_slope,
    hypothesis="the singular values are simple and positive",
    reference="G. W. Stewart and J. Sun, Matrix Perturbation Theory (1990), section IV.3",
    spelled=("numpy.linalg.svdvals", "scipy.linalg.svdvals"),
    square=False,
    called="sigma",
)
