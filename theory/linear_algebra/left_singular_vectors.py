"""Left singular vectors, the columns of U in the thin A = U diag(σ) Vᵀ.

    ∂U[i,k]/∂A[a,b] = Σ_l G[k,l] U[i,l] (σ[k] U[a,l] Vᵀ[k,b] + σ[l] U[a,k] Vᵀ[l,b])
                      + (δ[i,a] − Σ_l U[i,l] U[a,l]) Vᵀ[k,b] / σ[k]

with G[k,l] = 1/(σ[k]² − σ[l]²) for l ≠ k.  A vector and its partner on the other side are
determined up to a common sign.
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
    *stack, i, k = own.subscripts
    assert isinstance(i, Index)
    assert isinstance(k, Index)
    l = fresh(k)

    def u(row: Index, column: Index) -> Entry:
        return Entry(own.tensor, (*stack, row, column))

    def v(row: Index, column: Index) -> Entry:
        return others("right_singular_vectors", row, column)

    at_k, at_l = others("singular_values", k), others("singular_values", l)
    gaps = reciprocal_gaps(others, at_k, k, l, power=2)
    one, over = sp.S.One, make_map(1 / slot(0), {slot(0): at_k})
    return Sum(
        (
            Contraction(one, (gaps, u(i, l), at_k, u(a, l), v(k, b)), (l,)),
            Contraction(one, (gaps, u(i, l), at_l, u(a, k), v(l, b)), (l,)),
            Contraction(one, (Delta(i, a), v(k, b), over)),
            Contraction(-one, (u(i, l), u(a, l), v(k, b), over), (l,)),
        )
    )


def _no_exact(matrix: sp.Matrix) -> None:
    raise UnsupportedError(
        "left_singular_vectors", "an exact evaluation", "a numerical one", "evaluate with a kernel"
    )


left_singular_vectors = MatrixFunction(
    name="left_singular_vectors",
    shape=lambda m, n: (m, sp.Min(m, n)),
    numpy="linalg.svd({0}, full_matrices=False)[0]",
    latex=r"U\!\left({0}\right)",
    exact=_no_exact,
    precise=lambda matrix: mpmath.svd_r(matrix)[0],
    slope=_slope,
    hypothesis="the singular values are simple and positive",
    reference="J. Townsend, Differentiating the singular value decomposition (2016)",
    square=False,
    turns=False,
    called="U",
)
