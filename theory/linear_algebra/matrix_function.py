"""What a function of a matrix is: a call, an exact value, and a derivative of one line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sympy as sp

if TYPE_CHECKING:
    from backproof.theory.equations import Contraction


@dataclass(frozen=True)
class MatrixFunction:
    """A named function F of a square matrix A.

    ``outputs`` is the number of axes of F(A).  ``slope(own, other, a, b)`` is ∂F(A)/∂A[a,b] as a
    contraction (`None` for zero): ``own`` is the entry of F(A) itself, and ``other(name, *at)``
    the entry of another matrix function of A.  ``numpy`` and ``latex`` are formats of A.
    """

    name: str
    outputs: int
    numpy: str
    latex: str
    exact: Callable[[sp.Matrix], Any]
    slope: Callable[..., Contraction | None]
    hypothesis: str
    reference: str
    spelled: tuple[str, ...] = ()
