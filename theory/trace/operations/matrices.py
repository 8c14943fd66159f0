"""Functions of a matrix: inverse, determinant, solve, eigenvalues, singular values, powers."""

from __future__ import annotations

from typing import Any

from backproof.theory.errors import BackproofError
from backproof.theory.linear_algebra import MATRIX_FUNCTIONS
from backproof.theory.trace.operations.linear import matmul, transpose
from backproof.theory.trace.operations.pointwise import value_of
from backproof.theory.trace.operations.selection import select
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


def svd(
    statement: Statement, x: Any, full_matrices: Any = True, compute_uv: Any = True
) -> Value | tuple[Value, ...]:
    """Singular values, or the thin U, σ and Vᵀ."""
    value = statement.bind(_matrix(x, "svd"))
    values = statement.matrix("singular_values", value)
    if not compute_uv:
        return values
    if full_matrices:
        raise BackproofError(
            "np.linalg.svd",
            "full_matrices=True, whose further columns are arbitrary",
            "the thin factors",
            "pass full_matrices=False, or compute_uv=False",
        )
    left = statement.matrix("left_singular_vectors", value)
    return left, values, statement.matrix("right_singular_vectors", value)


def condition(statement: Statement, x: Any, p: Any = None) -> Value:
    """The condition number σ_max/σ_min."""
    if p not in (None, 2):
        raise BackproofError("np.linalg.cond", f"p={p}", "p=2", "write it with norms")
    first, last = (
        statement.bind(singular_value(statement, _matrix(x, "cond"), place)) for place in (0, -1)
    )
    return statement.elementwise(lambda a, b: a / b, first, last)


def singular_value(statement: Statement, value: Value, place: int) -> Value:
    """The first (largest) or last (smallest) singular value."""
    values = statement.matrix("singular_values", value)
    return select(statement, values, [Ellipsis, place])


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


def tril(statement: Statement, x: Any, k: Any = 0) -> Value:
    """The lower triangle."""
    if k != 0:
        raise BackproofError("triangle", f"k={k}", "the main diagonal, k=0", "shift the rows")
    return statement.matrix("lower_triangle", _matrix(x, "triangle"))


def triu(statement: Statement, x: Any, k: Any = 0) -> Value:
    """The upper triangle, the transpose of the transpose's lower one."""
    axes = (*range(len(_matrix(x, "triangle").axes) - 2), -1, -2)
    return transpose(statement, tril(statement, transpose(statement, x, axes), k), axes)


TABLE: dict[str, Any] = {
    **{name: _function(f.name) for f in MATRIX_FUNCTIONS for name in f.spelled},
    "numpy.linalg.slogdet": slogdet,
    "numpy.linalg.solve": solve,
    "numpy.linalg.eigh": eigh,
    "numpy.linalg.svd": svd,
    "numpy.linalg.cond": condition,
    "numpy.linalg.matrix_power": matrix_power,
    "numpy.tril": tril,
    "numpy.triu": triu,
}
