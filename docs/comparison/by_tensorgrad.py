"""The losses by tensorgrad: named edges, `F` for functions, `grad` and `full_simplify`.

Written as its README and its functions' documentation write such losses. Its own display is a
drawing that needs LaTeX; shown is its tree in index notation.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import sympy as sp
import tensorgrad as tg
from indexed import Entry, Evaluation, free, read
from losses import Loss
from tensorgrad import Function, Product, Sum, Variable
from tensorgrad.tensor import Rename
from typeset import equation

n, d, k, m, b, h, s, t, o = sp.symbols("n d k m b h s t o")
X, w, y, lam = Variable("X", n, d), Variable("w", d), Variable("y", n), Variable("lam")
W, Y = Variable("W", d, k), Variable("Y", n, k)
x, mu, g, eps = Variable("x", n), Variable("mu", n), Variable("g", n), Variable("eps")
S = Variable("S", n, n2=n)
V, a, U, c = Variable("V", b, n), Variable("a", n), Variable("W", n, h), Variable("c", h)
Q, K = Variable("Q", s, d), Variable("K", t, d)
M, G = Variable("V", t, o), Variable("G", s, o)
A, B = Variable("A", m, n), Variable("b", m)
Z = Variable("X", n, n2=n)

SIMPLIFIED = ("full_simplify()", "full_simplify(expand=False)")
WAYS: dict[str, tuple[str, ...]] = {
    "least squares": ("F.frobenius2(X @ w - y) / 2",),
    "ridge": ("F.frobenius2(X @ w - y) / 2 + lam @ F.frobenius2(w) / 2",),
    "logistic": ("F.sum(F.log(1 + F.exp(X @ w)) - y * (X @ w))",),
    "softmax": (
        "F.mean(F.cross_entropy(X @ W, Y, dim='k'))",
        "-F.sum(Y * F.log(F.softmax(X @ W, dim='k'))) / F.sum(Ones(n))",
    ),
    "gaussian": ("(x - mu) @ F.inverse(S) @ (x - mu).rename(n='n2') / 2 + F.log(F.det(S)) / 2",),
    "boltzmann": ("-F.sum(V @ a) - F.sum(F.log(1 + F.exp(V @ U + c)))",),
    "attention": ("F.sum(G * (F.softmax(Q @ K / F.sqrt(F.sum(Ones(d))), dim='t') @ M))",),
    "layer norm": (
        "F.sum(g * (x - F.mean(x, dim='n', keepdims=True))"
        " / F.sqrt(F.mean(F.pow(x - F.mean(x, dim='n', keepdims=True), 2)) + eps))",
    ),
    "log-sum-exp": ("F.log(F.sum(F.exp(A @ x + B)))",),
    "quartic": ("F.trace(F.multi_dot([Z, Z, Z, Z], dims=('n', 'n2')))",),
}


class Writing:
    """One way of writing a loss, differentiated and simplified in one way."""

    def __init__(self, loss: Loss, way: str, simplified: str) -> None:
        self._loss, self.stated = loss, f"({way}).grad({loss.wrt}).{simplified}"
        # text of the table above, never a user's: the page shows the very call that was made
        self._statement = eval(way, {**vars(tg), "F": tg.functions, **globals()})
        known = {variable.name: variable for variable in _variables(self._statement)}
        by = known[loss.wrt]
        expand = {} if simplified == SIMPLIFIED[0] else {"expand": False}
        self.result = self._statement.grad(by).full_simplify(**expand)
        self._edges = list(by.edges)

    def latex(self) -> str:
        """Its tree in index notation, since its own display is a drawing."""
        reading = read(self.result, self._edges)
        indices = tuple(free(self.result, self._edges))
        return equation(Entry(rf"\bar{{{self._loss.wrt}}}", indices), reading)

    def text(self) -> str:
        """None beside the formula: the printed tree is a page of constructors."""
        return ""

    def nodes(self) -> int:
        """The nodes of its tree of tensors; renamings of edges are not counted."""
        return _nodes(self.result)

    def value(self, which: int) -> np.ndarray:
        """By NumPy: tensorgrad 0.3 evaluates with named tensors, which torch 2.13 has no more."""
        return self._at(which, self.result, self._edges)

    def stated_value(self, which: int) -> np.ndarray:
        return self._at(which, self._statement.full_simplify(), [])

    def _at(self, which: int, tensor: Any, edges: list[str]) -> np.ndarray:
        at = Evaluation(self._loss.numbers(which), self._loss.sizes(which))
        return at.array(read(tensor, edges), free(tensor, edges))


def _variables(tensor: Any) -> set[Variable]:
    if isinstance(tensor, Variable):
        return {tensor}
    return {v for part in _parts(tensor) for v in _variables(part)}


def _parts(tensor: Any) -> list[Any]:
    match tensor:
        case Rename():
            return [tensor.tensor]
        case Sum():
            return list(tensor.terms)
        case Product():
            return list(tensor.factors)
        case Function():
            return list(tensor.inputs)
    return []


def _nodes(tensor: Any) -> int:
    own = 0 if isinstance(tensor, Rename) else 1
    weights = sum(abs(weight) != 1 for weight in tensor.weights) if isinstance(tensor, Sum) else 0
    return own + weights + sum(map(_nodes, _parts(tensor)))


def writings(loss: Loss) -> list[Any]:
    """What is tried, in order."""
    return [
        (f"({way}).grad({loss.wrt}).{simplified}", partial(Writing, loss, way, simplified))
        for way in WAYS[loss.name]
        for simplified in SIMPLIFIED
    ]
