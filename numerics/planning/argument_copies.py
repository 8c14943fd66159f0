"""Copies of matrix arguments by columns, for the lines that are cheaper so.

    np.matmul(W1, x.T, out=z1.T)   →   np.copyto(x_by_columns, x)
                                       np.matmul(W1, x_by_columns.T, out=z1.T)

The condition is that of `matrix_orders`: all lines that read the copy save more than it costs.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from backproof.numerics.operand_code import Buffer
from backproof.numerics.planning.arrays import Array, Renamed
from backproof.numerics.planning.calls import numpy
from backproof.numerics.planning.matrix_lines import Turned
from backproof.numerics.planning.matrix_orders import Extents, MatrixOrders


def with_copies(
    trees: Sequence[ast.Module],
    choice: MatrixOrders,
    extents: Extents,
    arrays: dict[str, Array],
    free: Callable[[str], str],
) -> list[Buffer]:
    """Let the lines read copies where that is the choice; the buffers that the copies need."""
    shapes, turned = choice.numbers(extents), choice.at(extents)
    reads = {id(line.node): line.copies(shapes, turned) for line in choice.lines}
    copies: dict[str, Buffer] = {}
    for tree in trees:
        lines: list[ast.stmt] = []
        for node in tree.body:
            for name in sorted(reads.get(id(node), Turned())):
                if name not in copies:
                    copies[name] = Buffer(free(f"{name}_by_columns"), choice.shapes[name])
                    lines.append(_copied(name, copies[name].name, arrays))
                node = Renamed(name, copies[name].name).visit(node)
            lines.append(node)
        tree.body = lines
    return list(copies.values())


def _copied(name: str, copy: str, arrays: dict[str, Array]) -> ast.stmt:
    """The line that makes a copy, which is an array from here on."""
    arrays[copy] = Array(copy, arrays[name].shape, kept=True, order=(1, 0))
    operands: list[ast.expr] = [ast.Name(n, ast.Load()) for n in (copy, name)]
    return ast.Expr(ast.Call(numpy("copyto"), operands, []))
