"""Triangular factors: Cholesky, and what is solved with it."""

from __future__ import annotations

from typing import Any

from backproof.theory.equations import MatrixValue
from backproof.theory.errors import BackproofError
from backproof.theory.trace.operations.linear import matmul
from backproof.theory.trace.operations.matrices import matrix_of
from backproof.theory.trace.operations.moving import triangle
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Value

Factor = tuple[Value, bool]


def cholesky(statement: Statement, x: Any, *, upper: Any = False) -> Value:
    """The lower factor L of A = L Lᵀ, or Lᵀ."""
    factor = statement.matrix("cholesky", matrix_of(x, "cholesky"))
    return turned(factor) if upper else factor


def scipy_cholesky(statement: Statement, a: Any, lower: Any = False) -> Value:
    """The same with SciPy's default, the upper factor."""
    return cholesky(statement, a, upper=not lower)


def solve_triangular(
    statement: Statement, a: Any, b: Any, trans: Any = 0, lower: Any = False
) -> Value:
    """T⁻¹ b or T⁻ᵀ b for one triangle T of a matrix; the other triangle is not read."""
    inverse = statement.matrix("inverse", _triangle(statement, a, bool(lower)))
    if trans not in (0, 1, "N", "T"):
        raise BackproofError("solve_triangular", f"trans={trans}", "0, 1, 'N' or 'T'", "pick one")
    return matmul(statement, inverse if trans in (0, "N") else turned(inverse), b)


def cho_factor(statement: Statement, a: Any, lower: Any = False) -> Factor:
    """A factor for `cho_solve`, and whether it is the lower one."""
    return scipy_cholesky(statement, a, lower), bool(lower)


def cho_solve(statement: Statement, c_and_lower: Any, b: Any) -> Value:
    """A⁻¹ b = L⁻ᵀ L⁻¹ b."""
    try:
        factor, lower = c_and_lower
    except (TypeError, ValueError):
        raise BackproofError(
            "cho_solve", "no pair", "(factor, lower)", "pass cho_factor(A) or (L, True)"
        ) from None
    inverse = statement.matrix("inverse", _triangle(statement, factor, bool(lower)))
    first, last = (inverse, turned(inverse)) if lower else (turned(inverse), inverse)
    return matmul(statement, last, matmul(statement, first, b))


def _triangle(statement: Statement, x: Any, lower: bool) -> Value:
    """One triangle of a matrix; a Cholesky factor has no other, and is taken as it is."""
    value = statement.bind(matrix_of(x, "triangle"))
    entry = value.entry
    assert entry is not None
    *_, rows, columns = value.axes
    straight = entry.subscripts[-2:] == ((rows, columns) if lower else (columns, rows))
    factor = any(
        isinstance(e.rhs, MatrixValue) and e.rhs.function == "cholesky"
        for e in statement.equations
        if e.tensor == entry.tensor
    )
    return value if factor and straight else triangle(lower, statement, value)


def turned(value: Value) -> Value:
    """The transpose of the matrices in the last two axes."""
    *stack, rows, columns = value.axes
    return Value((*stack, columns, rows), value.rhs)


TABLE: dict[str, Any] = {
    "numpy.linalg.cholesky": cholesky,
    "scipy.linalg.cholesky": scipy_cholesky,
    "scipy.linalg.solve_triangular": solve_triangular,
    "scipy.linalg.cho_factor": cho_factor,
    "scipy.linalg.cho_solve": cho_solve,
}
