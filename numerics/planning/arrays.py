"""What the planner knows of the arrays in generated code: rank, shape, who owns them."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Set
from dataclasses import dataclass


@dataclass(frozen=True)
class Array:
    """A named array: the code of its sizes, and whether a call may find it as it was left.

    ``kept`` are the buffers, which stay between calls; arguments and results come anew.
    ``below`` bounds the labels of an integer argument; ``order`` is that of its axes in
    memory, where it is not C order.
    """

    name: str
    shape: tuple[str, ...]
    kept: bool
    integer: bool = False
    argument: bool = False
    below: str | None = None
    order: tuple[int, ...] | None = None

    @property
    def rank(self) -> int:
        """The number of its axes."""
        return len(self.shape)

    @property
    def by_columns(self) -> bool:
        """Whether it is a matrix that lies column by column."""
        return self.order == (1, 0)

    @property
    def memory(self) -> tuple[int, ...]:
        """Its axes in the order of memory, the innermost last."""
        return self.order if self.order is not None else tuple(range(self.rank))


Arrays = Mapping[str, Array]


def root(node: ast.expr) -> str | None:
    """The array that an expression is a view of, `None` where it is no view."""
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute | ast.Subscript):
            basic = node.attr == "T" if isinstance(node, ast.Attribute) else _basic(node.slice)
            if not basic:
                return None
            node = node.value
        elif isinstance(node, ast.Call):
            inner = _viewed(node)
            if inner is None:
                return None
            node = inner
        else:
            return None
    return node.id


def _viewed(call: ast.Call) -> ast.expr | None:
    """What a call views: ``a.transpose(…)``, ``a.reshape(…)`` of a whole array, a window."""
    function = call.func
    if isinstance(function, ast.Name) and function.id == "window":
        return call.args[0]
    if isinstance(function, ast.Attribute):
        if function.attr == "transpose":
            return function.value
        if function.attr == "reshape" and isinstance(function.value, ast.Name):
            return function.value  # arrays are in C order: those axes merge and split freely
        if function.attr == "einsum" and len(call.args) == 2:  # a diagonal
            return call.args[1]
    return None


def _basic(index: ast.expr) -> bool:
    """Whether an index selects a view: slices, new axes and whole numbers, known or of sizes."""
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    return all(
        isinstance(p, ast.Slice)
        or (isinstance(p, ast.Constant) and (p.value is None or isinstance(p.value, int)))
        or (isinstance(p, ast.UnaryOp) and isinstance(p.operand, ast.Constant))
        for p in parts
    )


def rank(node: ast.expr, arrays: Arrays) -> int | None:
    """The rank of a view, `None` where it is not known."""
    if isinstance(node, ast.Name):
        return arrays[node.id].rank if node.id in arrays else None
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return rank(node.value, arrays)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return rank(node.func.value, arrays) if node.func.attr == "transpose" else None
    if isinstance(node, ast.Subscript) and _basic(node.slice):
        inner = rank(node.value, arrays)
        if inner is None:
            return None
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        new = sum(isinstance(p, ast.Constant) and p.value is None for p in parts)
        fixed = sum(not isinstance(p, ast.Slice) for p in parts) - new
        return inner + new - fixed
    return None


def names(node: ast.AST) -> set[str]:
    """Every name in a piece of code."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


class Renamed(ast.NodeTransformer):
    """Puts one name in the place of another."""

    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A name."""
        return ast.Name(self.new, node.ctx) if node.id == self.old else node


def number(node: ast.expr, sizes: Set[str]) -> bool:
    """Whether this is arithmetic of numbers and sizes."""
    allowed = ast.Constant | ast.BinOp | ast.UnaryOp | ast.operator | ast.unaryop | ast.Name
    plain = all(isinstance(n, allowed | ast.expr_context) for n in ast.walk(node))
    return plain and names(node) <= sizes
