"""The order of a buffer's axes in memory: columns one after another where rows are short.

A matrix of N rows of a few entries is reduced, multiplied and exponentiated column by column, in
long vectors.  The condition is the shape: at most `NARROW` columns, a known number, and rows that
are more or of a number that calls tell.  Buffers of one shape have one order, so entrywise calls
run through memory in one direction.  Only what stays inside the kernel is so; results are in C
order.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from backproof.numerics.operand_code import Buffer

NARROW = 16


def by_columns(buffers: Iterable[Buffer], lines: Sequence[str]) -> frozenset[str]:
    """The buffers that are kept column by column; none that a line reshapes."""
    reshaped = {
        node.func.value.id
        for line in lines
        for node in ast.walk(ast.parse(line))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "reshape"
        and isinstance(node.func.value, ast.Name)
    }
    return frozenset(b.name for b in buffers if _narrow(b) and b.name not in reshaped)


def _narrow(buffer: Buffer) -> bool:
    if len(buffer.shape) != 2 or buffer.integer:
        return False
    rows, columns = buffer.shape
    if not columns.is_Integer or not 1 < columns <= NARROW:
        return False
    return not rows.is_Integer or bool(rows > columns)
