"""Operands of operators: values, numbers and sizes, conditions; labels are refused here."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import UnsupportedError
from backproof.theory.notation import (
    POSITION,
    Delta,
    Entry,
    Map,
    Ones,
    affine,
    bounds,
    position,
    rename_subscript,
    slot,
)
from backproof.theory.scalars import floor
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.steps import listed
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


JOINED: dict[type[ast.operator], Callable[..., sp.Basic]] = {ast.BitAnd: sp.And, ast.BitOr: sp.Or}


def joined(how: Callable[..., sp.Basic], statement: Statement, *conditions: Condition) -> Condition:
    """Conditions joined by and, or, not."""
    return statement.compare(how, *conditions)


MOST_BITS = 4096  # of a whole number that source may spell as a power


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
        same = equality(value)
        if same is not None:
            return Value(value.axes, Sum((Contraction(sp.S.One, (same,)),)))
        return statement.elementwise(lambda c: sp.Piecewise((1, c), (0, True)), value)
    if isinstance(value, Collected):
        return listed(value)
    if isinstance(value, Label):
        return numbers_of(value)
    found = "a dict" if isinstance(value, dict) else repr(value)
    raise UnsupportedError("operand", found, "a real array", "rewrite it")


def numbers_of(label: Label) -> Value:
    """Labels or positions as the numbers they are."""
    subscript = label.subscript
    entry = subscript if isinstance(subscript, Entry) else position(subscript, label.below)
    return Value(label.axes, Sum((Contraction(sp.S.One, (entry,)),)))


def equality(condition: Condition) -> Delta | None:
    """The delta that a comparison of two labels is: ``y[:, None] == np.arange(k)``."""
    relation = condition.relation
    if not isinstance(relation, sp.Eq) or set(relation.args) != {slot(0), slot(1)}:
        return None
    if any(a.tensor.dtype != "integer" for a in condition.arguments):
        return None
    left, right = (a.subscripts[0] if a.tensor.name == POSITION else a for a in condition.arguments)
    return Delta(left, right)


def counted(value: Value) -> bool:
    """Whether a value is made of labels, positions and whole numbers alone, with + − × between."""
    whole = all(t.coefficient.is_integer and not t.over for t in value.rhs.terms)
    factors = [f for f in value.rhs.factors if not isinstance(f, Ones | Delta)]
    maps = [f for f in factors if isinstance(f, Map)]
    entries = [e for f in factors for e in (f.arguments if isinstance(f, Map) else (f,))]
    integer = {slot(n): sp.Dummy(integer=True, nonnegative=True) for n in range(9)}
    return (
        whole
        and all(isinstance(e, Entry) and e.tensor.dtype == "integer" for e in entries)
        and all(m.expression.xreplace(integer).is_integer for m in maps)
    )


def whole_arithmetic(kind: type[ast.operator], a: Value, b: Value, statement: Statement) -> Value:
    """``//``, ``%``, ``>>``, ``<<`` and ``& (2**k - 1)`` of positions and whole numbers."""
    operations: dict[type[ast.operator], Callable[[sp.Expr, sp.Expr], sp.Expr]] = {
        ast.FloorDiv: lambda x, y: sp.floor(x / y),
        ast.Mod: sp.Mod,
        ast.RShift: lambda x, y: sp.floor(x / 2**y),
        ast.LShift: lambda x, y: x * 2**y,
        ast.BitAnd: lambda x, y: sp.Mod(x, y + 1),
    }
    ones = b.constant  # x & 1 is x mod 2; other masks have no such form
    low_bits = ones is not None and ones.is_Integer and ones > 0 and (ones & (ones + 1)) == 0
    if kind not in operations or (kind is ast.BitAnd and not low_bits):
        raise UnsupportedError("operator", kind.__name__, "+ - * / ** @", "rewrite it")
    if kind is ast.FloorDiv and not counted(a):
        return statement.elementwise(lambda x, y: floor(x / y), a, b)
    if kind is ast.Mod and not counted(a):
        return statement.elementwise(lambda x, y: x - y * floor(x / y), a, b)
    if not (counted(a) and counted(b)):
        raise UnsupportedError(
            "operator",
            f"{kind.__name__} of real numbers",
            "+ - * / ** @, or positions and labels",
            "rewrite it",
        )
    return statement.elementwise(operations[kind], a, b)


def arithmetic(kind: type[ast.operator], a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """An operator between numbers and sizes."""
    operations: dict[type[ast.operator], Callable[[], sp.Expr]] = {
        ast.Add: lambda: a + b,
        ast.Sub: lambda: a - b,
        ast.Mult: lambda: a * b,
        ast.Div: lambda: a / b,
        ast.FloorDiv: lambda: _whole_quotient(a, b),
        ast.Mod: lambda: sp.Mod(a, b),
        ast.Pow: lambda: _power(a, b),
    }
    if kind not in operations:
        raise UnsupportedError("operator", kind.__name__, "+ - * / // % **", "rewrite it")
    return operations[kind]()


def _whole_quotient(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """⌊a/b⌋, without the floor where sizes divide: (h n + h) // (n + 1) is h."""
    quotient = sp.cancel(a / b)
    return quotient if quotient.is_integer else sp.floor(quotient)


def _power(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    if a.is_Integer and b.is_Integer and abs(b) * sp.log(abs(a) + 1, 2).evalf() > MOST_BITS:
        raise UnsupportedError(
            "number", f"a power {b} of {a}", "a number of usual size", "check it"
        )
    return a**b


def positions(kind: type[ast.operator], a: Any, b: Any) -> Label | None:
    """Arithmetic of positions, ``i + j`` or ``2*i + 1``: an affine subscript, if it is one."""
    whole = all(isinstance(x, Label) or (static(x) and sp.sympify(x).is_integer) for x in (a, b))
    if not whole:
        return None
    if kind is ast.Mult and (static(a) or static(b)):
        label, factor = (b, a) if static(a) else (a, b)
        return _affine_label([(label, sp.sympify(factor))], sp.S.Zero)
    if kind in (ast.Add, ast.Sub):
        sign = sp.S.One if kind is ast.Add else -sp.S.One
        parts = [(x, c) for x, c in ((a, sp.S.One), (b, sign)) if isinstance(x, Label)]
        offset = sum(
            (c * sp.sympify(x) for x, c in ((a, sp.S.One), (b, sign)) if static(x)), sp.S.Zero
        )
        return _affine_label(parts, offset)
    return None


def _affine_label(parts: list[tuple[Label, sp.Expr]], offset: sp.Expr) -> Label | None:
    if any(isinstance(label.subscript, Entry) for label, _ in parts):
        return None
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
