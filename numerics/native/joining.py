"""Loops that run as one: neighbouring indices along which every array lies without a gap.

``T[n,j] = f(A[n,j], c)`` over ``n`` and ``j`` is a loop over ``nj`` from 0 to the product of their
sizes, so that vectors are filled across the ends of short rows. Nothing is computed otherwise.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from backproof.numerics.native.nests import Load, Nest, Write
from backproof.theory.notation import POSITION, Delta, Entry, Index, indices_in

SHORT = 64  # a sum over fewer is joined with the next one; over more, partial sums are more exact


def joined(nest: Nest) -> Nest:
    """The nest with as few loops as its arrays allow.

    >>> import sympy as sp
    >>> from backproof.theory.notation import Tensor
    >>> n, j = Index("n", sp.Symbol("N")), Index("j", sp.Integer(3))
    >>> row, whole = Tensor("b", (j.size,)), Tensor("T", (n.size, j.size))
    >>> x = sp.Symbol("x")
    >>> copy = Nest((n, j), [Write(Entry(whole, (n, j)), x)], {x: Entry(whole, (n, j))})
    >>> joined(copy).loops
    (Index(name='nj', size=3*N),)
    >>> spread = Nest((n, j), [Write(Entry(whole, (n, j)), x)], {x: Entry(row, (j,))})
    >>> joined(spread).loops == (n, j)
    True
    """
    for loops in (nest.loops, nest.over):
        for outer, inner in itertools.pairwise(loops):
            short = loops is nest.loops or (inner.size.is_Integer and inner.size < SHORT)
            if short and all(_gapless(place, outer, inner) for place in _places(nest)):
                return joined(_with(nest, outer, inner))
    return nest


def _places(nest: Nest) -> list[Load]:
    return [*nest.loads.values(), *(w.target for w in nest.writes)]


def _gapless(load: Load, outer: Index, inner: Index) -> bool:
    """Whether neither index tells the place, or both do, side by side and over the whole axis."""
    if not isinstance(load, Entry | Delta):
        return True
    found = [i for i in indices_in(load) if i in (outer, inner)]
    if not found:
        return True
    if isinstance(load, Delta) or found != [outer, inner] or load.tensor.name == POSITION:
        return False
    pairs = itertools.pairwise(load.subscripts)
    at = next((n for n, pair in enumerate(pairs) if pair == (outer, inner)), None)
    return at is not None and load.tensor.shape[at + 1] == inner.size


def _with(nest: Nest, outer: Index, inner: Index) -> Nest:
    one = Index(outer.letter + inner.letter, outer.size * inner.size)

    def entry(old: Entry) -> Entry:
        if outer not in old.subscripts:
            return old
        at = old.subscripts.index(outer)
        shape = (*old.tensor.shape[:at], one.size, *old.tensor.shape[at + 2 :])
        subscripts = (*old.subscripts[:at], one, *old.subscripts[at + 2 :])
        return Entry(replace(old.tensor, shape=shape, axes=()), subscripts)

    def over(loops: Sequence[Index]) -> tuple[Index, ...]:
        return tuple(one if i == outer else i for i in loops if i != inner)

    return replace(
        nest,
        loops=over(nest.loops),
        over=over(nest.over),
        loads={s: entry(a) if isinstance(a, Entry) else a for s, a in nest.loads.items()},
        writes=[Write(entry(w.target), w.expression, w.adds) for w in nest.writes],
    )
