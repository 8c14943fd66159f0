"""What a function of a matrix is: a call, its value, and a derivative of a few lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import mpmath
import sympy as sp

if TYPE_CHECKING:
    from backproof.theory.equations import Contraction, Sum
    from backproof.theory.notation import Entry, Index

Slope = "Contraction | Sum | None"
Shape = Callable[[sp.Expr, sp.Expr], tuple[sp.Expr, ...]]


class Others(Protocol):
    """The quantities that a derivative is written with, each written down once.

    ``others(name, *at)`` is the entry of another function of the same matrix.
    """

    def __call__(self, name: str, *at: Index) -> Entry: ...

    def matrix(self, row: Index, column: Index) -> Entry:
        """The entry of the matrix itself."""

    def of(self, name: str, matrix: Entry, over: tuple[Index, Index], *at: Index) -> Entry:
        """The entry of a function of another matrix."""

    def named(self, wish: str, indices: Sequence[Index], rhs: Sum) -> Entry:
        """The entry of a quantity that an equation of its own defines."""


@dataclass(frozen=True)
class MatrixFunction:
    """A named function F of a matrix A.

    ``shape(m, n)`` is the shape of F(A) for an m × n matrix.  ``slope(own, others, a, b)`` is
    ∂F(A)/∂A[a,b] as a contraction or a sum of them (`None` for zero): ``own`` is the entry of
    F(A) itself.  A function whose derivative is no finite sum states ``pullback(own, others,
    cotangent, a, b)`` instead, which is Σ cotangent · ∂F(A)/∂A[a,b].  ``numpy`` and ``latex`` are
    formats of A.  ``exact`` is the value of a SymPy matrix, ``precise`` that of an mpmath one.

    ``square`` functions take square matrices only; ``symmetric`` ones read the symmetric part
    (A + Aᵀ)/2, so that all n·n entries of A are independent; ``turns`` says F(Aᵀ) = F(A)ᵀ.
    ``called`` is the name of F(A), as a format of the name of A.
    """

    name: str
    shape: Shape
    numpy: str
    latex: str
    exact: Callable[[sp.Matrix], Any]
    precise: Callable[[mpmath.matrix], Any]
    hypothesis: str
    reference: str
    slope: Callable[..., Contraction | Sum | None] | None = None
    pullback: Callable[..., Contraction] | None = None
    spelled: tuple[str, ...] = ()
    square: bool = True
    symmetric: bool = False
    turns: bool = True
    called: str = ""

    @property
    def outputs(self) -> int:
        """The number of axes of F(A)."""
        return len(self.shape(sp.Symbol("m"), sp.Symbol("n")))


def symmetric_part(matrix: Any) -> Any:
    """(A + Aᵀ)/2."""
    return (matrix + matrix.T) / 2
