"""The losses by SymPy's matrix expressions, each written in the ways that exist.

SymPy has `MatrixSymbol`, products, `Trace`, `Determinant`, `Inverse`, and functions entry by entry
through `applyfunc`. Where there are several ways to say one thing, all of them are tried, and each
is differentiated both by `diff` and, as an array expression, by `array_derive`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import sympy as sp
from explicit import Evaluation
from losses import Loss
from sympy import Identity, MatrixSymbol, OneMatrix, exp, log, sqrt
from sympy.tensor.array.expressions.arrayexpr_derivatives import array_derive
from sympy.tensor.array.expressions.from_matrix_to_array import convert_matrix_to_array

q = sp.Symbol("q")
n, d, k, m, b, h, s, t, o = sp.symbols("n d k m b h s t o", integer=True, positive=True)
lam, eps = sp.symbols("lambda varepsilon", positive=True)
SIZES = {size.name: size for size in (n, d, k, m, b, h, s, t, o)}
SCALARS = {"lam": lam, "eps": eps}
SOFTPLUS, EXP = sp.Lambda(q, log(1 + exp(q))), sp.Lambda(q, exp(q))
LOG, ONE_OVER, ROOT = sp.Lambda(q, log(q)), sp.Lambda(q, 1 / q), sp.Lambda(q, 1 / sqrt(q))
X, w, y = MatrixSymbol("X", n, d), MatrixSymbol("w", d, 1), MatrixSymbol("y", n, 1)
W, Y = MatrixSymbol("W", d, k), MatrixSymbol("Y", n, k)
x, mu, g = (MatrixSymbol(name, n, 1) for name in ("x", "mu", "g"))
S, Z = MatrixSymbol("S", n, n), MatrixSymbol("X", n, n)
V, a = MatrixSymbol("V", b, n), MatrixSymbol("a", n, 1)
U, c = MatrixSymbol("W", n, h), MatrixSymbol("c", h, 1)
Q, K = MatrixSymbol("Q", s, d), MatrixSymbol("K", t, d)
M, G = MatrixSymbol("V", t, o), MatrixSymbol("G", s, o)
A, B = MatrixSymbol("A", m, n), MatrixSymbol("b", m, 1)


def ones(size: sp.Symbol) -> OneMatrix:
    return OneMatrix(size, 1)


SCORES = Q * K.T / sqrt(d)
CENTRED = x - ones(n) * ones(n).T * x / n
WAYS: dict[str, tuple[str, ...]] = {
    "least squares": ("(X*w - y).T * (X*w - y) / 2",),
    "ridge": ("(X*w - y).T * (X*w - y) / 2 + lam/2 * w.T*w",),
    "logistic": (
        "ones(n).T * (X*w).applyfunc(SOFTPLUS) - y.T*X*w",
        "Trace(ones(n).T * (X*w).applyfunc(SOFTPLUS)) - Trace(y.T*X*w)",
        "ones(n).T * ((X*w).applyfunc(SOFTPLUS) - HadamardProduct(y, X*w))",
    ),
    "softmax": (
        "(Trace(ones(n).T * ((X*W).applyfunc(EXP)*ones(k)).applyfunc(LOG)) - Trace(Y.T*X*W)) / n",
        "ones(n).T * (((X*W).applyfunc(EXP)*ones(k)).applyfunc(LOG)"
        " - HadamardProduct(Y, X*W)*ones(k)) / n",
    ),
    "gaussian": (
        "Trace((x - mu).T * S.inverse() * (x - mu)) / 2 + log(Determinant(S)) / 2",
        "((x - mu).T * S.inverse() * (x - mu))[0, 0] / 2 + log(S.det()) / 2",
        "(x - mu).T * S.inverse() * (x - mu) / 2 + log(Determinant(S)) / 2 * Identity(1)",
    ),
    "boltzmann": (
        "-ones(b).T*V*a - ones(b).T * (V*U + ones(b)*c.T).applyfunc(SOFTPLUS) * ones(h)",
        "-Trace(ones(b).T*V*a)"
        " - Trace(ones(b).T * (V*U + ones(b)*c.T).applyfunc(SOFTPLUS) * ones(h))",
    ),
    "attention": (
        "Trace(G.T * HadamardProduct(SCORES.applyfunc(EXP),"
        " (SCORES.applyfunc(EXP)*OneMatrix(t, t)).applyfunc(ONE_OVER)) * M)",
        "Trace(G.T * DiagMatrix((SCORES.applyfunc(EXP)*ones(t)).applyfunc(ONE_OVER))"
        " * SCORES.applyfunc(EXP) * M)",
    ),
    "layer norm": (
        "g.T*CENTRED / sqrt((CENTRED.T*CENTRED / n)[0, 0] + eps)",
        "g.T*CENTRED * (CENTRED.T*CENTRED / n + eps*Identity(1)).applyfunc(ROOT)",
    ),
    "log-sum-exp": (
        "log((ones(m).T * (A*x + B).applyfunc(EXP))[0, 0])",
        "(ones(m).T * (A*x + B).applyfunc(EXP)).applyfunc(LOG)",
    ),
    "quartic": ("Trace(Z*Z*Z*Z)", "Trace(Z**4)"),
}


def diff(statement: Any, by: MatrixSymbol) -> Any:
    """The derivative as SymPy's documentation of matrix expressions takes it."""
    return statement.diff(by).doit()


def array_derivative(statement: Any, by: MatrixSymbol) -> Any:
    """The derivative as an array expression, which need not be a matrix again."""
    return array_derive(convert_matrix_to_array(statement), by)


CALLS = {
    "({}).diff({}).doit()": diff,
    "array_derive(convert_matrix_to_array({}), {})": array_derivative,
}


class Writing:
    """One way of writing a loss, differentiated by one call."""

    def __init__(self, loss: Loss, way: str, call: Callable[[Any, MatrixSymbol], Any]) -> None:
        self._loss = loss
        # text of the table above, never a user's: the page shows the very call that was made
        self._statement = eval(way, {**vars(sp), **globals()})
        self._symbols = {v.name: v for v in self._statement.atoms(MatrixSymbol)}
        self.result = call(self._statement, self._symbols[loss.wrt])

    def latex(self) -> str:
        return rf"\bar{{{self._loss.wrt}}} = {sp.latex(self.result)}"

    def text(self) -> str:
        return str(self.result)

    def nodes(self) -> int:
        """The nodes of SymPy's tree; which axes an array operation names is not counted."""
        return _nodes(self.result)

    def value(self, which: int) -> np.ndarray:
        """By NumPy: SymPy evaluates only some of these itself."""
        return self._at(self.result, which).reshape(self._loss.numbers(which)[self._loss.wrt].shape)

    def stated_value(self, which: int) -> np.ndarray:
        return self._at(self._statement, which).reshape(())

    def _at(self, expression: Any, which: int) -> np.ndarray:
        numbers, sizes = self._loss.numbers(which), self._loss.sizes(which)
        columns = {name: a if a.ndim == 2 else a[:, None] for name, a in numbers.items() if a.ndim}
        scalars = {SIZES[name]: size for name, size in sizes.items()}
        scalars |= {SCALARS[name]: a.item() for name, a in numbers.items() if not a.ndim}
        return Evaluation(columns, scalars)(expression)


def _nodes(expression: Any) -> int:
    if isinstance(expression, sp.Tuple | tuple | int):
        return 0
    leaf = isinstance(expression, MatrixSymbol | Identity | OneMatrix | sp.ZeroMatrix)
    arguments = () if leaf else getattr(expression, "args", ())
    return 1 + sum(map(_nodes, arguments))


def writings(loss: Loss) -> list[Any]:
    """What is tried, in order."""
    return [
        (shown.format(way, loss.wrt), partial(Writing, loss, way, call))
        for way in WAYS[loss.name]
        for shown, call in CALLS.items()
    ]
