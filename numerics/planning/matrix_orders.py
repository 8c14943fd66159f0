"""Which matrices lie by columns: the choice for which products and entrywise lines cost least.

A matrix that stays inside the kernel may lie either way.  Those that an entrywise line combines lie
alike; the groups that are left are turned over, one or two that meet in a line at a time, while
that makes the whole cheaper:

- a product of matrices costs what `product_cost` says;
- an entrywise line costs more for each operand that lies otherwise;
- a line that repeats a vector over a matrix, or reduces one, makes one inner loop for each line of
  memory: rows of a few entries are many short loops, columns a few long ones;
- an argument lies by rows; a copy of it by columns costs as much as making it, and each line reads
  the one of the two that is cheaper.

The condition is in the sizes, so the choice is made anew for each assignment of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import sympy as sp

from backproof.numerics.contraction_order import NOMINAL
from backproof.numerics.planning.arrays import Arrays
from backproof.numerics.planning.matrix_lines import Copy, Entrywise, Line, Shape, Turned, read

FEW = 2**17  # bytes of a matrix over which a vector is repeated sooner by a copy or a product

MANY = 64  # so many assignments of sizes are remembered

Extents = Mapping[sp.Symbol, int]


@dataclass(frozen=True)
class MatrixOrders:
    """The matrices of a program that may lie either way, in groups, and the lines to judge by."""

    shapes: Mapping[str, tuple[sp.Expr, sp.Expr]]
    groups: tuple[frozenset[str], ...]
    lines: tuple[Line, ...]
    itemsize: int
    _found: dict[frozenset[tuple[sp.Symbol, int]], Turned] = field(
        default_factory=dict, repr=False, compare=False
    )

    def at(self, extents: Extents) -> Turned:
        """The matrices that lie by columns with these sizes; sizes not told are `NOMINAL`."""
        key = frozenset(extents.items())
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= MANY:
                self._found.clear()
            found = self._found[key] = self._cheapest(self.numbers(extents))
        return found

    def _cheapest(self, shapes: Mapping[str, Shape]) -> Turned:
        groups = self.turnable(shapes)
        moves = {g: [line for line in self.lines if g.intersection(line.names)] for g in groups}
        for one, other in combinations(groups, 2):
            met = [line for line in moves[one] if other.intersection(line.names)]
            if met:
                moves[one | other] = list(dict.fromkeys((*moves[one], *moves[other])))
        starts = (Turned(), Turned().union(*groups))
        ends = [_descended(start, moves, shapes) for start in starts]
        return min(ends, key=lambda end: self.cost(shapes, end))

    def small(self, extents: Extents) -> frozenset[str]:
        """The matrices of few entries over which a vector is repeated."""
        shapes = self.numbers(extents)
        repeated = (line for line in self.lines if isinstance(line, Entrywise) and line.repeated)
        targets = {line.names[0] for line in repeated}
        return frozenset(
            n
            for n in targets
            if shapes[n][0] * shapes[n][1] * self.itemsize <= FEW and 1 not in shapes[n]
        )

    def turnable(self, shapes: Mapping[str, Shape]) -> list[frozenset[str]]:
        """The groups of which it matters how they lie: a row or a column lies both ways."""
        return [g for g in self.groups if all(1 not in shapes[name] for name in g)]

    def cost(self, shapes: Mapping[str, Shape], turned: Turned) -> float:
        """Nanoseconds of all lines, less what is the same in any order."""
        return sum(line.cost(shapes, turned) for line in self.lines)

    def numbers(self, extents: Extents) -> dict[str, Shape]:
        """The shapes for some sizes."""
        known = {symbol: sp.Integer(n) for symbol, n in extents.items()}

        def number(size: sp.Expr) -> int:
            told = size if size.is_Integer else size.xreplace(known)
            return int(told) if told.is_Integer else NOMINAL

        return {n: (number(rows), number(columns)) for n, (rows, columns) in self.shapes.items()}


def _descended(
    turned: Turned, moves: Mapping[frozenset[str], Sequence[Line]], shapes: Mapping[str, Shape]
) -> Turned:
    """Turn over groups for as long as that costs less; each move has the lines that it touches."""
    better = True
    while better:
        better = False
        for group, lines in moves.items():
            other = turned ^ group
            before, after = (sum(line.cost(shapes, t) for line in lines) for t in (turned, other))
            if after < before * (1 - 1e-9):
                turned, better = other, True
    return turned


def matrix_orders(
    shapes: Mapping[str, Sequence[sp.Expr]],
    free: Iterable[str],
    trees: Iterable[ast.Module],
    arrays: Arrays,
    dtype: np.dtype[np.generic],
) -> MatrixOrders:
    """The choice for a program; ``free`` are the buffers that may lie by columns."""
    known = {n: (s[0], s[1]) for n, s in shapes.items() if len(s) == 2}
    group = {name: frozenset({name}) for name in free}
    lines: list[Line] = []
    for node in (line for tree in trees for line in tree.body):
        found = read(node, arrays, dtype.itemsize)
        if found is None or not set(found.names) <= known.keys():
            continue
        lines.append(found)
        together = frozenset[str]().union(*(group[n] for n in found.alike if n in group))
        group |= dict.fromkeys(together, together)
    copied = dict.fromkeys(n for line in lines for n in line.names if arrays[n].argument)
    lines += [Copy((name,), None) for name in copied]
    groups = (*dict.fromkeys(group.values()), *(frozenset({name}) for name in copied))
    return MatrixOrders(known, groups, tuple(lines), dtype.itemsize)
