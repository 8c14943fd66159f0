"""Reading NumPy source by its syntax tree: nothing of the source is ever executed.

Names resolve to inputs, earlier assignments, the modules ``np`` and ``special``, and (for a
function) numbers, modules and functions of its own scope; every operation is looked up by its
full name in `OPERATIONS`.  What is not there is refused with line, column and a suggestion.
"""

from __future__ import annotations

import ast
from typing import Any

from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.trace.gathering import Gathering
from backproof.theory.trace.loops import Loops
from backproof.theory.trace.operands import operand
from backproof.theory.trace.scattering import added
from backproof.theory.trace.scope import Function, module_named
from backproof.theory.trace.steps import steps_of

DEEPEST = 32  # calls within calls; more is a recursion


class Returned(Exception):
    """The value of a ``return`` statement, on its way to the caller."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Reader(Loops):
    """Reads statements: assignments bind names, ``return`` gives the result."""

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
        call = node.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            if call.func.attr in ("append", "extend") and isinstance(call.func.value, ast.Name):
                self._append(call.func.value.id, call)
                return
            if ast.unparse(call.func) in ("np.add.at", "numpy.add.at"):
                self._add_at(call)
                return
        if not (isinstance(call, ast.Constant) and isinstance(call.value, str)):
            raise UnsupportedError(
                "statement", "a value that is dropped", "an assignment", "assign it"
            )

    def _append(self, name: str, call: ast.Call) -> None:
        """``name.append(item)``: the list is Python's, or what a loop gathers."""
        items = [self.visit(a) for a in call.args]
        owner = self.scope.get(name)
        if isinstance(owner, Gathering) and len(items) == 1 and call.func.attr == "append":  # type: ignore[attr-defined]
            owner.append(operand(items[0], self.statement))
            return
        if not isinstance(owner, list) or len(items) != 1:
            raise UnsupportedError("append", f"{name} is no list", "a list", "start with []")
        if call.func.attr == "extend":  # type: ignore[attr-defined]
            owner.extend(steps_of(items[0], self.row).each())
        else:
            owner.append(items[0])
        roots = {r for a in call.args if not isinstance(a, ast.Name) for r in self.roots(a)}
        self.shares.setdefault(name, set()).update(roots)

    def _add_at(self, call: ast.Call) -> None:
        """``np.add.at(array, places, value)``: every place counts, however often it is named."""
        if len(call.args) != 3 or not isinstance(call.args[0], ast.Name):
            raise UnsupportedError("np.add.at", "other arguments", "(name, places, value)", "fix")
        name = call.args[0].id
        old = self._array(name)
        self.check_write(name, f"write into a copy: {name} = {name}.copy()")
        items = self._items(call.args[1])
        self.scope[name] = added(
            self.statement, old, items, operand(self.visit(call.args[2]), self.statement)
        )

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.scope[alias.asname or alias.name] = module_named(alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self.scope[alias.asname or alias.name] = module_named(f"{node.module}.{alias.name}")

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.scope[node.name] = Function(node, self.scope, self.resolve)

    def visit_Assert(self, node: ast.Assert) -> None:
        if not self.decided(node.test):
            raise BackproofError("assert", ast.unparse(node.test), "a true statement", "check it")

    def visit_Pass(self, node: ast.Pass) -> None:
        """Nothing."""

    def visit_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if not isinstance(target, ast.Name) or target.id not in self.scope:
                raise UnsupportedError("del", "no name", "a name", "drop the line")
            del self.scope[target.id]

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
