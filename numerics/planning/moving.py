"""Moving out of a call what depends on sizes alone: views of buffers, counters, numbers.

    np.subtract(z, m[:, None], out=d)   →   column = m[:, None]      (once for each size)
                                            subtract(z, column, d)

The conditions: a view is of a buffer, which stays where it is between calls; any other expression
has no names but sizes.  Nothing that is moved is written to, except through its buffer.
"""

from __future__ import annotations

import ast
from typing import cast

import numpy as np
from scipy import special

from backproof.numerics.planning.arrays import Arrays, names, number, rank, root
from backproof.numerics.planning.preamble import Preamble

MODULES = {"np": np, "special": special}
KNOWN = {*MODULES, "window", "float"}


class Mover(ast.NodeTransformer):
    """Replaces expressions by names of the preamble."""

    def __init__(self, arrays: Arrays, sizes: set[str], preamble: Preamble) -> None:
        self.arrays, self.sizes, self.preamble = arrays, sizes, preamble

    def visit_For(self, node: ast.For) -> ast.For:
        """A loop's counter is no size, and its range is cheap."""
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """A call: its operands moved, and its function by a name of its own."""
        whole = self.moved(node)
        if whole is not None:
            return whole
        function = ufunc(node)
        if function is not None:
            return self._ufunc(node, function)
        node.args = [self.visit(a) for a in node.args]
        for word in node.keywords:
            word.value = self.visit(word.value)
        if isinstance(node.func, ast.Attribute):
            if _module(node.func):
                node.func = self.preamble.function(ast.unparse(node.func))
            else:
                node.func.value = self.visit(node.func.value)
                if isinstance(node.func.value, ast.Name):
                    self._bound(node)
        return node

    def _bound(self, node: ast.Call) -> None:
        """A method of something that stays, such as ``ones.dot``, by a name of its own."""
        assert isinstance(node.func, ast.Attribute)
        assert isinstance(node.func.value, ast.Name)
        name = node.func.value.id
        kept = name in self.preamble.name_of.values() and name not in self.preamble.view_of
        if kept and node.func.attr == "dot":
            node.func = self.preamble.name(f"{name}.dot", "sums")

    def _ufunc(self, node: ast.Call, function: np.ufunc) -> ast.Call:
        """A ufunc: numbers as arrays, ``out`` by position (where NumPy does not deprecate it)."""
        target = next((k.value for k in node.keywords if k.arg == "out"), None)
        others = [k for k in node.keywords if k.arg != "out"]
        owner = root(target) if target is not None else None
        array = self.arrays.get(owner) if owner is not None else None
        real = array is not None and not array.integer and function not in (np.equal, np.not_equal)
        arguments = []
        for argument in node.args:
            if real and number(argument, self.sizes):
                arguments.append(self.preamble.constant(ast.unparse(argument)))
            else:
                arguments.append(self.visit(argument))
        plain = len(arguments) == function.nin and function.nout == 1
        if target is not None and plain and function not in (np.maximum, np.minimum):
            arguments.append(self.visit(target))
        elif target is not None:
            others.append(ast.keyword("out", self.visit(target)))
        return ast.Call(self.preamble.function(ast.unparse(node.func)), arguments, others)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """A transpose, or a name of a module."""
        return self.moved(node) or cast(ast.expr, self.generic_visit(node))

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """A view or a gather."""
        if isinstance(node.ctx, ast.Store):
            if not (isinstance(node.slice, ast.Constant) and node.slice.value is Ellipsis):
                node.slice = self.visit(node.slice)
            if not isinstance(node.value, ast.Name):
                node.value = self.visit(node.value)
            return node
        return self.moved(node) or cast(ast.expr, self.generic_visit(node))

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """Arithmetic of sizes."""
        return self.moved(node) or cast(ast.expr, self.generic_visit(node))

    def moved(self, node: ast.expr) -> ast.expr | None:
        """The name of an expression that may be moved."""
        used = names(node) - (KNOWN - self.arrays.keys())
        if used <= self.sizes:
            if isinstance(node, ast.Call | ast.BinOp) and not _constant(node):
                return self.preamble.name(ast.unparse(node), "k")
            return None
        owner = root(node)
        if owner is None or isinstance(node, ast.Name) or _is_entry(node, self.arrays):
            return None
        array = self.arrays.get(owner)
        if array is None or not array.kept or not used <= {owner, *self.sizes}:
            return None
        return self.preamble.name(ast.unparse(node), f"{owner}_view", owner)


def _is_entry(node: ast.expr, arrays: Arrays) -> bool:
    """Whether this may be one entry, a number, and so no view."""
    if not isinstance(node, ast.Subscript):
        return False
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    sliced = any(isinstance(p, ast.Slice) for p in parts)
    return not sliced and not rank(node, arrays)


def _constant(node: ast.expr) -> bool:
    return all(not isinstance(n, ast.Name | ast.Call) for n in ast.walk(node))


def _module(node: ast.Attribute) -> bool:
    inner: ast.expr = node
    while isinstance(inner, ast.Attribute):
        inner = inner.value
    return isinstance(inner, ast.Name) and inner.id in MODULES


def ufunc(node: ast.Call) -> np.ufunc | None:
    """The ufunc that a call is of."""
    function = node.func
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        found = getattr(MODULES.get(function.value.id), function.attr, None)
        return found if isinstance(found, np.ufunc) else None
    return None
