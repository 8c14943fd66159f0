"""Functions of a matrix at a point: extended precision by refinement, and a condition bound.

With X = A⁻¹ and D = e_A + c·n·u·|A|, to first order

    error(A⁻¹) = |X| D |X|      error(log|det A|) = Σ |Xᵀ| ∘ D      error(λ) = ‖D‖_F

Reference: N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed. (2002), sections
7.1 (componentwise perturbation) and 14.6 (determinants); G. W. Stewart and J. Sun, Matrix
Perturbation Theory (1990), section IV.4 (eigenvalues).
"""

from __future__ import annotations

from collections.abc import Callable

import mpmath
import numpy as np

from backproof.numerics.judge.quantities import Quantities
from backproof.numerics.judge.running import EXTENDED, ZERO, Array, Running, cleaned
from backproof.theory.equations import Equation, MatrixValue
from backproof.theory.errors import UnsupportedError

GROWTH = 8  # c above: elimination with pivoting, with room for its growth factor


def matrix_value(equation: Equation, rhs: MatrixValue, here: Quantities) -> None:
    """Define the left-hand side of a function of a matrix, one matrix of the stack at a time."""
    rule = RULES.get(rhs.function)
    if rule is None:
        raise UnsupportedError(
            "bp.verify", f"the matrix function {rhs.function}", f"one of {', '.join(RULES)}", "wait"
        )
    operand = here.entry(rhs.operand)
    stack = tuple(i for i in operand.axes if i not in rhs.over)
    free = (*stack, *rhs.out)
    a = operand.along((*stack, *rhs.over))
    n = a.value.shape[-1]
    flat = a.value.reshape(-1, n, n)
    errors = np.broadcast_to(a.error, a.value.shape).reshape(-1, n, n)
    pairs = [_one(rule, m, e, here) for m, e in zip(flat, errors, strict=True)]
    shape = here.shape(free)
    value, error = (np.asarray([p[k] for p in pairs], EXTENDED).reshape(shape) for k in (0, 1))
    order = [free.index(i) for i in equation.indices]
    running = Running(value, cleaned(error)).at(lambda array: np.transpose(array, order))
    here.real[equation.tensor.name] = Running(running.value, running.error if here.bounds else ZERO)


def _one(
    rule: Callable[[Array, Array], tuple[Array, Array]], a: Array, e: Array, here: Quantities
) -> tuple[Array, Array]:
    lost = e + GROWTH * len(a) * here.form.unit * np.max(np.abs(a), initial=0)
    try:
        return rule(a, lost)
    except (np.linalg.LinAlgError, ZeroDivisionError):  # a singular matrix: nothing is known
        shape = np.shape(rule(np.eye(len(a), dtype=EXTENDED), lost)[0])
        return np.full(shape, EXTENDED(np.nan)), np.full(shape, EXTENDED(np.inf))


def _precise(a: Array) -> mpmath.matrix:
    high = a.astype(float)
    low = (a - high).astype(float)
    n = len(a)
    return mpmath.matrix(
        [[mpmath.mpf(high[i, j]) + mpmath.mpf(low[i, j]) for j in range(n)] for i in range(n)]
    )


def _number(x: mpmath.mpf) -> np.longdouble:
    top = float(x)
    return EXTENDED(top) + EXTENDED(float(x - top))


def _array(m: mpmath.matrix) -> Array:
    rows = [[_number(m[i, j]) for j in range(m.cols)] for i in range(m.rows)]
    return np.asarray(rows, EXTENDED).reshape(m.rows, m.cols)


def _inverse(a: Array, lost: Array) -> tuple[Array, Array]:
    with mpmath.workprec(100):
        x = _array(_precise(a) ** -1)
    size = np.abs(x)
    return x, size @ lost @ size


def _log_determinant(a: Array, lost: Array) -> tuple[Array, Array]:
    with mpmath.workprec(100):
        m = _precise(a)
        x, value = _array(m**-1), _number(mpmath.log(abs(mpmath.det(m))))
    return np.asarray(value), np.sum(np.abs(x.T) * lost) + np.abs(value) * EXTENDED(1e-19)


def _determinant(a: Array, lost: Array) -> tuple[Array, Array]:
    with mpmath.workprec(100):
        value = _number(mpmath.det(_precise(a)))
    return np.asarray(value), np.abs(value) * np.expm1(_log_determinant(a, lost)[1])


def _sign(a: Array, lost: Array) -> tuple[Array, Array]:
    value, error = _determinant(a, lost)
    return np.sign(value), np.where(np.abs(value) <= error, EXTENDED(2), EXTENDED(0))


def _eigenvalues(a: Array, lost: Array) -> tuple[Array, Array]:
    with mpmath.workprec(100):
        values = mpmath.eigsy(_precise((a + a.T) / 2), eigvals_only=True)
        found = np.asarray([_number(v) for v in values], EXTENDED)
    return found, np.full(len(a), np.sqrt(np.sum(lost**2)))


def _eigenvectors(a: Array, lost: Array) -> tuple[Array, Array]:
    with mpmath.workprec(100):
        values, vectors = mpmath.eigsy(_precise((a + a.T) / 2))
        found = np.asarray([_number(v) for v in values], EXTENDED)
        v = _array(vectors)
    apart = np.abs(found[:, None] - found[None, :]) + np.where(np.eye(len(a)) > 0, np.inf, 0)
    gap = np.min(apart, axis=1, initial=np.inf)
    return v, np.broadcast_to(np.sqrt(np.sum(lost**2)) / gap, v.shape)


RULES: dict[str, Callable[[Array, Array], tuple[Array, Array]]] = {
    "inverse": _inverse,
    "logabsdet": _log_determinant,
    "det": _determinant,
    "detsign": _sign,
    "eigenvalues": _eigenvalues,
    "eigenvectors": _eigenvectors,
}
