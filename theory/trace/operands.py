"""Operands of operators: values, numbers and sizes, conditions; labels are refused here."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import sympy as sp

from backproof.theory.errors import UnsupportedError
from backproof.theory.notation import Entry, affine, bounds, rename_subscript
from backproof.theory.trace.ranges import listed
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import (
    Collected,
    Condition,
    Label,
    Value,
    broadcast_axes,
    number,
)

RELATIONS: dict[type[ast.cmpop], Callable[..., sp.Basic]] = {
    ast.Gt: sp.Gt,
    ast.GtE: sp.Ge,
    ast.Lt: sp.Lt,
    ast.LtE: sp.Le,
    ast.Eq: sp.Eq,
    ast.NotEq: sp.Ne,
}


def static(value: Any) -> bool:
    """Whether a value is a number or size, known while the source is read."""
    return isinstance(value, int | float | sp.Expr) and not isinstance(value, bool)


def operand(value: Any, statement: Statement) -> Value:
    """Anything that arithmetic accepts, as a value; a condition counts as 0 and 1."""
    if isinstance(value, Value):
        return value
    if static(value) or isinstance(value, bool):
        return number(value)
    if isinstance(value, Condition):
        return statement.elementwise(lambda c: sp.Piecewise((1, c), (0, True)), value)
    if isinstance(value, Collected):
        return listed(value)
    if isinstance(value, Label):
        raise UnsupportedError(
            "operand",
            "an integer array in arithmetic",
            "a real array",
            "use the labels as a subscript only",
        )
    found = "a dict" if isinstance(value, dict) else repr(value)
    raise UnsupportedError("operand", found, "a real array", "rewrite it")


def arithmetic(kind: type[ast.operator], a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """An operator between numbers and sizes."""
    operations: dict[type[ast.operator], Callable[[], sp.Expr]] = {
        ast.Add: lambda: a + b,
        ast.Sub: lambda: a - b,
        ast.Mult: lambda: a * b,
        ast.Div: lambda: a / b,
        ast.FloorDiv: lambda: sp.floor(a / b),
        ast.Mod: lambda: sp.Mod(a, b),
        ast.Pow: lambda: a**b,
    }
    if kind not in operations:
        raise UnsupportedError("operator", kind.__name__, "+ - * / // % **", "rewrite it")
    return operations[kind]()


def positions(kind: type[ast.operator], a: Any, b: Any) -> Label:
    """Arithmetic of positions, ``i + j`` or ``2*i + 1``: an affine subscript."""
    if kind is ast.Mult and (static(a) or static(b)):
        label, factor = (b, a) if static(a) else (a, b)
        return _affine_label([(label, sp.sympify(factor))], sp.S.Zero)
    if kind in (ast.Add, ast.Sub):
        sign = sp.S.One if kind is ast.Add else -sp.S.One
        parts = [(x, c) for x, c in ((a, sp.S.One), (b, sign)) if isinstance(x, Label)]
        offset = sum(
            (c * sp.sympify(x) for x, c in ((a, sp.S.One), (b, sign)) if static(x)), sp.S.Zero
        )
        if all(isinstance(x, Label) or static(x) for x in (a, b)):
            return _affine_label(parts, offset)
    raise UnsupportedError(
        "operand",
        "an integer array in arithmetic",
        "a real array",
        "use the labels as a subscript only",
    )


def _affine_label(parts: list[tuple[Label, sp.Expr]], offset: sp.Expr) -> Label:
    if any(isinstance(label.subscript, Entry) for label, _ in parts):
        raise UnsupportedError(
            "operand",
            "arithmetic of labels",
            "the labels as they are",
            "shift them before the call",
        )
    axes, renames = broadcast_axes([label.axes for label, _ in parts])
    terms = [
        (rename_subscript(label.subscript, new), c)
        for (label, c), new in zip(parts, renames, strict=True)
    ]
    subscript = affine(offset, terms)
    return Label(axes, subscript, bounds(subscript)[1] + 1)


def shape_of(array: Any) -> tuple[sp.Expr, ...]:
    """The shape of a value or label, one for an axis without index."""
    return tuple(sp.S.One if a is None else a.size for a in array.axes)
