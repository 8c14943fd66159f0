"""Reading NumPy source by its syntax tree: nothing of the source is ever executed.

Names resolve to inputs, earlier assignments, the modules ``np`` and ``special``, and (for a
function) numbers, modules and functions of its own scope; every operation is looked up by its
full name in `OPERATIONS`.  What is not there is refused with line, column and a suggestion.
"""

from __future__ import annotations

import ast
from typing import Any

from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.trace.expressions import Expressions
from backproof.theory.trace.scope import Function, module_named
from backproof.theory.trace.values import Value

DEEPEST = 32  # calls within calls; more is a recursion


class Returned(Exception):
    """The value of a ``return`` statement, on its way to the caller."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Reader(Expressions):
    """Reads statements: assignments bind names, ``return`` gives the result."""

    inner = False  # inside a called function: names are not the user's quantities
    depth = 0

    # statements ----------------------------------------------------------------------------

    def body(self, nodes: list[ast.stmt]) -> Any:
        """The value that a function body returns."""
        try:
            for node in nodes:
                self.visit(node)
        except Returned as found:
            return found.value
        raise BackproofError(
            self.where, "no return statement", "a returned value", "add 'return …'"
        )

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is None:
            raise BackproofError("return", "no value", "the result", "return an expression")
        raise Returned(self.visit(node.value))

    def visit_Expr(self, node: ast.Expr) -> None:
        if not (isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)):
            raise UnsupportedError(
                "statement", "a value that is dropped", "an assignment", "assign it"
            )

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.scope[alias.asname or alias.name] = module_named(alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self.scope[alias.asname or alias.name] = module_named(f"{node.module}.{alias.name}")

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.scope[node.name] = Function(node, self.scope, self.resolve)

    def visit_Assign(self, node: ast.Assign) -> None:
        value = self.visit(node.value)
        for target in node.targets:
            self._assign(target, value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._assign(node.target, self.visit(node.value))

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if not isinstance(node.target, ast.Name):
            raise UnsupportedError(
                "assignment",
                "a write into part of an array",
                "a new array",
                "build the array in one expression",
            )
        name = node.target.id
        old = self.visit(ast.copy_location(ast.Name(name, ast.Load()), node))
        shared = [k for k, v in self.scope.items() if v is old and k != name]
        if (
            isinstance(old, Value)
            and old.axes
            and (shared or (name in self.statement.tensors and self._is_input(name)))
        ):
            other = shared[0] if shared else "the caller's array"
            raise UnsupportedError(
                "assignment",
                f"in-place change of {name}, which is also {other}",
                "a new array",
                f"write {name} = {name} … instead",
            )
        self._assign(node.target, self.binary(type(node.op), old, self.visit(node.value)))

    def _is_input(self, name: str) -> bool:
        return all(e.tensor.name != name for e in self.statement.equations)

    def _assign(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            values = list(value) if isinstance(value, tuple | list) else None
            if values is None or len(values) != len(target.elts):
                raise UnsupportedError(
                    "assignment", "unpacking of an array", "a tuple such as x.shape", "index it"
                )
            for part, v in zip(target.elts, values, strict=True):
                self._assign(part, v)
            return
        if not isinstance(target, ast.Name):
            raise UnsupportedError(
                "assignment",
                "a write into part of an array",
                "a new array",
                "build the array in one expression",
            )
        if isinstance(value, Value) and value.constant is None:
            value = self.statement.bind(value, None if self.inner else target.id)
        self.scope[target.id] = value

    def call_function(
        self, function: Function, arguments: list[Any], keywords: dict[str, Any]
    ) -> Any:
        node = function.node
        names = [a.arg for a in node.args.args]
        scope = {**function.scope, **dict(zip(names, arguments, strict=False)), **keywords}
        for name, default in zip(names[::-1], node.args.defaults[::-1], strict=False):
            if name not in dict(zip(names, arguments, strict=False)) and name not in keywords:
                scope[name] = self.visit(default)
        missing = [n for n in names if n not in scope]
        if missing or len(arguments) > len(names):
            raise BackproofError(
                "call", f"{len(arguments)} arguments", f"{len(names)}", "match the signature"
            )
        inner = Reader(self.statement, scope, function.resolve, self.where)
        inner.inner, inner.depth = True, self.depth + 1
        if inner.depth > DEEPEST:
            raise UnsupportedError(
                "call", "a function that calls itself", "a formula that ends", "write the loop out"
            )
        if isinstance(node, ast.Lambda):
            return inner.visit(node.body)
        return inner.body(node.body)
