"""Eigenvalues of a symmetric matrix in ascending order, ∂λ[k]/∂A[a,b] = V[a,k] V[b,k]."""

import mpmath
import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.linear_algebra.matrix_function import (
    MatrixFunction,
    Others,
    symmetric_part,
)
from backproof.theory.maps import make_map
from backproof.theory.notation import Delta, Entry, Factor, Index, Ones, slot


def _slope(own: Entry, others: Others, a: Index, b: Index) -> Contraction:
    k = own.subscripts[-1]
    assert isinstance(k, Index)
    return Contraction(sp.S.One, (others("eigenvectors", a, k), others("eigenvectors", b, k)))


def reciprocal_gaps(others: Others, value: Entry, k: Index, l: Index, power: int = 1) -> Entry:
    """``G[k,l] = 1/(x[k]ᵖ − x[l]ᵖ)`` for k ≠ l, and 0 for k = l, of distinct numbers x.

    It is written without a case, ``gap[k,l] = x[k]ᵖ − x[l]ᵖ + δ[k,l]`` and
    ``G[k,l] = 1/gap[k,l] − δ[k,l]``: on the diagonal the gap is 1.
    """

    def term(sign: sp.Expr, at: Index, other: Index) -> Contraction:
        entry = Entry(value.tensor, (*value.subscripts[:-1], at))
        return Contraction(sign, (*[entry] * power, Ones(other)))

    stack = tuple(s for s in value.subscripts[:-1] if isinstance(s, Index))
    diagonal: tuple[Factor, ...] = (Delta(k, l), *map(Ones, stack))
    terms = (term(sp.S.One, k, l), term(-sp.S.One, l, k), Contraction(sp.S.One, diagonal))
    gap = others.named("gap", (*stack, k, l), Sum(terms))
    one_over = Contraction(sp.S.One, (make_map(1 / slot(0), {slot(0): gap}),))
    return others.named("G", (*stack, k, l), Sum((one_over, Contraction(-sp.S.One, diagonal))))


def exact_eigenvalues(matrix: sp.Matrix) -> list[sp.Expr]:
    """The eigenvalues of a matrix of numbers with their multiplicities, in ascending order."""
    if matrix.free_symbols:
        raise BackproofError("eigenvalues", "symbols to put in order", "numbers", "give numbers")
    found = [value for value, times in matrix.eigenvals().items() for _ in range(times)]
    return sorted(found, key=lambda value: sp.re(value.evalf(50)))


eigenvalues = MatrixFunction(
    name="eigenvalues",
    shape=lambda m, n: (n,),
    numpy="linalg.eigvalsh({0})",
    latex=r"\lambda\!\left({0}\right)",
    exact=lambda matrix: exact_eigenvalues(symmetric_part(matrix)),
    precise=lambda matrix: list(mpmath.eigsy(symmetric_part(matrix), eigvals_only=True)),
    slope=_slope,
    hypothesis="the matrix is symmetric with simple eigenvalues",
    reference="Petersen and Pedersen, The Matrix Cookbook (2012), eq. 67",
    spelled=("numpy.linalg.eigvalsh", "scipy.linalg.eigvalsh"),
    symmetric=True,
)
