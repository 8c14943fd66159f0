"""The matrix exponential e^A = Σ Aᵏ/k!, and its pullback by an exponential of twice the size.

Σ_ij c[i,j] ∂(e^A)[i,j]/∂A[a,b] = E[a, n + b],   E = exp [Aᵀ c; 0 Aᵀ]
"""

import mpmath
import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.linear_algebra.matrix_function import MatrixFunction, Others
from backproof.theory.notation import Affine, Delta, Entry, Factor, Index, Ones, Subscript, fresh


def _pullback(
    own: Entry, others: Others, cotangent: Contraction, a: Index, b: Index
) -> Contraction:
    *stack, i, j = own.subscripts
    assert isinstance(i, Index)
    assert isinstance(j, Index)
    lead = tuple(x for x in cotangent.free if x not in own.subscripts)
    front = (*lead, *(s for s in stack if isinstance(s, Index)))
    n = i.size
    row, column = (fresh(Index("p", 2 * n)) for _ in range(2))

    def place(index: Index, second: bool) -> Affine:
        return Affine(n if second else sp.S.Zero, ((index, sp.S.One),))

    def block(down: bool, right: bool, term: Contraction) -> Contraction:
        """The term in indices (i, j) moved to a block of the larger matrix."""
        factors: tuple[Factor, ...] = (
            *term.factors,
            Delta(row, place(i, down)),
            Delta(column, place(j, right)),
            *(Ones(x) for x in front if x not in term.free),
        )
        return Contraction(term.coefficient, factors, (*term.over, i, j))

    turned = Contraction(sp.S.One, (others.matrix(j, i),))
    terms = (
        block(False, False, turned),
        block(False, True, cotangent),
        block(True, True, turned),
    )
    large = others.named("B", (*front, row, column), Sum(terms))
    whole = others.of("exponential", large, (row, column), row, column)
    at: tuple[Subscript, ...] = (*front, place(a, False), place(b, True))
    return Contraction(sp.S.One, (Entry(whole.tensor, at),))


exponential = MatrixFunction(
    name="exponential",
    shape=lambda m, n: (n, n),
    numpy="linalg.expm({0})",
    latex=r"\operatorname{{expm}}\!\left({0}\right)",
    exact=lambda matrix: matrix.exp(),
    precise=mpmath.expm,
    pullback=_pullback,
    hypothesis="none",
    reference="N. J. Higham, Functions of Matrices (2008), eq. 3.16",
    spelled=("scipy.linalg.expm",),
    called="E",
)
