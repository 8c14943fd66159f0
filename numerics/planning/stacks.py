"""Products over several axes as stacks of small products, where those cost less.

    z[q,i,j,n] = Σ_r K[q,r] w[r,i,j,n]    →   z[:,i,j,:] = K w[:,i,j,:]           for all i and j
    dK[q,r] = Σ_i,j,n dz[q,i,j,n] w[r,i,j,n]  →   dK = Σ_i,j dz[:,i,j,:] w[:,i,j,:]ᵀ

A large product packs its factors before it multiplies, a small one runs on them as they lie.  A
product of which two sides are short, such as that of a convolution's filters with the windows of
all images, takes twice as long in one piece.  Or the product of the transposes runs, and its
result, where that is small, is turned over afterwards.

The condition is the price: that of `product_cost` for the small products, with those of packing a
factor, of adding up the parts, and of turning the result.  It is in the sizes, so the choice is
made anew for each assignment of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import sympy as sp

from backproof.numerics.contraction_order import NOMINAL
from backproof.numerics.planning.arrays import Array
from backproof.numerics.planning.matrix_lines import COPIED
from backproof.numerics.planning.packing import Axes, Cut, Pack, Side, lying
from backproof.numerics.planning.product_cost import SMALL, product_cost
from backproof.numerics.planning.shapes import value_of

NEAR = 32768  # bytes of a factor that the nearest cache holds
FAR = 0.03  # nanoseconds for an entry of a larger one, each time that it is read
NEXT = 60.0  # nanoseconds to go to the next of a stack
ADDED = 0.0125  # nanoseconds for each byte of an entry of the parts of a sum
SIDES = ("left", "right", "summed")
Extents = Mapping[sp.Symbol, int]
Count = Callable[[Sequence[str]], int]  # the number of entries of axes


@dataclass(frozen=True)
class Way:
    """How a product is computed: as a stack over the first axes of one of its three sides, or
    in one piece; and whether it is that of the transposes, whose result is turned afterwards.
    """

    side: str = "none"  # or "left", "right", "summed"
    depth: int = 0
    turned: bool = False


@dataclass(frozen=True)
class AxesProduct:
    """A product of two factors over some of their axes.

    ``left`` and ``right`` are those axes of the first and the second factor that stay, in the order
    in which they lie in the target; ``pairs`` those that are summed.
    """

    first: Side
    second: Side
    left: Axes
    right: Axes
    pairs: list[tuple[int, int]]
    target: Array
    order: Axes  # which axis of the product, those of left before those of right, is which of t's

    def cuts(self, way: Way) -> tuple[Cut, Cut, Cut]:
        """Those of the first factor, of the second, both with the summed axes as columns, and of
        the target.
        """
        left, right = tuple(self.left), tuple(self.right)
        inner, other = tuple(p for p, _ in self.pairs), tuple(q for _, q in self.pairs)
        at = [way.depth if way.side == side else 0 for side in SIDES]
        count = len(self.first.free)
        place = {axis: t for t, axis in enumerate(self.order)}
        rows = [place[self.first.free.index(n)] for n in left]
        columns = [place[count + self.second.free.index(n)] for n in right]
        stack = (*rows[: at[0]], *columns[: at[1]])
        return (
            Cut((*left[: at[0]], *inner[: at[2]]), left[at[0] :], inner[at[2] :]),
            Cut((*right[: at[1]], *other[: at[2]]), right[at[1] :], other[at[2] :]),
            Cut(stack, tuple(rows[at[0] :]), tuple(columns[at[1] :])),
        )

    def lies(self, way: Way) -> bool | None:
        """Whether the matrices of the target lie by columns, `None` if not as matrices."""
        return lying(self.target.memory, self.cuts(way)[2])

    def ways(self) -> Iterator[Way]:
        """Every way to compute it."""
        yield Way()
        yield Way(turned=True)
        if self.lies(Way()) is None:
            return
        lengths = len(self.left), len(self.right), len(self.pairs)
        for side, length in zip(SIDES, lengths, strict=True):
            for depth in range(1, length):
                way = Way(side, depth)
                if side == "summed":
                    yield from (way, Way(side, depth, True))
                elif self.target.kept and self.lies(way) is not None:
                    yield way

    def cost(self, way: Way, count: Count, packed: set[Pack], itemsize: int) -> float | None:
        """Nanoseconds, `None` for a stack of products that are not small."""
        first, second, _ = self.cuts(way)
        rows, inner = (count(self.first.sizes(axes)) for axes in (first.rows, first.columns))
        columns = count(self.second.sizes(second.rows))
        if way.side != "none" and rows * inner * columns > SMALL:
            return None
        one, other = (
            side.sizes(cut.stack) for side, cut in ((self.first, first), (self.second, second))
        )
        stacked = count(one if way.side != "right" else other)
        time, across = 0.0, []
        for side, cut in ((self.first, first), (self.second, second)):
            lies = side.by_columns(cut)
            if lies is None:
                key, lies = side.pack(cut)
                time += 0.0 if key in packed else COPIED * count(side.shape)
            across.append(lies)
        turned = self.lies(way)
        if way.turned or turned is None:
            time += COPIED * rows * columns
        if way.side == "summed":
            time += ADDED * itemsize * rows * columns * stacked
        by_columns = across[0], not across[1], bool(turned) != way.turned
        each = product_cost((rows, inner, columns), by_columns, itemsize)
        if way.depth:
            wide = inner * max(rows, columns)
            each += NEXT + FAR * wide * (wide * itemsize > NEAR)
        return time + stacked * each

    def packs(self, way: Way) -> set[Pack]:
        """What it packs."""
        cuts = self.cuts(way)
        sides = zip((self.first, self.second), cuts[:2], strict=True)
        return {side.pack(cut)[0] for side, cut in sides if side.by_columns(cut) is None}


@dataclass
class Stacks:
    """How the products of a program are computed, decided for some sizes.

    ``names`` are those of the sizes in the code.
    """

    names: Mapping[sp.Symbol, str]
    itemsize: int
    extents: Extents
    products: list[AxesProduct] = field(default_factory=list)
    packed: set[Pack] = field(default_factory=set)

    def decided(self, product: AxesProduct) -> Way:
        """The cheapest way for one more product."""
        self.products.append(product)
        return self._cheapest(product, self._count(self.extents), self.packed)

    def at(self, extents: Extents) -> tuple[Way, ...]:
        """What would be decided for other sizes."""
        count, packed = self._count(extents), set[Pack]()
        return tuple(self._cheapest(product, count, packed) for product in self.products)

    def _cheapest(self, product: AxesProduct, count: Count, packed: set[Pack]) -> Way:
        """The cheapest way; what it packs is ``packed`` from here on."""
        costs: dict[Way, float] = {}
        for way in product.ways():
            cost = product.cost(way, count, packed, self.itemsize)
            if cost is not None:
                costs[way] = cost
        found = min(costs, key=costs.__getitem__)
        packed |= product.packs(found)
        return found

    def _count(self, extents: Extents) -> Count:
        values = {name: extents.get(symbol, NOMINAL) for symbol, name in self.names.items()}
        known: dict[str, int] = {}

        def count(sizes: Sequence[str]) -> int:
            total = 1
            for size in sizes:
                if size not in known:
                    known[size] = value_of(size, values)
                total *= known[size]
            return total

        return count
