"""Rows for the chain rule: its rules, the forms they act on, and the reductions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from backproof.theory.calculus.pullbacks import (
    CHAIN,
    EXTREME,
    FACTORS,
    LINEAR,
    LOG_SUM_EXP,
    PRODUCT,
)
from backproof.theory.declarations import array
from laws.rules.planting import (
    delivery,
    doubled,
    everything_symmetric,
    known,
    negated,
    share,
    unlabelled,
    unshifted,
    without_delta,
    without_factor,
)
from laws.rules.row import Row, Symbols

LABELS = array("n", dtype=int, below="m")
USES = "sum over uses"
KNOWN = "what is known"  # of tensors: rows that sum to one, symmetric matrices

RULES = (
    Row(
        LINEAR,
        "x - 3*(A @ y)",
        {"x": "n", "A": "n m", "y": "m"},
        ("x",),
        (share(LINEAR, negated), share(LINEAR, doubled)),
        rational=True,
    ),
    Row(
        PRODUCT,
        "np.einsum('ij,jk,ki->', A, B, A)",
        {"A": "n n", "B": "n n"},
        ("A", "B"),
        (share(PRODUCT, negated), share(PRODUCT, doubled), share(PRODUCT, without_factor)),
        rational=True,
    ),
    Row(
        CHAIN,
        "np.sum(x**2/(1 + y**2)*w)",
        {"x": "n", "y": "n", "w": "n"},
        ("x", "y"),
        (share(CHAIN, negated), share(CHAIN, doubled), share(CHAIN, without_factor)),
        rational=True,
    ),
    Row(
        LOG_SUM_EXP,
        "special.logsumexp(X, axis=1)**2 @ w",
        {"X": "n m", "w": "n"},
        ("X", "w"),
        tuple(share(LOG_SUM_EXP, change) for change in (negated, doubled, without_factor)),
    ),
    Row(
        EXTREME,
        "np.max(X, axis=1)**2 @ w",
        {"X": "n m", "w": "n"},
        ("X",),
        tuple(share(EXTREME, change) for change in (negated, doubled, without_delta)),
    ),
    Row(
        FACTORS,
        "np.prod(X, axis=1)**2 @ w",
        {"X": "n m", "w": "n"},
        ("X", "w"),
        tuple(share(FACTORS, change) for change in (negated, doubled, without_factor)),
    ),
    Row(
        USES,
        "s = x @ w\nt = y @ y\nreturn s*t + np.sum(x*w*t)",
        {"x": "n", "y": "n", "w": "n"},
        ("x", "y"),
        (share(PRODUCT, doubled), share(PRODUCT, negated)),
        rational=True,
    ),
    Row(
        KNOWN,
        "np.sum(P*(special.logsumexp(Z, axis=1)[:, None] - Z))",
        {"P": array("n m", simplex=True), "Z": "n m"},
        ("Z",),
        (known("a simplex sums to −1", negated), known("a simplex sums to 2", doubled)),
        domain={"P": "simplex"},
    ),
    Row(
        KNOWN,
        "x @ S @ x + x @ A @ x",
        {"S": array("n n", symmetric=True), "A": "n n", "x": "n"},
        ("x",),
        (everything_symmetric(),),
        domain={"S": "symmetric"},
        rational=True,
    ),
)

# What stands in an equation: factors, and the subscripts of entries.
FORMS = (
    Row(
        "Entry",
        "x @ A @ x",
        {"x": "n", "A": "n n"},
        ("x", "A"),
        (share(PRODUCT, without_factor),),
        rational=True,
    ),
    Row(
        "Delta",
        "np.sum((A - c*np.eye(A.shape[0]))**2*B)",
        {"A": "n n", "c": "", "B": "n n"},
        ("A", "c"),
        (share(LINEAR, without_delta), share(PRODUCT, without_delta)),
        rational=True,
    ),
    Row(
        "Ones",
        "x[:, None]**2 + c*y[None, :]",
        {"x": "n", "y": "m", "c": ""},
        ("x", "y", "c"),
        (share(PRODUCT, without_factor), share(PRODUCT, doubled)),
        rational=True,
    ),
    Row(
        "Map",
        "np.sum(x/(1 + y*y))",
        {"x": "n", "y": "n"},
        ("y",),
        (share(CHAIN, without_factor), share(CHAIN, negated)),
        rational=True,
    ),
    Row(
        "Index",
        "np.sum(A.T*A*B)",
        {"A": "n n", "B": "n n"},
        ("A",),
        (
            delivery(
                "a transposed subscript",
                lambda e: type(e)(e.tensor, e.subscripts[::-1]) if e.tensor.name == "A" else e,
            ),
        ),
        rational=True,
    ),
    Row(
        "Affine",
        "np.sum(x[1:]*x[:-1]**2*w)",
        {"x": "m+1", "w": "m"},
        ("x",),
        (delivery("windows put back without their offset", unshifted),),
        rational=True,
    ),
    Row(
        "label",
        "np.sum(E[t]**2*A)",
        {"E": "m n", "t": LABELS, "A": "n n"},
        ("E",),
        (delivery("labels taken for zero", unlabelled),),
        rational=True,
    ),
)


def _at(kind: str) -> Callable[[Symbols, Mapping[str, Any]], sp.Expr]:
    """x at the place where y is extreme: near the point that place is fixed."""

    def closed(symbols: Symbols, numbers: Mapping[str, Any]) -> sp.Expr:
        y = numbers["y"]
        place = y.index(max(y) if kind == "argmax" else min(y))
        return symbols["x"][place] ** 2 + sp.Add(*(v**2 for v in symbols["y"]))

    return closed


REDUCTIONS = (
    Row(
        "logsumexp",
        "special.logsumexp(X)**2",
        {"X": "n m"},
        ("X",),
        (share(LOG_SUM_EXP, without_factor), share(LOG_SUM_EXP, negated)),
    ),
    Row(
        "max",
        "np.sum(np.max(X, axis=0)**3*w)",
        {"X": "n m", "w": "m"},
        ("X",),
        (share(EXTREME, without_delta), share(EXTREME, doubled)),
    ),
    Row(
        "min",
        "np.sum(np.min(X, axis=1)**3*w)",
        {"X": "n m", "w": "n"},
        ("X",),
        (share(EXTREME, without_delta), share(EXTREME, negated)),
    ),
    Row(
        "prod",
        "np.prod(X)*c",
        {"X": "n m", "c": ""},
        ("X", "c"),
        (share(FACTORS, without_factor), share(FACTORS, doubled)),
        sizes={"n": 2, "m": 2},
    ),
    Row(
        "argmax",
        "x[np.argmax(y)]**2 + y @ y",
        {"x": "m", "y": "m"},
        ("x", "y"),
        (delivery("labels taken for zero", unlabelled),),
        closed=_at("argmax"),
    ),
    Row(
        "argmin",
        "x[np.argmin(y)]**2 + y @ y",
        {"x": "m", "y": "m"},
        ("x", "y"),
        (delivery("labels taken for zero", unlabelled),),
        sizes={"m": 5},
        closed=_at("argmin"),
    ),
)
