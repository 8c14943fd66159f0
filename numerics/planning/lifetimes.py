"""Lifetimes: between which statements a buffer holds something, and who may take its place.

A buffer lives from the first statement that mentions it (or a view of it) to the last.  An
entrywise call may write over an operand that dies there, in place, if the two have one shape and
no other operand looks at the same memory from another side.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backproof.numerics.planning.arrays import Array, names


@dataclass(frozen=True)
class Lifetime:
    """The first and the last statement, and the buffer whose memory is taken over."""

    buffer: str
    first: int
    last: int
    takes: str | None = None


def lifetimes(
    statements: Sequence[ast.stmt],
    buffers: Mapping[str, Array],
    views: Mapping[str, str],
    entrywise: set[str],
) -> dict[str, Lifetime]:
    """The lifetime of every buffer that is mentioned.

    ``views`` says which names are views of which buffers; ``entrywise`` are the names of ufuncs.
    """
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for position, statement in enumerate(statements):
        for name in names(statement):
            owner = _owner(name, views)
            if owner in buffers:
                first.setdefault(owner, position)
                last[owner] = position
    taken: dict[str, str] = {}
    for position, statement in enumerate(statements):
        pair = _in_place(statement, buffers, views, entrywise)
        for old in pair[1]:
            new = pair[0]
            dies, begins = last[old] == position, first[new] == position
            if dies and begins and old not in taken.values():
                taken[new] = old
                break
    return {n: Lifetime(n, first[n], last[n], taken.get(n)) for n in first}


def _in_place(
    statement: ast.stmt,
    buffers: Mapping[str, Array],
    views: Mapping[str, str],
    entrywise: set[str],
) -> tuple[str, list[str]]:
    """The target of an entrywise call, and the operands that it could be written over."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        return "", []
    named = [word.value for word in call.keywords if word.arg == "out"]
    if call.func.id not in entrywise or len(call.keywords) != len(named):
        return "", []
    *operands, target = *call.args, *named
    if not isinstance(target, ast.Name) or target.id not in buffers:
        return "", []
    seen = [_owner(n, views) for o in operands for n in names(o) if n in views]
    own = buffers[target.id]
    fits = [
        o.id
        for o in operands
        if isinstance(o, ast.Name)
        and o.id in buffers
        and o.id != target.id
        and o.id not in seen
        and _alike(buffers[o.id], own)
    ]
    return target.id, fits


def _owner(name: str, views: Mapping[str, str]) -> str:
    """The buffer behind a name, which may be a view of a view."""
    while name in views:
        name = views[name]
    return name


def _alike(one: Array, other: Array) -> bool:
    """Whether the entries of two buffers lie in memory in one way."""
    return (one.shape, one.integer, one.memory) == (
        other.shape, other.integer, other.memory,
    )  # fmt: skip
