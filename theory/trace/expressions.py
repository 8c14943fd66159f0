"""Expressions by their syntax tree: each node becomes a value, a number, a label or a condition."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Callable
from typing import Any

import sympy as sp

from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.notation import Index, affine, fresh
from backproof.theory.trace.calls import Method, call
from backproof.theory.trace.operands import (
    RELATIONS,
    arithmetic,
    operand,
    positions,
    shape_of,
    static,
)
from backproof.theory.trace.operations import METHODS
from backproof.theory.trace.operations.linear import matmul, transpose
from backproof.theory.trace.operations.pointwise import power
from backproof.theory.trace.operations.selection import select
from backproof.theory.trace.ranges import Range, listed
from backproof.theory.trace.scope import Function, Module, module_named
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Collected, Condition, Label, Value, number


class Expressions(ast.NodeVisitor):
    """Evaluates expressions over values; unknown syntax is an error with its place."""

    def __init__(
        self, statement: Statement, scope: dict[str, Any], resolve: Callable[[str], Any], where: str
    ) -> None:
        self.statement, self.scope, self.resolve, self.where = statement, scope, resolve, where

    def visit(self, node: ast.AST) -> Any:
        """Read a node; errors without a place get this one."""
        try:
            return super().visit(node)
        except BackproofError as error:
            if "line " in error.where or not hasattr(node, "lineno"):
                raise
            column = getattr(node, "col_offset", 0) + 1
            place = f"{self.where}, line {node.lineno}, column {column}: {error.where}"
            raise type(error)(place, error.found, error.expected, error.move) from None

    def generic_visit(self, node: ast.AST) -> Any:
        """Anything without a rule of its own."""
        name = type(node).__name__
        moves = {
            "If": "data-dependent control flow is not differentiated: use np.where",
            "While": "write the loop as array operations",
            "For": "write the loop as array operations or einsum",
            "ListComp": "write the comprehension as array operations or einsum",
            "GeneratorExp": "write the comprehension as array operations or einsum",
            "Try": "keep the formula free of exceptions",
        }
        raise UnsupportedError(
            "syntax", f"'{name}'", "an expression of arrays", moves.get(name, "rewrite it")
        )

    def visit_Name(self, node: ast.Name) -> Any:
        if node.id in self.scope:
            return self.scope[node.id]
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

    def visit_Dict(self, node: ast.Dict) -> dict[str, Any]:
        keys = [k.value if isinstance(k, ast.Constant) else None for k in node.keys]
        named = [k for k in keys if isinstance(k, str)]
        if len(named) < len(keys) or len(set(named)) < len(named) or not named:
            raise UnsupportedError(
                "dictionary", "keys that are no names, or none", "different strings", "name each"
            )
        return dict(zip(named, map(self.visit, node.values), strict=True))

    def visit_ListComp(self, node: ast.ListComp) -> Collected:
        return self._collected(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> Collected:
        return self._collected(node)

    def _collected(self, node: ast.ListComp | ast.GeneratorExp) -> Collected:
        """A comprehension over ranges: each range is an index, the element is its formula."""
        outer = dict(self.scope)
        loops = []
        for generator in node.generators:
            steps = self.visit(generator.iter)
            if (
                generator.ifs
                or not isinstance(steps, Range)
                or not isinstance(generator.target, ast.Name)
            ):
                raise UnsupportedError(
                    "comprehension", "something else", "for i in range(…)", "use ranges"
                )
            index = fresh(Index(self.statement.letters.of(steps.length), steps.length))
            loops.append(index)
            subscript = index if steps.start == 0 else affine(steps.start, [(index, sp.S.One)])
            self.scope[generator.target.id] = Label((), subscript, steps.start + steps.length)
        element = self.visit(node.elt)
        self.scope.clear()
        self.scope.update(outer)
        if isinstance(element, Collected):
            element = listed(element)
        value = operand(element, self.statement)
        return Collected(Value((*loops, *value.axes), value.rhs), len(loops))

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        return Function(node, self.scope, self.resolve)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        return self.binary(type(node.op), self.visit(node.left), self.visit(node.right))

    def binary(self, kind: type[ast.operator], a: Any, b: Any) -> Any:
        s = self.statement
        if static(a) and static(b):
            return arithmetic(kind, sp.sympify(a), sp.sympify(b))
        if isinstance(a, Label) or isinstance(b, Label):
            return positions(kind, a, b)
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
        raise UnsupportedError("operator", kind.__name__, "+ - * / ** @", "rewrite it")

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
        if isinstance(value, Condition):
            return Condition(value.axes, sp.Not(value.relation), value.arguments)
        raise UnsupportedError("operator", type(node.op).__name__, "- or a condition", "rewrite it")

    def visit_Compare(self, node: ast.Compare) -> Any:
        values = [self.visit(v) for v in (node.left, *node.comparators)]
        if any(type(op) not in RELATIONS for op in node.ops) or len(node.ops) != 1:
            raise UnsupportedError(
                "comparison", "a chained or membership test", "one of > >= < <= == !=", "split it"
            )
        relation = RELATIONS[type(node.ops[0])]
        if all(map(static, values)):
            answer = relation(*map(sp.sympify, values))
            if answer not in (sp.true, sp.false):
                raise UnsupportedError(
                    "comparison",
                    f"{answer}, open while sizes are symbols",
                    "a comparison that is decided",
                    "state the size as a number, or drop the test",
                )
            return bool(answer)
        return self.statement.compare(relation, *(operand(v, self.statement) for v in values))

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        test = self.visit(node.test)
        if not isinstance(test, bool):
            raise UnsupportedError(
                "condition", "a test on data", "np.where", "use np.where(test, a, b)"
            )
        return self.visit(node.body if test else node.orelse)

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        value = self.visit(node.value)
        items = self._items(node.slice)
        if isinstance(value, tuple | list):
            return value[int(items[0])]
        if isinstance(value, Label) and all(i is None or i == slice(None) for i in items):
            remaining = iter(value.axes)
            return Label(
                tuple(None if i is None else next(remaining) for i in items),
                value.subscript,
                value.below,
            )
        if not isinstance(value, Value):
            raise UnsupportedError(
                "index", f"a subscript of {value!r}", "a real array", "rewrite it"
            )
        return select(self.statement, value, items)

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
                items.append(self.visit(part))
        return items

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        owner = self.visit(node.value)
        if isinstance(owner, Module):
            return module_named(f"{owner.name}.{node.attr}")
        if isinstance(owner, Value | Label):
            shape = shape_of(owner)
            if node.attr == "shape":
                return shape
            if node.attr == "size":
                return sp.Mul(*shape)
            if node.attr == "ndim":
                return len(shape)
            if isinstance(owner, Value):
                if node.attr == "T":
                    return transpose(self.statement, owner)
                if node.attr in METHODS:
                    return Method(owner, node.attr)
        raise UnsupportedError(
            "attribute", f".{node.attr}", ".T, .shape or a method such as .sum()", "rewrite it"
        )

    def visit_Call(self, node: ast.Call) -> Any:
        function = self.visit(node.func)
        arguments = [self.visit(a) for a in node.args]
        keywords = {k.arg: self.visit(k.value) for k in node.keywords if k.arg is not None}
        starred = any(isinstance(a, ast.Starred) for a in node.args)
        if starred or any(k.arg is None for k in node.keywords):
            raise UnsupportedError("call", "* or **", "explicit arguments", "write them out")
        if isinstance(function, Function):
            return self.call_function(function, arguments, keywords)
        return call(self.statement, function, arguments, keywords)

    def call_function(
        self, function: Function, arguments: list[Any], keywords: dict[str, Any]
    ) -> Any:
        """The value of a function that has source of its own."""
        raise NotImplementedError
