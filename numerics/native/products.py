"""Contractions that are matrix products, found by their strides in memory.

A product ``T[…] = Σ A[…] B[…]`` has indices of four kinds: only in A and T (rows), only in B and T
(columns), in A and B alone (summed), in all three (a batch). Neighbouring indices of a kind that
lie one after the other in every array count as one axis. One axis of each kind makes a matrix
product, ``gemm``; several make a ``contraction``. Every index has a step of its own in each array,
also two of one subscript, ``x[i + u]``: so a convolution, its gradients and the sum of windows into
an image are contractions. A batch is a loop around.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from backproof.numerics.contraction_order import cost, weight
from backproof.numerics.native.access import Access, strides
from backproof.numerics.native.nests import Load, Writer
from backproof.numerics.native.scalar_c import scalar_c
from backproof.theory.equations import Contraction
from backproof.theory.notation import Entry, Index, Ones, indices_in

Strides = Mapping[Index, sp.Expr]
Group = tuple[Index, ...]
PANELS = "operands are packed in panels, or laid side by side where a long sum has few results"
TILES = f"tiles of operands as they lie, from 2¹⁵ multiplications on {PANELS.split(' ', 1)[1]}"


@dataclass
class Product:
    """``target (+)= scale · Σ left · right`` as one call, or one for each entry of a batch."""

    target: Entry
    left: Entry
    right: Entry
    rows: tuple[Group, ...]
    columns: tuple[Group, ...]
    summed: tuple[Group, ...]
    batch: Group  # loops around, each of which writes another part of the target
    scale: sp.Expr
    loads: dict[sp.Symbol, Load]
    adds: bool
    start: Entry | None = None  # what a plain product starts from: one number a column

    @property
    def loops(self) -> Group:
        """The loops around."""
        return self.batch

    @property
    def plain(self) -> bool:
        """Whether there is one axis of each kind: two matrices."""
        return len(self.rows) == len(self.columns) == len(self.summed) == 1

    @property
    def rule(self) -> str:
        """What it is called among the steps of a kernel."""
        return "product of matrices" if self.plain else "contraction by steps"

    @property
    def because(self) -> str:
        """Why it may be computed so, and where it is."""
        found = [", ".join(i.letter for g in kind for i in g) for kind in (self.rows, self.columns)]
        summed = ", ".join(i.letter for g in self.summed for i in g)
        place = TILES if self.plain else PANELS
        kinds = f"rows {found[0]}, columns {found[1]}, summed {summed}"
        if self.start is not None:
            kinds = f"{kinds}, started from {self.start.tensor.name}"
        return f"{kinds}: every index has one step in each array; {place}"

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every entry that is read."""
        read = (load for load in self.loads.values() if isinstance(load, Entry))
        start = () if self.start is None else (self.start,)
        return (self.left, self.right, *start, *read)

    def starts_from(self, terms: Sequence[Contraction]) -> Entry | None:
        """The one entry of these terms from which a plain product can start: a bias."""
        if not self.plain or len(terms) != 1 or terms[0].coefficient != 1:
            return None
        solid = [f for f in terms[0].factors if not isinstance(f, Ones)]
        if len(solid) != 1 or not isinstance(solid[0], Entry):
            return None
        entry = solid[0]
        whole = entry.tensor.shape == tuple(i.size for i in self.columns[0])
        real = entry.tensor.dtype == "real"
        return entry if real and whole and entry.subscripts == self.columns[0] else None

    def lines(self, access: Access) -> list[str]:
        """The C code."""
        writer = Writer(access, self.batch)
        for index in self.batch:
            writer.open(index)
        inner = (g for groups in (self.rows, self.columns, self.summed) for g in groups)
        letters = {**writer.letters, **dict.fromkeys((i for g in inner for i in g), "0")}
        code = {}
        for symbol, load in self.loads.items():
            value = access.entry(load, letters) if isinstance(load, Entry) else ""
            code[symbol] = sp.Symbol(value or access.coefficient(load), real=True)
        scale = scalar_c(self.scale.xreplace(code), access.single)
        own = [strides(e) or {} for e in (self.left, self.right, self.target)]

        def step(which: int, group: Group) -> str:
            return access.size(own[which].get(group[-1], sp.S.Zero))

        def extent(group: Group) -> str:
            return access.size(sp.Mul(*(i.size for i in group)))

        def axis(group: Group) -> str:
            return f"{{{extent(group)}, {{{', '.join(step(n, group) for n in range(3))}}}}}"

        def axes(groups: Sequence[Group]) -> str:
            return f"{len(groups)}, (axis[]){{{', '.join(map(axis, groups))}}}"

        a, b, c = (f"&{access.entry(e, letters)}" for e in (self.left, self.right, self.target))
        if self.plain:
            row, column, deep = self.rows[0], self.columns[0], self.summed[0]
            writer.put(f"gemm({extent(row)}, {extent(column)}, {extent(deep)}, {scale},")
            writer.put(f"     {a}, {step(0, row)}, {step(0, deep)},")
            writer.put(f"     {b}, {step(1, deep)}, {step(1, column)},")
            start = c if self.adds else "0"
            if self.start is not None:
                start = f"&{access.entry(self.start, letters)}"
            writer.put(f"     {start}, {c}, {step(2, row)});")
        else:
            writer.put(f"contraction({axes(self.rows)},")
            writer.put(f"            {axes(self.columns)},")
            writer.put(f"            {axes(self.summed)},")
            writer.put(f"            {scale}, {a}, {b}, {int(self.adds)}, {c});")
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
    if not units or any(i not in set(a) ^ set(b) for i in units):
        return None
    if max(units, key=lambda i: cost(set(a if i in a else b) & set(c))) in a:
        left, right, a, b = right, left, b, a
    summed = [i for i in over if i in a and i in b]
    rows = [i for i in c if i in a and i not in b]
    columns = [i for i in c if i in b and i not in a]
    batch = [i for i in c if i in a and i in b]
    known = {*summed, *rows, *columns, *batch}
    if not (summed and rows and columns) or {*a, *b, *c, *over} != known:
        return None
    grouped = (
        _groups(rows, (a, c), _placed(target)),
        _groups(columns, (b, c), c),
        _groups(summed, (a, b), a),
    )
    if any(sp.prod(map(cost, groups)) < 2 for groups in grouped):
        return None
    batch.sort(key=lambda i: list(c).index(i), reverse=True)
    return Product(target, left, right, *grouped, tuple(batch), scale, loads, adds)


def _placed(target: Entry) -> list[Index]:
    """The indices of the target, innermost first; last those that share a subscript with another,
    so that rows that lie one over the other in memory are not summed at the same time.
    """
    alone = [i for s in reversed(target.subscripts) if isinstance(s, Index) for i in (s,)]
    return [*alone, *(i for i in (strides(target) or {}) if i not in alone)]


def _groups(
    indices: Sequence[Index], steps: Sequence[Strides], order: Iterable[Index]
) -> tuple[Group, ...]:
    """Axes of neighbouring indices, the innermost axis last."""
    left, found = [i for i in order if i in indices], []
    while left:
        found.append(_group(left[0], left, steps))
        left = [i for i in left if i not in found[-1]]
    return tuple(reversed(found))


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
