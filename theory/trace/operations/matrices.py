"""Functions of a matrix: inverse, determinant, solve, eigenvalues, powers."""

from __future__ import annotations

from typing import Any

from backproof.theory.errors import BackproofError
from backproof.theory.linear_algebra import MATRIX_FUNCTIONS
from backproof.theory.trace.operations.linear import matmul
from backproof.theory.trace.operations.pointwise import value_of
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Value


def _function(name: str) -> Any:
    def apply(statement: Statement, x: Any) -> Value:
        return statement.matrix(name, _matrix(x, name))

    return apply


def _matrix(x: Any, who: str) -> Value:
    value = value_of(x)
    if not isinstance(value, Value) or len(value.axes) < 2:
        raise BackproofError(who, "no matrix", "an array of two axes or more", "check the shape")
    return value


def slogdet(statement: Statement, x: Any) -> tuple[Value, Value]:
    """Sign and logarithm of the absolute determinant."""
    value = statement.bind(_matrix(x, "slogdet"))
    return statement.matrix("detsign", value), statement.matrix("logabsdet", value)


def solve(statement: Statement, a: Any, b: Any) -> Value:
    """A⁻¹ b."""
    return matmul(statement, statement.matrix("inverse", _matrix(a, "solve")), b)


def eigh(statement: Statement, x: Any) -> tuple[Value, Value]:
    """Eigenvalues and eigenvectors of a symmetric matrix."""
    value = statement.bind(_matrix(x, "eigh"))
    return statement.matrix("eigenvalues", value), statement.matrix("eigenvectors", value)


def matrix_power(statement: Statement, x: Any, n: Any) -> Value:
    """A product of n equal matrices; a negative n is a power of the inverse."""
    value, count = _matrix(x, "matrix_power"), int(n)
    if count < 0:
        value, count = statement.matrix("inverse", value), -count
    if count == 0:
        raise BackproofError("matrix_power", "power 0", "a power from 1 on", "use np.eye")
    result = value
    for _ in range(count - 1):
        result = matmul(statement, result, value)
    return result


TABLE: dict[str, Any] = {
    **{name: _function(f.name) for f in MATRIX_FUNCTIONS for name in f.spelled},
    "numpy.linalg.slogdet": slogdet,
    "numpy.linalg.solve": solve,
    "numpy.linalg.eigh": eigh,
    "numpy.linalg.matrix_power": matrix_power,
}
