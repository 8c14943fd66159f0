"""Comparisons and tests: conditions on data for `np.where`, and what sizes decide."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import sympy as sp

from backproof.theory.errors import UnsupportedError
from backproof.theory.trace.operands import RELATIONS, operand, static
from backproof.theory.trace.statement import Statement

MEMBERSHIP = (ast.Is, ast.IsNot, ast.In, ast.NotIn)


class Comparisons(ast.NodeVisitor):
    """Reads comparisons; a test of data is refused where Python would branch on it."""

    def __init__(
        self, statement: Statement, scope: dict[str, Any], resolve: Callable[[str], Any], where: str
    ) -> None:
        self.statement, self.scope, self.resolve, self.where = statement, scope, resolve, where

    def visit_Compare(self, node: ast.Compare) -> Any:
        values = [self.visit(v) for v in (node.left, *node.comparators)]
        if len(node.ops) == 1 and type(node.ops[0]) in MEMBERSHIP:
            return self._membership(type(node.ops[0]), *values)
        if any(type(op) not in RELATIONS for op in node.ops) or len(node.ops) != 1:
            raise UnsupportedError(
                "comparison", "a chained or membership test", "one of > >= < <= == !=", "split it"
            )
        relation = RELATIONS[type(node.ops[0])]
        if all(isinstance(v, str) or v is None for v in values):
            return bool((values[0] == values[1]) == (relation is sp.Eq))
        if all(isinstance(v, tuple | list) for v in values):
            return self._same_shape(relation, *values)
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

    def _membership(self, kind: type[ast.cmpop], left: Any, right: Any) -> bool:
        """``x is None`` and ``name in (…)``."""
        if kind in (ast.Is, ast.IsNot) and (left is None or right is None):
            return (left is right) == (kind is ast.Is)
        if kind in (ast.In, ast.NotIn) and isinstance(left, str | int | sp.Integer):
            return (left in right) == (kind is ast.In)
        raise UnsupportedError("comparison", kind.__name__, "one of > >= < <= == !=", "rewrite it")

    def _same_shape(self, relation: Any, left: Any, right: Any) -> bool:
        """Two shapes, entry by entry; sizes of different names may or may not be equal."""
        if relation not in (sp.Eq, sp.Ne):
            raise UnsupportedError("comparison", "shapes in order", "== or !=", "compare sizes")
        gaps = [sp.expand(sp.sympify(a) - sp.sympify(b)) for a, b in zip(left, right, strict=False)]
        if len(left) == len(right) and any(g.free_symbols for g in gaps):
            raise UnsupportedError(
                "comparison", "sizes of different names", "one name", "name equal sizes alike"
            )
        return (len(left) == len(right) and not any(gaps)) == (relation is sp.Eq)

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        return self.visit(node.body if self.decided(node.test) else node.orelse)

    def visit_BoolOp(self, node: ast.BoolOp) -> bool:
        """``and`` and ``or`` of tests that sizes decide."""
        join = all if isinstance(node.op, ast.And) else any
        return join(self.decided(value) for value in node.values)

    def decided(self, test: ast.expr) -> bool:
        """A test that does not depend on data."""
        found = self.visit(test)
        plain = bool | int | sp.Integer | str | list | tuple | dict | None
        if not isinstance(found, plain):
            raise UnsupportedError(
                "condition",
                "a test on data",
                "a test that sizes decide",
                "data-dependent control flow is not differentiated: use np.where(test, a, b)",
            )
        return bool(found)
