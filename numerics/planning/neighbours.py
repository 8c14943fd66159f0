"""Neighbouring lines that mean the same as fewer of them.

np.multiply(t, -1, out=t); np.add(t, b, out=t)            →   np.subtract(b, t, out=t)

t[...] = p; t[i] += a; np.multiply(t, c, out=t)           →   np.multiply(p, c, out=t); t[i] += a*c

The first is exact.  The second rounds each product where it rounded their sum, and what cancels
exactly still does.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from backproof.numerics.planning.arrays import names, number
from backproof.numerics.planning.calls import called, keyword, numpy

Lines = Sequence[ast.stmt]
Sizes = frozenset[str]
Rule = Callable[[Lines, Sizes], "tuple[int, list[ast.stmt]] | None"]


def difference(lines: Lines, _: Sizes) -> tuple[int, list[ast.stmt]] | None:
    """A sign that is turned before a sum.

    The condition: what is added is something else.
    """
    if len(lines) < 2:
        return None
    first, second = (
        _in_place(line, f) for line, f in zip(lines, ("multiply", "add"), strict=False)
    )
    if first is None or second is None or first[0] != second[0]:
        return None
    (target, turned), added = first, second[1]
    if ast.unparse(turned) != "-1" or target in names(added):
        return None
    own = ast.Name(target, ast.Load())
    call = ast.Call(numpy("subtract"), [added, own], [ast.keyword("out", own)])
    return 2, [ast.Expr(call)]


def scaled(lines: Lines, sizes: Sizes) -> tuple[int, list[ast.stmt]] | None:
    """A factor of a copy and of what is added to some of its entries.

    The conditions: the copy is of an array, and what is added and the factor are numbers of sizes.
    """
    copied = lines[0]
    if not isinstance(copied, ast.Assign) or not isinstance(copied.value, ast.Name):
        return None
    place = copied.targets[0]
    if not isinstance(place, ast.Subscript) or not isinstance(place.value, ast.Name):
        return None
    if ast.unparse(place.slice) != "...":
        return None
    target, count = place.value.id, 1
    added = []
    while count < len(lines) and (found := _added(lines[count], target, sizes)) is not None:
        added.append(found)
        count += 1
    last = _in_place(lines[count], "multiply") if count < len(lines) else None
    if not added or last is None or last[0] != target or not number(last[1], sizes):
        return None
    factor = last[1]
    own = ast.Name(target, ast.Load())
    product = ast.Call(numpy("multiply"), [copied.value, factor], [ast.keyword("out", own)])
    pieces = [
        ast.AugAssign(line.target, line.op, ast.BinOp(line.value, ast.Mult(), factor))
        for line in added
    ]
    return count + 1, [ast.Expr(product), *pieces]


def _added(line: ast.stmt, target: str, sizes: Sizes) -> ast.AugAssign | None:
    """A number that is added to, or taken from, some entries of the target."""
    if not isinstance(line, ast.AugAssign) or not isinstance(line.op, ast.Add | ast.Sub):
        return None
    place = line.target
    if not isinstance(place, ast.Subscript) or not isinstance(place.value, ast.Name):
        return None
    return line if place.value.id == target and number(line.value, sizes) else None


def _in_place(line: ast.stmt, function: str) -> tuple[str, ast.expr] | None:
    """The target of ``np.function(t, other, out=t)``, and the other operand."""
    call = line.value if isinstance(line, ast.Expr) else None
    if not isinstance(call, ast.Call) or not called(call, function) or len(call.args) != 2:
        return None
    out, (own, other) = keyword(call, "out"), call.args
    if not isinstance(out, ast.Name) or not isinstance(own, ast.Name) or len(call.keywords) != 1:
        return None
    return (out.id, other) if out.id == own.id else None


RULES: tuple[Rule, ...] = (difference, scaled)


def fewer(lines: Lines, sizes: Sizes) -> list[ast.stmt]:
    """The lines, with what the first rule that applies makes of those from each on."""
    left = list(lines)
    made: list[ast.stmt] = []
    while left:
        found = next((f for rule in RULES if (f := rule(left, sizes)) is not None), None)
        count, new = found or (1, left[:1])
        made += new
        left = left[count:]
    return made
