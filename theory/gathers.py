"""Sums over places as gathers: a delta solved for a summed index, with the range that it leaves.

    Σ_q δ[j, l+q] g[q]  =  1[0 ≤ j−l < n] g[j−l]        (0 ≤ q < n)

What scatters when it runs (the gradient of a convolution) gathers when it is read.  The entry
counts as zero where its place is out of range.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from backproof.theory.equations import Contraction
from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Factor,
    Index,
    Map,
    Ones,
    affine,
    bounds,
    extent,
    indices_in,
)


@dataclass(frozen=True, slots=True)
class Within:
    """1 where ``0 ≤ place < size``, else 0."""

    place: Affine
    size: sp.Expr

    @property
    def sides(self) -> tuple[bool, bool]:
        """Whether the lower and the upper bound say anything: what always holds does not."""
        low, high = bounds(self.place)
        return low.is_nonnegative is not True, (self.size - 1 - high).is_nonnegative is not True

    @property
    def said(self) -> tuple[sp.Expr | None, Affine, sp.Expr | None]:
        """Least value, place and excluded end, as one writes them: i ≥ 1 rather than 0 ≤ i − 1."""
        low, high = self.sides
        if low and high:
            return sp.S.Zero, self.place, self.size
        moved, offset = affine(sp.S.Zero, self.place.terms), self.place.offset
        shown = moved if isinstance(moved, Affine) else Affine(sp.S.Zero, ((moved, sp.S.One),))
        return -offset if low else None, shown, sp.expand(self.size - offset) if high else None


def gathered(term: Contraction) -> tuple[Contraction, tuple[Within, ...]]:
    """The contraction with its deltas solved where that reads well, and the ranges they leave.

    A delta is solved for a summed index of step one that is elsewhere a plain subscript; one
    that tells the digits of a place (a merged axis) says it better as it is.

    >>> from backproof.theory.declarations import size
    >>> from backproof.theory.notation import Tensor
    >>> n, k = size("n"), size("k")
    >>> j, l, q = Index("j", n + k - 1), Index("l", k), Index("q", n)
    >>> g = Entry(Tensor("g", (n,), cotangent_of="z"), (q,))
    >>> w = Entry(Tensor("w", (k,)), (l,))
    >>> place = affine(sp.S.Zero, [(l, sp.S.One), (q, sp.S.One)])
    >>> new, (within,) = gathered(Contraction(sp.S.One, (Delta(j, place), g, w), (l, q)))
    >>> new.over == (l,), within.size, within.place.terms == ((j, 1), (l, -1))
    (True, n, True)
    """
    ranges: list[Within] = []
    while (found := _solvable(term)) is not None:
        position, index, place = found
        rest = (*term.factors[:position], *term.factors[position + 1 :])
        over = tuple(i for i in term.over if i != index)
        new = Contraction(term.coefficient, rest).renamed({index: place})
        solid = tuple(f for f in new.factors if not isinstance(f, Ones))
        term = Contraction(term.coefficient, solid, over)
        ranges = [Within(_moved(w.place, index, place), w.size) for w in ranges]
        ranges.append(Within(place, index.size))
    return term, tuple(w for w in ranges if any(w.sides))


def _moved(place: Affine, index: Index, by: Affine) -> Affine:
    return affine(place.offset, [(by if part == index else part, c) for part, c in place.terms])


def _solvable(term: Contraction) -> tuple[int, Index, Affine] | None:
    """A delta, the summed index it is solved for, and the place that the index becomes."""
    for position, factor in enumerate(term.factors):
        if not isinstance(factor, Delta) or Entry in map(type, (factor.left, factor.right)):
            continue
        sides = [(factor.left, sp.S.One), (factor.right, -sp.S.One)]
        form = affine(sp.S.Zero, sides)  # zero where the delta is one
        if _equal_ranges(factor) or any(isinstance(s, Affine) and _digits(s) for s, _ in sides):
            continue
        others = term.factors[:position] + term.factors[position + 1 :]
        steps = {i: c for i, c in form.terms if i in term.over and c in (1, -1)}
        chosen = [i for i in steps if isinstance(i, Index) and _plain(i, others)]
        if chosen:
            index = min(chosen, key=lambda i: _preference(i, others))
            scale = -1 / steps[index]
            rest = [(part, scale * c) for part, c in form.terms if part != index]
            return position, index, affine(scale * form.offset, rest)
    return None


def _equal_ranges(delta: Delta) -> bool:
    """Whether the two sides are indices of one size: the sum then just renames."""
    left, right = delta.left, delta.right
    return isinstance(left, Index) and isinstance(right, Index) and left.size == right.size


def _digits(place: Affine) -> bool:
    """Whether a place of several indices tells each of them: every step exceeds the rest."""
    reach = sp.S.Zero
    for part, step in reversed(place.terms):
        if not sp.expand(step - reach).is_positive:
            return False
        reach += step * (extent(part) - 1)
    return len(place.terms) > 1


def _plain(index: Index, factors: tuple[Factor, ...]) -> bool:
    """Whether an index occurs as a whole subscript of entries only."""
    places = (s for entry in _entries(factors) for s in entry.subscripts)
    inside = [s for s in places if s != index and index in indices_in(s)]
    deltas = [f for f in factors if isinstance(f, Delta) and index in indices_in(f)]
    return not inside and not deltas


def _entries(factors: tuple[Factor, ...]) -> Iterator[Entry]:
    for factor in factors:
        yield from (factor,) if isinstance(factor, Entry) else ()
        yield from factor.arguments if isinstance(factor, Map) else ()


def _preference(index: Index, factors: tuple[Factor, ...]) -> tuple[bool, bool, int, str]:
    """A cotangent is gathered, not what it is multiplied by; a long axis, not a short one."""
    own = [e for e in _entries(factors) if index in e.subscripts]
    cotangent = any(e.tensor.cotangent_of is not None for e in own)
    number = int(index.size) if index.size.is_Integer else 0
    return (not cotangent, index.size.is_Symbol, -number, index.name)
