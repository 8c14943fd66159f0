"""Functions of a matrix at a point: extended precision by refinement, and a condition bound.

With X = A⁻¹ (or A⁺), M = L⁻¹ and D = e_A + c·n·u·|A|, to first order

    error(A⁻¹) = |X| D |X|      error(log|det A|) = Σ |Xᵀ| ∘ D      error(λ) = error(σ) = ‖D‖_F
    error(A⁺) = |X| D |X| + |X Xᵀ| Dᵀ |I − A X| + |I − X A| Dᵀ |Xᵀ X|
    error(L) = |L| tril(|M| D |Mᵀ|)      error(e^A) = the upper right block of exp [|A| D; 0 |A|]

Reference: N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed. (2002), sections
7.1 (componentwise perturbation) and 14.6 (determinants); G. W. Stewart and J. Sun, Matrix
Perturbation Theory (1990), section IV.4 (eigenvalues and singular values).
"""

from __future__ import annotations

from collections.abc import Callable

import mpmath
import numpy as np

from backproof.numerics.judge.reference.quantities import Quantities
from backproof.numerics.judge.reference.running import EXTENDED, ZERO, Array, Running, cleaned
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
    matrix = a.value.shape[-2:]
    flat = a.value.reshape(-1, *matrix)
    errors = np.broadcast_to(a.error, a.value.shape).reshape(-1, *matrix)
    pairs = [_one(rule, m, e, here) for m, e in zip(flat, errors, strict=True)]
    shape = here.shape(free)
    value, error = (np.asarray([p[k] for p in pairs], EXTENDED).reshape(shape) for k in (0, 1))
    order = [free.index(i) for i in equation.indices]
    running = Running(value, cleaned(error)).at(lambda array: np.transpose(array, order))
    here.real[equation.tensor.name] = Running(running.value, running.error if here.bounds else ZERO)


def _one(
    rule: Callable[[Array, Array], tuple[Array, Array]], a: Array, e: Array, here: Quantities
) -> tuple[Array, Array]:
    lost = e + GROWTH * max(a.shape) * here.form.unit * np.max(np.abs(a), initial=0)
    try:
        return rule(a, lost)
    except (np.linalg.LinAlgError, ZeroDivisionError, ValueError):  # singular: nothing is known
        shape = np.shape(rule(np.eye(*a.shape, dtype=EXTENDED), lost)[0])
        return np.full(shape, EXTENDED(np.nan)), np.full(shape, EXTENDED(np.inf))


def _precise(a: Array) -> mpmath.matrix:
    high = a.astype(float)
    low = (a - high).astype(float)
    rows, columns = (range(n) for n in a.shape)
    return mpmath.matrix(
        [[mpmath.mpf(high[i, j]) + mpmath.mpf(low[i, j]) for j in columns] for i in rows]
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
    return v, np.broadcast_to(np.sqrt(np.sum(lost**2)) / _gaps(found), v.shape)


def _gaps(values: Array) -> Array:
    """How far each of some numbers is from the nearest other."""
    apart = np.abs(values[:, None] - values[None, :])
    return np.min(apart + np.where(np.eye(len(values)) > 0, np.inf, 0), axis=1, initial=np.inf)


def _singular(a: Array) -> tuple[Array, Array, Array]:
    with mpmath.workprec(100):
        u, values, v = mpmath.svd_r(_precise(a))
        return _array(u), np.asarray([_number(x) for x in values], EXTENDED), _array(v)


def _singular_values(a: Array, lost: Array) -> tuple[Array, Array]:
    values = _singular(a)[1]
    return values, np.full(len(values), np.sqrt(np.sum(lost**2)))


def _left_vectors(a: Array, lost: Array) -> tuple[Array, Array]:
    u, values, _ = _singular(a)
    return u, np.broadcast_to(_turning(values, lost), u.shape)


def _right_vectors(a: Array, lost: Array) -> tuple[Array, Array]:
    _, values, v = _singular(a)
    return v, np.broadcast_to(_turning(values, lost)[:, None], v.shape)


def _turning(values: Array, lost: Array) -> Array:
    """How far singular vectors turn: 2 ‖D‖ over the distance to the next value, or to zero."""
    return 2 * np.sqrt(np.sum(lost**2)) / np.minimum(_gaps(values), values)


def _pseudoinverse(a: Array, lost: Array) -> tuple[Array, Array]:
    with mpmath.workprec(100):
        m = _precise(a)
        small = m * m.T if m.rows < m.cols else m.T * m
        x = _array(m.T * small**-1 if m.rows < m.cols else small**-1 * m.T)
    left, right = (np.eye(n) - p for n, p in zip(a.shape, (a @ x, x @ a), strict=True))
    size, turned = np.abs(x), lost.T
    error = size @ lost @ size + np.abs(x @ x.T) @ turned @ np.abs(left)
    return x, error + np.abs(right) @ turned @ np.abs(x.T @ x)


def _cholesky(a: Array, lost: Array) -> tuple[Array, Array]:
    with mpmath.workprec(100):
        m = mpmath.cholesky(_precise((a + a.T) / 2))
        lower, x = _array(m), np.abs(_array(m**-1))
    return lower, np.abs(lower) @ np.tril(x @ lost @ x.T)


def _exponential(a: Array, lost: Array) -> tuple[Array, Array]:
    n, size = len(a), np.abs(a).astype(float)
    block = np.block([[size, lost.astype(float)], [np.zeros((n, n)), size]])
    with mpmath.workprec(100):
        value = _array(mpmath.expm(_precise(a)))
        spread = _array(mpmath.expm(mpmath.matrix(block.tolist())))
    return value, spread[:n, n:]


RULES: dict[str, Callable[[Array, Array], tuple[Array, Array]]] = {
    "inverse": _inverse,
    "logabsdet": _log_determinant,
    "det": _determinant,
    "detsign": _sign,
    "eigenvalues": _eigenvalues,
    "eigenvectors": _eigenvectors,
    "singular_values": _singular_values,
    "left_singular_vectors": _left_vectors,
    "right_singular_vectors": _right_vectors,
    "pseudoinverse": _pseudoinverse,
    "cholesky": _cholesky,
    "exponential": _exponential,
}
