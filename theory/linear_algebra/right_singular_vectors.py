"""Right singular vectors, the rows of Vᵀ in the thin A = U diag(σ) Vᵀ.

    ∂Vᵀ[k,j]/∂A[a,b] = Σ_l G[k,l] Vᵀ[l,j] (σ[l] U[a,l] Vᵀ[k,b] + σ[k] U[a,k] Vᵀ[l,b])
                       + (δ[j,b] − Σ_l Vᵀ[l,j] Vᵀ[l,b]) U[a,k] / σ[k]

with G[k,l] = 1/(σ[k]² − σ[l]²) for l ≠ k.
"""

import mpmath
import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import UnsupportedError
from backproof.theory.linear_algebra.eigenvalues import reciprocal_gaps
from backproof.theory.linear_algebra.matrix_function import MatrixFunction, Others
from backproof.theory.maps import make_map
from backproof.theory.notation import Delta, Entry, Index, fresh, slot


def _slope(own: Entry, others: Others, a: Index, b: Index) -> Sum:
    *stack, k, j = own.subscripts
    assert isinstance(j, Index)
    assert isinstance(k, Index)
    l = fresh(k)

    def u(row: Index, column: Index) -> Entry:
        return others("left_singular_vectors", row, column)

    def v(row: Index, column: Index) -> Entry:
        return Entry(own.tensor, (*stack, row, column))

    at_k, at_l = others("singular_values", k), others("singular_values", l)
    gaps = reciprocal_gaps(others, at_k, k, l, power=2)
    one, over = sp.S.One, make_map(1 / slot(0), {slot(0): at_k})
    return Sum(
        (
            Contraction(one, (gaps, v(l, j), at_l, u(a, l), v(k, b)), (l,)),
            Contraction(one, (gaps, v(l, j), at_k, u(a, k), v(l, b)), (l,)),
            Contraction(one, (Delta(j, b), u(a, k), over)),
            Contraction(-one, (v(l, j), v(l, b), u(a, k), over), (l,)),
        )
    )


def _no_exact(matrix: sp.Matrix) -> None:
    raise UnsupportedError(
        "right_singular_vectors", "an exact evaluation", "a numerical one", "evaluate with a kernel"
    )


right_singular_vectors = MatrixFunction(
    name="right_singular_vectors",
    shape=lambda m, n: (sp.Min(m, n), n),
    numpy="linalg.svd({0}, full_matrices=False)[2]",
    latex=r"V^{{\top}}\!\left({0}\right)",
    exact=_no_exact,
    precise=lambda matrix: mpmath.svd_r(matrix)[2],
    slope=_slope,
    hypothesis="the singular values are simple and positive",
    reference="J. Townsend, Differentiating the singular value decomposition (2016)",
    square=False,
    turns=False,
    called="Vt",
)
