"""Rows for functions of a matrix: one for each, with its value at 2 × 2 where SymPy needs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from backproof.theory.calculus.pullbacks import derivative_of
from backproof.theory.linear_algebra import BY_NAME
from laws.rules.planting import (
    doubled,
    negated,
    of_each_term,
    slope,
    transposed,
    without_delta,
    without_factor,
    without_term,
)
from laws.rules.row import Row, Symbols

NEGATED, DOUBLED = of_each_term(negated), of_each_term(doubled)
SHORTENED = of_each_term(without_factor)
SYMMETRIC = {"A": "symmetric"}
TWO = {"n": 2}


def _part(symbols: Symbols) -> sp.Matrix:
    """(A + Aᵀ)/2, of four independent entries."""
    a = sp.Matrix(symbols["A"])
    return (a + a.T) / 2


def _two_eigenvalues(s: sp.Matrix) -> tuple[sp.Expr, sp.Expr]:
    """Of a symmetric 2 × 2 matrix, in ascending order."""
    middle, half = (s[0, 0] + s[1, 1]) / 2, (s[0, 0] - s[1, 1]) / 2
    radius = sp.sqrt(half**2 + s[0, 1] * s[1, 0])
    return middle - radius, middle + radius


def _projectors(s: sp.Matrix) -> tuple[sp.Matrix, sp.Matrix]:
    """v vᵀ of the two unit eigenvectors, in the order of the eigenvalues."""
    low, high = _two_eigenvalues(s)
    one = sp.eye(2)
    return (high * one - s) / (high - low), (s - low * one) / (high - low)


def _eigenvalues(symbols: Symbols, _: Mapping[str, Any]) -> sp.Expr:
    values = _two_eigenvalues(_part(symbols))
    return sp.Add(*(w * x for w, x in zip(symbols["w"], values, strict=True)))


def _eigenvectors(symbols: Symbols, _: Mapping[str, Any]) -> sp.Expr:
    first, second = _projectors(_part(symbols))
    b = symbols["B"]
    return sp.Add(*(b[i][k] * p[i, i] for i in range(2) for k, p in enumerate((first, second))))


def _gram(symbols: Symbols) -> sp.Matrix:
    """A Aᵀ of a 2 × 3 matrix: its eigenvalues are the squares of the singular values."""
    a = sp.Matrix(symbols["A"])
    return a * a.T


def _singular_values(symbols: Symbols, _: Mapping[str, Any]) -> sp.Expr:
    return sp.Add(*(sp.sqrt(x) ** 3 for x in _two_eigenvalues(_gram(symbols))))


def _left_vectors(symbols: Symbols, _: Mapping[str, Any]) -> sp.Expr:
    last, first = _projectors(_gram(symbols))  # singular values descend
    b = symbols["B"]
    return sp.Add(*(b[i][k] * p[i, i] for i in range(2) for k, p in enumerate((first, last))))


def _right_vectors(symbols: Symbols, _: Mapping[str, Any]) -> sp.Expr:
    a, gram = sp.Matrix(symbols["A"]), _gram(symbols)
    pairs = list(zip(_two_eigenvalues(gram), _projectors(gram), strict=True))[::-1]
    b = symbols["B"]
    turned = [a.T * p * a / x for x, p in pairs]
    return sp.Add(*(b[k][j] * q[j, j] for k, q in enumerate(turned) for j in range(3)))


def _cholesky(symbols: Symbols, _: Mapping[str, Any]) -> sp.Expr:
    s, b = _part(symbols), symbols["B"]
    first = sp.sqrt(s[0, 0])
    below = s[1, 0] / first
    return b[0][0] * first + b[1][0] * below + b[1][1] * sp.sqrt(s[1, 1] - below**2)


def _exponential(symbols: Symbols, _: Mapping[str, Any]) -> sp.Expr:
    """e^A = e^m (cosh s + sinh s/s (A − m)), m half the trace, s² = −det(A − m)."""
    a, b = sp.Matrix(symbols["A"]), sp.Matrix(symbols["B"])
    m = (a[0, 0] + a[1, 1]) / 2
    rest = a - m * sp.eye(2)
    s = sp.sqrt(-rest.det())
    value = sp.exp(m) * (sp.cosh(s) * sp.eye(2) + sp.sinh(s) / s * rest)
    return sp.Add(*(x * y for x, y in zip(value, b, strict=True)))


def like_the_determinant(_: Any) -> Any:
    """A slope where there is none."""
    return BY_NAME["det"].slope


def _row(name: str, source: str, shapes: Mapping[str, str], *mutants: Any, **more: Any) -> Row:
    wrt = more.pop("wrt", ("A",))
    planted = tuple(slope(name, change) for change in mutants)
    return Row(derivative_of(name), source, shapes, wrt, planted, **more)


ROWS = (
    _row(
        "det",
        "np.linalg.det(A)*c",
        {"A": "m m", "c": ""},
        NEGATED,
        DOUBLED,
        transposed,
        SHORTENED,
        rational=True,
    ),
    _row(
        "detsign",
        "np.linalg.slogdet(A)[0]*np.trace(A @ A)",
        {"A": "n n"},
        like_the_determinant,
    ),
    _row(
        "logabsdet",
        "np.linalg.slogdet(A)[1]",
        {"A": "n n"},
        NEGATED,
        DOUBLED,
        transposed,
    ),
    _row(
        "inverse",
        "np.sum(np.linalg.inv(A)*B)",
        {"A": "n n", "B": "n n"},
        NEGATED,
        DOUBLED,
        transposed,
        SHORTENED,
        wrt=("A", "B"),
        rational=True,
    ),
    _row(
        "pseudoinverse",
        "np.sum(np.linalg.pinv(A)*B)",
        {"A": "n m", "B": "m n"},
        NEGATED,
        DOUBLED,
        *(without_term(n) for n in range(5)),
        of_each_term(without_delta, 1),
        rational=True,
    ),
    _row(
        "eigenvalues",
        "np.linalg.eigvalsh(A) @ w",
        {"A": "n n", "w": "n"},
        NEGATED,
        DOUBLED,
        SHORTENED,
        domain=SYMMETRIC,
        closed=_eigenvalues,
    ),
    _row(
        "eigenvectors",
        "np.sum(np.linalg.eigh(A)[1]**2*B)",
        {"A": "n n", "B": "n n"},
        NEGATED,
        DOUBLED,
        SHORTENED,
        without_term(0),
        domain=SYMMETRIC,
        closed=_eigenvectors,
    ),
    _row(
        "singular_values",
        "np.sum(np.linalg.svd(A, compute_uv=False)**3)",
        {"A": "2 3"},
        NEGATED,
        DOUBLED,
        SHORTENED,
        closed=_singular_values,
    ),
    _row(
        "left_singular_vectors",
        "np.sum(np.linalg.svd(A, full_matrices=False)[0]**2*B)",
        {"A": "2 3", "B": "2 2"},
        NEGATED,
        DOUBLED,
        *(without_term(n) for n in range(2)),
        closed=_left_vectors,
    ),
    _row(
        "right_singular_vectors",
        "np.sum(np.linalg.svd(A, full_matrices=False)[2]**2*B)",
        {"A": "2 3", "B": "2 3"},
        NEGATED,
        DOUBLED,
        *(without_term(n) for n in range(4)),
        of_each_term(without_delta, 2),
        closed=_right_vectors,
    ),
    _row(
        "cholesky",
        "np.sum(np.linalg.cholesky(A)*B)",
        {"A": "n n", "B": "n n"},
        NEGATED,
        DOUBLED,
        SHORTENED,
        *(without_term(n) for n in range(2)),
        domain={"A": "definite"},
        closed=_cholesky,
    ),
    _row(
        "exponential",
        "np.sum(scipy.linalg.expm(A)*B)",
        {"A": "n n", "B": "n n"},
        NEGATED,
        DOUBLED,
        transposed,
        closed=_exponential,
        sizes=TWO,
    ),
)
