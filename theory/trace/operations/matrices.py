"""Functions of a matrix: inverse, determinant, solve, eigenvalues, singular values, powers."""

from __future__ import annotations

from typing import Any

from backproof.theory.errors import BackproofError
from backproof.theory.linear_algebra import MATRIX_FUNCTIONS
from backproof.theory.trace.operations.linear import matmul
from backproof.theory.trace.operations.pointwise import value_of
from backproof.theory.trace.operations.selection import select
from backproof.theory.trace.operations.statistics import norm
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Value


def _function(name: str) -> Any:
    def apply(statement: Statement, x: Any) -> Value:
        return statement.matrix(name, matrix_of(x, name))

    return apply


def matrix_of(x: Any, who: str) -> Value:
    value = value_of(x)
    if not isinstance(value, Value) or len(value.axes) < 2:
        raise BackproofError(who, "no matrix", "an array of two axes or more", "check the shape")
    return value


def slogdet(statement: Statement, x: Any) -> tuple[Value, Value]:
    """Sign and logarithm of the absolute determinant."""
    value = statement.bind(matrix_of(x, "slogdet"))
    return statement.matrix("detsign", value), statement.matrix("logabsdet", value)


def solve(statement: Statement, a: Any, b: Any) -> Value:
    """A⁻¹ b."""
    return matmul(statement, statement.matrix("inverse", matrix_of(a, "solve")), b)


def eigh(statement: Statement, x: Any) -> tuple[Value, Value]:
    """Eigenvalues and eigenvectors of a symmetric matrix."""
    value = statement.bind(matrix_of(x, "eigh"))
    return statement.matrix("eigenvalues", value), statement.matrix("eigenvectors", value)


def svd(
    statement: Statement, x: Any, full_matrices: Any = True, compute_uv: Any = True
) -> Value | tuple[Value, ...]:
    """Singular values, or the thin U, σ and Vᵀ."""
    value = statement.bind(matrix_of(x, "svd"))
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
    """The condition number σ_max/σ_min, or ‖A‖ ‖A⁻¹‖ in another norm."""
    value = statement.bind(matrix_of(x, "cond"))
    if p not in (None, 2, -2):
        turned = statement.matrix("inverse", value)
        sizes = [norm(statement, part, p, (-2, -1)) for part in (value, turned)]
        return statement.multiply(*sizes)
    values = statement.matrix("singular_values", value)
    places = (-1, 0) if p == -2 else (0, -1)
    first, last = (statement.bind(select(statement, values, [Ellipsis, n])) for n in places)
    return statement.elementwise(lambda a, b: a / b, first, last)


def matrix_power(statement: Statement, x: Any, n: Any) -> Value:
    """A product of n equal matrices; a negative n is a power of the inverse."""
    value, count = matrix_of(x, "matrix_power"), int(n)
    if count < 0:
        value, count = statement.matrix("inverse", value), -count
    if count == 0:
        raise BackproofError("matrix_power", "power 0", "a power from 1 on", "use np.eye")
    result = value
    for _ in range(count - 1):
        result = matmul(statement, result, value)
    return result


BOTH: dict[str, Any] = {  # of NumPy and of SciPy
    "solve": solve,
    "eigh": eigh,
    "svd": svd,
    "norm": norm,
}
TABLE: dict[str, Any] = {
    **{name: _function(f.name) for f in MATRIX_FUNCTIONS for name in f.spelled},
    **{f"{module}.linalg.{name}": BOTH[name] for module in ("numpy", "scipy") for name in BOTH},
    "numpy.linalg.slogdet": slogdet,
    "numpy.linalg.cond": condition,
    "numpy.linalg.matrix_power": matrix_power,
}
