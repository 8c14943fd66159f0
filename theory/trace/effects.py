"""What statements do to names, read off their syntax: bind, add to, write into, append to."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence


def stored(nodes: Sequence[ast.stmt]) -> Iterator[str]:
    """The names that statements bind."""
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                yield part.id


def gathered_in(nodes: Sequence[ast.stmt]) -> list[str]:
    """The names that statements add to, write into or append to."""
    found = []
    for node in nodes:
        for part in ast.walk(node):
            target: ast.AST | None = None
            if isinstance(part, ast.AugAssign):
                target = part.target
            elif isinstance(part, ast.Assign) and len(part.targets) == 1:
                target = part.targets[0]
                if isinstance(target, ast.Name) and not _adds_to(target.id, part.value):
                    target = None
            elif (
                isinstance(part, ast.Call)
                and isinstance(part.func, ast.Attribute)
                and part.func.attr == "append"
            ):
                target = part.func.value
            while isinstance(target, ast.Subscript):
                target = target.value
            if isinstance(target, ast.Name):
                found.append(target.id)
    return found


def _adds_to(name: str, value: ast.expr) -> bool:
    """Whether ``value`` is ``name + …``."""
    return (
        isinstance(value, ast.BinOp)
        and isinstance(value.op, ast.Add | ast.Sub)
        and any(isinstance(s, ast.Name) and s.id == name for s in (value.left, value.right))
    )
