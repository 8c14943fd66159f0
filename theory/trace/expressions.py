"""Expressions by their syntax tree: each node becomes a value, a number, a label or a condition."""

from __future__ import annotations

import ast
import difflib
from typing import Any

import sympy as sp

from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.notation import Affine, Index, fresh, rename_subscript
from backproof.theory.trace.calls import Method, call
from backproof.theory.trace.comparisons import Comparisons
from backproof.theory.trace.gathering import Closed, Gathering
from backproof.theory.trace.operands import (
    JOINED,
    arithmetic,
    joined,
    numbers_of,
    operand,
    positions,
    shape_of,
    static,
    whole_arithmetic,
)
from backproof.theory.trace.operations import METHODS
from backproof.theory.trace.operations.linear import matmul, transpose
from backproof.theory.trace.operations.pointwise import power
from backproof.theory.trace.operations.selection import places, select
from backproof.theory.trace.scope import Function, Module, module_named
from backproof.theory.trace.steps import Recurrence, Steps, listed
from backproof.theory.trace.values import Collected, Condition, Label, Value, number


class Expressions(Comparisons):
    """Evaluates expressions over values; unknown syntax is an error with its place."""

    def visit(self, node: ast.AST) -> Any:
        """Read a node; errors without a place get this one."""
        try:
            return super().visit(node)
        except sp.SympifyError:
            place = f"{self.where}, line {getattr(node, 'lineno', 1)}"
            found = "data or a counter where a number or size is needed"
            raise UnsupportedError(place, found, "a number or size", "rewrite it") from None
        except BackproofError as error:
            if "line " in error.where or not hasattr(node, "lineno"):
                raise
            column = getattr(node, "col_offset", 0) + 1
            place = f"{self.where}, line {node.lineno}, column {column}: {error.where}"
            raise type(error)(place, error.found, error.expected, error.move) from None

    def generic_visit(self, node: ast.AST) -> Any:
        """Anything without a rule of its own."""
        name = type(node).__name__
        moves = {"While": "write 'for' over a range", "Try": "keep the formula free of exceptions"}
        raise UnsupportedError(
            "syntax", f"'{name}'", "an expression of arrays", moves.get(name, "rewrite it")
        )

    def visit_Name(self, node: ast.Name) -> Any:
        if node.id in self.scope:
            found = self.scope[node.id]
            if isinstance(found, Gathering):
                raise Closed(node.id, "its value of the step before").refusal()
            if isinstance(found, Closed):
                raise found.refusal()
            return found
        found = self.resolve(node.id)
        if found is None:
            known = [*self.scope, "np", "special"]
            close = difflib.get_close_matches(node.id, known, 1)
            move = f"did you mean {close[0]}?" if close else "declare it as an input"
            raise BackproofError(
                "name", f"the unknown name {node.id}", f"one of {', '.join(known)}", move
            )
        return found

    def visit_Constant(self, node: ast.Constant) -> Any:
        value = node.value
        if isinstance(value, bool | int | str) or value is None or value is Ellipsis:
            return value
        if isinstance(value, float):
            return number(value).constant
        raise UnsupportedError("constant", repr(value), "a real number", "rewrite it")

    def visit_Tuple(self, node: ast.Tuple) -> Any:
        return tuple(self.visit(e) for e in node.elts)

    def visit_List(self, node: ast.List) -> Any:
        return [self.visit(e) for e in node.elts]

    def visit_Dict(self, node: ast.Dict) -> dict[Any, Any]:
        keys = [k.value if isinstance(k, ast.Constant) else None for k in node.keys]
        named = [k for k in keys if isinstance(k, str)]
        if len(named) < len(keys) or len(set(named)) < len(named) or not named:
            raise UnsupportedError(
                "dictionary", "keys that are no names, or none", "different strings", "name each"
            )
        return dict(zip(keys, map(self.visit, node.values), strict=True))

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        return Function(node, self.scope, self.resolve)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        return self.binary(type(node.op), self.visit(node.left), self.visit(node.right))

    def binary(self, kind: type[ast.operator], a: Any, b: Any) -> Any:
        s = self.statement
        if static(a) and static(b):
            return arithmetic(kind, sp.sympify(a), sp.sympify(b))
        if isinstance(a, Condition) and isinstance(b, Condition) and kind in JOINED:
            return joined(JOINED[kind], s, a, b)
        if isinstance(a, Label) or isinstance(b, Label):
            place = positions(kind, a, b)
            if place is not None:
                return place
        a, b = operand(a, s), operand(b, s)
        if kind is ast.Add:
            return s.add(a, b)
        if kind is ast.Sub:
            return s.add(a, s.multiply(number(-1), b))
        if kind is ast.Mult:
            return s.multiply(a, b)
        if kind is ast.Div:
            if b.entrywise and a.entrywise:
                return s.elementwise(lambda x, y: x / y, a, b)
            return s.multiply(a, power(s, b, -1))
        if kind is ast.Pow:
            return power(s, a, b)
        if kind is ast.MatMult:
            return matmul(s, a, b)
        return whole_arithmetic(kind, a, b, s)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        value = self.visit(node.operand)
        if isinstance(node.op, ast.UAdd):
            return value
        if isinstance(node.op, ast.USub):
            return (
                -sp.sympify(value)
                if static(value)
                else self.statement.multiply(number(-1), operand(value, self.statement))
            )
        if isinstance(node.op, ast.Not):
            return not self.decided(node.operand)
        if isinstance(value, Condition):
            return Condition(value.axes, sp.Not(value.relation), value.arguments)
        raise UnsupportedError("operator", type(node.op).__name__, "- or a condition", "rewrite it")

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        value = self.visit(node.value)
        items = self._items(node.slice)
        if isinstance(value, tuple | list | dict):
            return self._item(value, items)
        if isinstance(value, Collected):
            value = listed(value)
        if isinstance(value, Label):
            return self._labels_at(value, items)
        if not isinstance(value, Value):
            raise UnsupportedError(
                "index", f"a subscript of {value!r}", "a real array", "rewrite it"
            )
        return select(self.statement, value, items)

    def _item(self, value: Any, items: list[Any]) -> Any:
        """An item, or a slice, of a Python list or dictionary."""
        key: Any = items[0] if len(items) == 1 else None
        if isinstance(key, slice):
            bounds = (key.start, key.stop, key.step)
            key = slice(*(None if b is None else int(b) for b in bounds))
        elif static(key):
            key = int(key)
        elif isinstance(key, Label):
            raise Recurrence("list", "an item at an index", "a number", "stack the list first")
        try:
            return value[key]
        except (KeyError, IndexError, TypeError):
            found = f"the item {key}"
            raise BackproofError("list", found, f"one of {len(value)}", "check it") from None

    def _items(self, node: ast.expr) -> list[Any]:
        parts = node.elts if isinstance(node, ast.Tuple) else [node]
        items: list[Any] = []
        for part in parts:
            if isinstance(part, ast.Slice):
                bounds = [
                    None if b is None else self.visit(b)
                    for b in (part.lower, part.upper, part.step)
                ]
                items.append(slice(*bounds))
            else:
                item = self.visit(part)
                items.append(self._positions(item) if isinstance(item, Steps) else item)
        return items

    def _positions(self, steps: Steps) -> Label:
        """A ``range`` as a subscript."""
        index = fresh(Index(self.statement.letters.of(steps.length), steps.length))
        found = steps.item(index)
        if not isinstance(found, Label):
            raise UnsupportedError("index", "no positions", "a range", "use np.arange")
        return Label((index,), found.subscript, found.below)

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        owner = self._gathered(node.value, node.attr) or self.visit(node.value)
        if isinstance(owner, Module):
            return module_named(f"{owner.name}.{node.attr}")
        if isinstance(owner, Value | Label | Condition):
            shape = shape_of(owner)
            if node.attr == "shape":
                return shape
            if node.attr == "size":
                return sp.Mul(*shape)
            if node.attr == "ndim":
                return len(shape)
            if isinstance(owner, Condition | Label) and node.attr == "astype":
                return Method(owner, node.attr)
            if isinstance(owner, Condition | Label) and node.attr in (*METHODS, "T"):
                owner = operand(owner, self.statement)
            if isinstance(owner, Value):
                if node.attr == "T":
                    return transpose(self.statement, owner)
                if node.attr == "mT" and len(owner.axes) > 1:
                    return Value((*owner.axes[:-2], *owner.axes[:-3:-1]), owner.rhs)
                if node.attr in METHODS:
                    return Method(owner, node.attr)
        raise UnsupportedError(
            "attribute", f".{node.attr}", ".T, .shape or a method such as .sum()", "rewrite it"
        )

    def _gathered(self, node: ast.expr, attribute: str) -> Value | None:
        """The array that a loop writes into, whose shape may be asked while it runs."""
        found = self.scope.get(node.id) if isinstance(node, ast.Name) else None
        if isinstance(found, Gathering) and attribute in ("shape", "size", "ndim"):
            return found.array if isinstance(found.array, Value) else None
        return None

    def row(self, array: Value | Label, k: int | Index) -> Any:
        """One row of an array, at a number or at an index."""
        item = k if isinstance(k, int) else Label((), k, shape_of(array)[0])
        if isinstance(array, Label):
            return self._labels_at(array, [item])
        return select(self.statement, array, [item])

    def _labels_at(self, label: Label, items: list[Any]) -> Label | sp.Expr:
        """Labels picked from an integer array; a position that is a number is that number."""
        where = places(self.statement, numbers_of(label), items)
        new = {a: s for a, s in zip(label.axes, where.subscripts, strict=True) if a is not None}
        subscript = rename_subscript(label.subscript, new)
        if isinstance(subscript, Affine) and not subscript.terms:
            return subscript.offset
        return Label(where.axes, subscript, label.below)

    def visit_Call(self, node: ast.Call) -> Any:
        function = self.visit(node.func)
        arguments = [self.visit(a) for a in node.args]
        keywords = {k.arg: self.visit(k.value) for k in node.keywords if k.arg is not None}
        starred = any(isinstance(a, ast.Starred) for a in node.args)
        if starred or any(k.arg is None for k in node.keywords):
            raise UnsupportedError("call", "* or **", "explicit arguments", "write them out")
        if isinstance(function, Function):
            return self.call_function(function, arguments, keywords)
        return call(self.statement, function, arguments, keywords, self.row)

    def call_function(
        self, function: Function, arguments: list[Any], keywords: dict[str, Any]
    ) -> Any:
        """The value of a function that has source of its own."""
        raise NotImplementedError
