"""The order in which the factors of a product meet: the one with the fewest multiplications.

    f[i] = Σ_j,l A[i,j] B[j,l] x[l]     A (B x): jl + ij multiplications;  (A B) x: ijl + il

Sizes are symbols until a call tells them. An order is decided for `NOMINAL` sizes when a kernel is
compiled, and again at the first call of other sizes; kernels keep one program for each order.

A product of rows with rows, of which both factors are summed along their last axes, turns one of
them over first, which counts as `TURNED` multiplications an entry. Up to `ALL` factors every order
is compared; of more the cheapest pair is taken first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

import sympy as sp

from backproof.theory.notation import Index
from backproof.theory.steps import Step

NOMINAL = 64  # the size assumed of a symbolic axis
ALL = 5
TURNED = 20
Axes = tuple[Index, ...]
Extents = Mapping[sp.Symbol, int]
Cost = tuple[int, int]  # multiplications, and entries written
Order = tuple[tuple[int, int], ...]  # the places of two factors; their product goes last


def weight(index: Index, extents: Extents | None = None) -> int:
    """The size of an axis, a nominal one if it is a symbol that nothing tells."""
    size = index.size.xreplace({s: sp.Integer(n) for s, n in (extents or {}).items()})
    if size.is_Integer:
        return max(int(size), 1)
    return NOMINAL if size.is_Symbol else 4 * NOMINAL  # a filter is shorter than its image


def cost(axes: Iterable[Index], extents: Extents | None = None) -> int:
    """The number of entries of an array with these axes."""
    total = 1
    for index in axes:
        total *= weight(index, extents)
    return total


def cheapest(factors: Sequence[Axes], out: Axes, extents: Extents | None = None) -> Order:
    """The order for factors with these axes, of a product that keeps those of ``out``.

    >>> i, j, k = (Index(n, sp.Symbol(n)) for n in "ijk")
    >>> cheapest([(i, j), (j, k), (k,)], (i,))
    ((1, 2), (0, 1))
    """
    sizes = {i: weight(i, extents) for axes in factors for i in axes}
    if len(factors) <= ALL:
        return min(_orders(tuple(factors), frozenset(out), sizes), key=lambda pair: pair[0])[1]
    left: tuple[Axes, ...] = tuple(factors)
    order: list[tuple[int, int]] = []
    while len(left) > 1:
        pair = min(_pairs(left), key=lambda pair: _step(left, pair, frozenset(out), sizes)[0])
        order.append(pair)
        left = _step(left, pair, frozenset(out), sizes)[1]
    return tuple(order)


def _orders(
    factors: tuple[Axes, ...], out: frozenset[Index], sizes: Mapping[Index, int]
) -> Iterator[tuple[Cost, Order]]:
    """Every order with its cost, those of equal cost in turn."""
    if len(factors) < 2:
        yield (0, 0), ()
        return
    for pair in _pairs(factors):
        (work, written), left = _step(factors, pair, out, sizes)
        for (more, further), order in _orders(left, out, sizes):
            yield (work + more, written + further), (pair, *order)


def _pairs(factors: Sequence[Axes]) -> Iterator[tuple[int, int]]:
    return ((a, b) for a in range(len(factors)) for b in range(a + 1, len(factors)))


def _step(
    factors: tuple[Axes, ...],
    pair: tuple[int, int],
    out: frozenset[Index],
    sizes: Mapping[Index, int],
) -> tuple[Cost, tuple[Axes, ...]]:
    """The cost of one product, and the factors afterwards."""
    rest = tuple(f for n, f in enumerate(factors) if n not in pair)
    together = dict.fromkeys(i for n in pair for i in factors[n])
    needed = out.union(*rest) if rest else out
    kept = tuple(i for i in together if i in needed)
    work = written = 1
    for index in together:
        work *= sizes[index]
    for index in kept:
        written *= sizes[index]
    first, second = (factors[n] for n in pair)
    shared = {*first} & {*second}
    if min(len(first), len(second)) > 1 and first[-1] == second[-1] and not shared & {*kept}:
        work += TURNED * min(prod(sizes[i] for i in axes) for axes in (first, second))
    return (work, written), (*rest, kept)


@dataclass
class Orders:
    """The orders of all products of three factors or more, decided for some sizes."""

    extents: Extents = field(default_factory=dict)
    products: list[tuple[tuple[Axes, ...], Axes]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def decided(self, factors: Sequence[Axes], out: Axes, codes: Sequence[str]) -> Order:
        """The order of one product, remembered as a step; ``codes`` are those of its factors."""
        order = cheapest(factors, out, self.extents)
        if len(factors) > 2:
            self.products.append((tuple(factors), out))
            facts = ", ".join(f"{s} = {n}" for s, n in self.extents.items())
            because = f"the fewest multiplications with {facts or f'{NOMINAL} for every size'}"
            before, after = " · ".join(codes), bracketed(codes, order)
            self.steps.append(Step("contraction order", before, after, because))
        return order

    def at(self, extents: Extents) -> tuple[Order, ...]:
        """What would be decided for other sizes."""
        return tuple(cheapest(factors, out, extents) for factors, out in self.products)


def bracketed(codes: Sequence[str], order: Order) -> str:
    """The product as it is computed.

    >>> bracketed(["A", "B", "x"], ((1, 2), (0, 1)))
    'A · (B · x)'
    """
    left = list(enumerate(codes))  # with the place where the product begins
    for pair in order:
        rest = [part for n, part in enumerate(left) if n not in pair]
        (place, one), (_, other) = sorted(left[n] for n in pair)
        joined = f"{one} · {other}"
        left = [*rest, (place, f"({joined})" if rest else joined)]
    return left[0][1]
