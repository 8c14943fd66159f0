"""Contractions that are matrix products, found by their strides in memory.

A product ``T[…] = Σ A[…] B[…]`` has indices of four kinds: only in A and T (rows), only in B and T
(columns), in A and B alone (summed), in all three (a batch). Neighbouring indices of a kind that
lie one after the other in every array count as one. One group of each kind makes a matrix product
with a row of T contiguous; what is left are loops around it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from backproof.numerics.contraction_order import cost, weight
from backproof.numerics.native.access import Access, strides
from backproof.numerics.native.nests import Load, Writer
from backproof.numerics.native.scalar_c import scalar_c
from backproof.theory.notation import Entry, Index, indices_in

Strides = Mapping[Index, sp.Expr]
Group = tuple[Index, ...]


@dataclass
class Product:
    """``target (+)= scale · Σ left · right`` as calls of ``gemm`` inside loops."""

    target: Entry
    left: Entry
    right: Entry
    rows: Group
    columns: Group
    summed: Group
    batch: Group  # loops around, each of which writes another part of the target
    over: Group  # loops around that add to it
    scale: sp.Expr
    loads: dict[sp.Symbol, Load]
    adds: bool

    @property
    def loops(self) -> Group:
        """The loops around."""
        return self.batch

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every entry that is read."""
        read = (load for load in self.loads.values() if isinstance(load, Entry))
        return (self.left, self.right, *read)

    def lines(self, access: Access) -> list[str]:
        """The C code."""
        writer = Writer(access, (*self.batch, *self.over))
        for index in (*self.batch, *self.over):
            writer.open(index)
        letters = dict(writer.letters)
        letters |= dict.fromkeys((*self.rows, *self.columns, *self.summed), "0")
        code = {}
        for symbol, load in self.loads.items():
            value = access.entry(load, letters) if isinstance(load, Entry) else ""
            code[symbol] = sp.Symbol(value or access.coefficient(load), real=True)
        scale = scalar_c(self.scale.xreplace(code), access.single)
        own = [strides(e) or {} for e in (self.left, self.right, self.target)]

        def step(which: int, group: Group) -> str:
            return access.size(own[which][group[-1]])

        def extent(group: Group) -> str:
            return access.size(sp.Mul(*(i.size for i in group)))

        adding = "1" if self.adds or self.over else "0"
        writer.put(
            f"gemm({extent(self.rows)}, {extent(self.columns)}, {extent(self.summed)}, {scale},"
        )
        a, b, c = (f"&{access.entry(e, letters)}" for e in (self.left, self.right, self.target))
        writer.put(f"     {a}, {step(0, self.rows)}, {step(0, self.summed)},")
        writer.put(f"     {b}, {step(1, self.summed)}, {step(1, self.columns)},")
        writer.put(f"     {adding}, {c}, {step(2, self.rows)});")
        return writer.closed()


def product(
    target: Entry,
    left: Entry,
    right: Entry,
    over: Sequence[Index],
    scale: sp.Expr,
    loads: dict[sp.Symbol, Load],
    adds: bool,
) -> Product | None:
    """The product, or `None` where it is none or a loop does it as well."""
    steps = [strides(e) for e in (left, right, target)]
    if any(s is None for s in steps):
        return None
    a, b, c = (s or {} for s in steps)
    units = [i for i, s in c.items() if s == 1 and i.size != 1]
    if not units or units[0] not in set(a) ^ set(b):
        return None
    if units[0] in a:
        left, right, a, b = right, left, b, a
    summed = [i for i in over if i in a and i in b]
    rows = [i for i in c if i in a and i not in b]
    columns = [i for i in c if i in b and i not in a]
    batch = [i for i in c if i in a and i in b]
    known = {*summed, *rows, *columns, *batch}
    if not (summed and rows and columns) or {*a, *b, *c, *over} != known:
        return None
    column = _group(units[0], columns, (b, c))
    row = max((_group(i, rows, (a, c)) for i in rows), key=cost)
    deep = max((_group(i, summed, (a, b)) for i in summed), key=cost)
    if min(cost(row), cost(column)) < 2 or cost(deep) < 2:
        return None
    around = [i for i in (*batch, *rows, *columns) if i not in {*row, *column}]
    around.sort(key=lambda i: list(c).index(i), reverse=True)
    return Product(
        target, left, right, row, column, deep, tuple(around),
        tuple(i for i in summed if i not in deep), scale, loads, adds,
    )  # fmt: skip


def _group(index: Index, among: Sequence[Index], steps: Sequence[Strides]) -> Group:
    """The index and those that run on from it without a gap, outermost first."""
    group = [index]
    for grow in (True, False):
        while True:
            edge = group[0] if grow else group[-1]
            found = [i for i in among if i not in group and _runs_on(i, edge, steps, grow)]
            if not found:
                break
            group = [found[0], *group] if grow else [*group, found[0]]
    return tuple(group)


def _runs_on(other: Index, edge: Index, steps: Sequence[Strides], outside: bool) -> bool:
    outer, inner = (other, edge) if outside else (edge, other)
    return all(sp.expand(s[outer] - s[inner] * inner.size) == 0 for s in steps)


def innermost(
    indices: Sequence[Index], summed: Sequence[Index], target: Entry, entries: Sequence[Entry]
) -> Index:
    """The index for the innermost loop: that along which most arrays are contiguous."""
    every = [(e, strides(e)) for e in (target, *entries)]

    def score(index: Index) -> tuple[float, float]:
        total = 0.5 if index in summed else 0.0
        for entry, steps in every:
            if index not in set(indices_in(entry)):
                continue
            step = None if steps is None else steps.get(index)
            total += 1.0 if step == 1 else -2.0
        total -= 4.0 if index.size.is_Integer and index.size < 4 else 0.0
        return total, weight(index)

    return max(indices, key=score)
