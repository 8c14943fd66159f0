"""Shapes and memory of views in generated code, as code of sizes."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence

from backproof.numerics.contraction_order import NOMINAL
from backproof.numerics.planning.arrays import Array, Arrays

OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.floordiv,  # a size is a whole number
    ast.FloorDiv: operator.floordiv,
    ast.Pow: operator.pow,
}


def shape_of(node: ast.expr, arrays: Arrays) -> list[str] | None:
    """The sizes of a view, `None` where they are not plain to see."""
    if isinstance(node, ast.Name):
        return list(arrays[node.id].shape) if node.id in arrays else None
    if isinstance(node, ast.Attribute) and node.attr == "T":
        inner = shape_of(node.value, arrays)
        return inner[::-1] if inner is not None else None
    if isinstance(node, ast.Call):
        return _called(node, arrays)
    if not isinstance(node, ast.Subscript):
        return None
    inner = shape_of(node.value, arrays)
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if inner is None:
        return None
    found: list[str] = []
    for part in parts:
        if isinstance(part, ast.Constant) and part.value is None:
            found.append("1")
            continue
        size = inner.pop(0)
        if isinstance(part, ast.Slice):
            if ast.unparse(part) != ":":
                return None
            found.append(size)
        elif not (isinstance(part, ast.Constant) and isinstance(part.value, int)):
            return None
    return found + inner


def _called(node: ast.Call, arrays: Arrays) -> list[str] | None:
    if isinstance(node.func, ast.Name) and node.func.id == "window":
        inner = shape_of(node.args[0], arrays)
        at = constants(node.args[1:2])
        if inner is None or at is None:
            return None
        extents = [e for e in node.args[3:] if isinstance(e, ast.Tuple)]
        sizes = [ast.unparse(e.elts[0]) for e in extents]
        return inner[: at[0]] + sizes + inner[at[0] + 1 :]
    if isinstance(node.func, ast.Attribute) and node.func.attr == "transpose":
        inner = shape_of(node.func.value, arrays)
        order = constants(node.args)
        return [inner[n] for n in order] if inner is not None and order is not None else None
    return None


def constants(nodes: Sequence[ast.expr]) -> list[int] | None:
    """Whole numbers written out."""
    values = [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, int)]
    return values if len(values) == len(nodes) else None


def axes_of(node: ast.expr, arrays: Arrays) -> tuple[Array, list[int]] | None:
    """The whole array that this is, its axes perhaps in another order, and that order."""
    if isinstance(node, ast.Name):
        array = arrays.get(node.id)
        return (array, list(range(array.rank))) if array is not None else None
    if isinstance(node, ast.Attribute) and node.attr == "T":
        inner = axes_of(node.value, arrays)
        return (inner[0], inner[1][::-1]) if inner is not None else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        inner = axes_of(node.func.value, arrays) if node.func.attr == "transpose" else None
        order = constants(node.args)
        if inner is not None and order is not None:
            return inner[0], [inner[1][n] for n in order]
    return None


def product_of(sizes: Sequence[str]) -> str:
    """The code of the number of entries of axes."""
    return "*".join(f"({s})" if not s.isalnum() else s for s in sizes) or "1"


def value_of(code: str, values: Mapping[str, int]) -> int:
    """The number that the code of a size is, nominal where it is no plain arithmetic of sizes.

    >>> value_of("2*(n - 1)//3", {"n": 10})
    6
    """

    def number(node: ast.expr) -> int:
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            return node.value
        if isinstance(node, ast.Name) and node.id in values:
            return values[node.id]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -number(node.operand)
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            return OPERATORS[type(node.op)](number(node.left), number(node.right))
        raise ArithmeticError(ast.unparse(node))

    try:
        return number(ast.parse(code, mode="eval").body)
    except ArithmeticError:  # of another form, or a quotient by zero
        return NOMINAL
