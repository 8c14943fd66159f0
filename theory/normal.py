"""The normal form of contractions: deltas eliminated, ones absorbed, equal terms merged.

Four rules, each an identity:

    Σ_i δ[i, s] f(i)     = f(s)              (a summed delta substitutes, s being in i's range)
    Σ_k δ[n−1−k, i] f(k) = f(n−1−i)          (both of size n: a reversal)
    Σ_i 1[i]             = size of i         (an index that nothing carries multiplies by its size)
    1[i] f(i)            = f(i)

A delta between two free indices survives.  Terms are compared up to the names of their summed
indices by colour refinement, so that ``X[i,j] X[j,i]`` and ``X[j,i] X[i,j]`` merge.  Two more rules
hold of tensors of which they are known (`Facts`): Σ_k P[i,k] = 1[i], and S[i,j] = S[j,i].
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.maps import split_map
from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Factor,
    Form,
    Index,
    Map,
    Ones,
    Subscript,
    distinct,
    fresh,
    indices_in,
    inside,
)
from backproof.theory.places import never, unique


@dataclass(frozen=True)
class Facts:
    """The names of matrices that are symmetric, and of tensors whose last axis sums to one.

    ``varied`` are names of which nothing is known, since a derivative varies their entries.
    """

    symmetric: frozenset[str] = frozenset()
    simplex: frozenset[str] = frozenset()
    varied: frozenset[str] = frozenset()


NOTHING = Facts()


def normal_term(term: Contraction, facts: Facts = NOTHING) -> Contraction:
    """The contraction with its summed deltas and redundant ones gone."""
    placed = {i for f in term.factors if isinstance(f, Delta) for i in indices_in(f)}
    units = [i for i in term.over if i.size == 1 and i in placed]
    single: dict[Index, Subscript] = {i: _only_place(i, term) for i in units}
    if single:  # an index with one value is that value, and its delta a place
        left = tuple(i for i in term.over if i not in single)
        term = Contraction(term.coefficient, term.factors, left).renamed(single)
    over, coefficient = list(term.over), term.coefficient
    factors: list[Factor] = [g for f in term.factors for g in _digits(f)]
    while (found := _summed_delta(factors, over)) is not None:
        position, index, target = found
        del factors[position]
        over.remove(index)
        carriers = [Ones(i) for i in distinct(indices_in(target))]
        renamed = Contraction(coefficient, tuple(factors)).renamed({index: target})
        factors = [g for f in (*renamed.factors, *carriers) for g in _digits(f)]
    while (found_sum := _whole_sum(factors, over, facts)) is not None:
        place, index = found_sum
        entry = factors.pop(place)
        over.remove(index)
        factors += [Ones(i) for i in distinct(indices_in(entry)) if i != index]
    if any(isinstance(f, Delta) and never(f) for f in factors):
        return Contraction(sp.S.Zero)
    factors = [f for f in factors if not (isinstance(f, Delta) and f.left == f.right)] + [
        Ones(i)
        for f in factors
        if isinstance(f, Delta) and f.left == f.right
        for i in indices_in(f.left)
    ]
    carried = {i for f in factors if not isinstance(f, Ones) for i in indices_in(f)}
    alone = distinct(f.index for f in factors if isinstance(f, Ones) and f.index not in carried)
    for index in over:
        if index not in carried:
            coefficient = coefficient * index.size
    over = [i for i in over if i in carried]
    kept: list[Factor] = [f for f in factors if not isinstance(f, Ones)]
    kept += [Ones(i) for i in alone if i not in term.over]
    return Contraction(coefficient, tuple(kept), tuple(over))


def _only_place(index: Index, term: Contraction) -> Index | Affine:
    """The one value of a summed index of size one: a free index that a delta sets it to, or 0."""
    for delta in (f for f in term.factors if isinstance(f, Delta)):
        for side, other in ((delta.left, delta.right), (delta.right, delta.left)):
            if side == index and isinstance(other, Index) and other not in term.over:
                return other
    return Affine(sp.S.Zero)


def _whole_sum(factors: list[Factor], over: list[Index], facts: Facts) -> tuple[int, Index] | None:
    """The first entry that is summed over its simplex, and the index that does it."""
    for place, factor in enumerate(factors):
        if not isinstance(factor, Entry) or factor.tensor.name not in facts.simplex:
            continue
        *others, last = factor.subscripts
        elsewhere = [i for k, f in enumerate(factors) if k != place for i in indices_in(f)]
        elsewhere += [i for s in others for i in indices_in(s)]
        if isinstance(last, Index) and last in over and last not in elsewhere:
            return place, last
    return None


def _digits(factor: Factor) -> tuple[Factor, ...]:
    """δ[n·i + k, n·j + l] = δ[i, j] δ[k, l] for 0 ≤ k, l < n: places are equal digit by digit."""
    if not isinstance(factor, Delta):
        return (factor,)
    left, right = factor.left, factor.right
    if not isinstance(left, Affine) or not isinstance(right, Affine):
        return (factor,)
    same = [c for _, c in left.terms] == [c for _, c in right.terms]
    if not same or left.offset != right.offset or not (unique(left) and unique(right)):
        return (factor,)
    pairs = zip(left.terms, right.terms, strict=True)
    return tuple(Delta(i, j) for (i, _), (j, _) in pairs)


def _summed_delta(factors: list[Factor], over: list[Index]) -> tuple[int, Index, Subscript] | None:
    """The first delta with a summed index on one side: its position, that index, the other side."""
    for position, factor in enumerate(factors):
        if not isinstance(factor, Delta) or factor.left == factor.right:
            continue
        for side, target in ((factor.left, factor.right), (factor.right, factor.left)):
            summed = isinstance(side, Index) and side in over and side not in indices_in(target)
            if summed and isinstance(side, Index) and _within(target, side.size):
                return position, side, target
            mirrored = _mirrored(side, target)
            if mirrored is not None and mirrored[0] in over:
                return position, *mirrored
    return None


def _within(target: Subscript, size: sp.Expr) -> bool:
    """Whether a place is surely on an axis of this size; labels are."""
    return isinstance(target, Entry) or bool(inside(target, size))


def _mirrored(side: Subscript, target: Subscript) -> tuple[Index, Affine] | None:
    """k and n − 1 − i where δ[n − 1 − k, i] has both of size n: a reversal is undone by itself."""
    if not isinstance(side, Affine) or not isinstance(target, Index) or len(side.terms) != 1:
        return None
    ((part, step),) = side.terms
    if not isinstance(part, Index) or step != -1 or part == target:
        return None
    if side.offset != part.size - 1 or part.size != target.size:
        return None
    return part, Affine(part.size - 1, ((target, -sp.S.One),))


def normal(total: Sum, facts: Facts = NOTHING) -> Sum:
    """Every term in normal form, equal terms merged, zero terms dropped, order kept."""
    merged: dict[tuple[object, ...], Contraction] = {}
    for term in (part for raw in total.terms for part in split_map(normal_term(raw, facts))):
        if term.coefficient == 0:
            continue
        key = signature(term, facts.symmetric)
        if key in merged:
            previous = merged[key]
            coefficient = previous.coefficient + term.coefficient
            merged[key] = Contraction(coefficient, previous.factors, previous.over)
        else:
            merged[key] = term
    return Sum(tuple(t for t in merged.values() if t.coefficient != 0))


def apart(term: Contraction) -> Contraction:
    """The same contraction with fresh summed indices, safe to multiply with anything."""
    return term.renamed({i: fresh(i) for i in term.over})


def product(left: Contraction, right: Contraction) -> Contraction:
    """The product of two contractions; both keep their free indices."""
    left, right = apart(left), apart(right)
    return Contraction(
        left.coefficient * right.coefficient,
        left.factors + right.factors,
        left.over + right.over,
    )


def signature(term: Contraction, symmetric: frozenset[str] = frozenset()) -> tuple[object, ...]:
    """A key equal for contractions that differ only by names of summed indices and factor order.

    The two subscripts of a ``symmetric`` matrix may be exchanged as well.
    """
    colours: dict[Index, object] = {i: ("s", str(i.size)) for i in term.over}
    return _refined(term.factors, colours, symmetric)


def _refined(
    factors: tuple[Factor, ...], colours: dict[Index, object], symmetric: frozenset[str]
) -> tuple[object, ...]:
    while True:
        rounds = {
            i: (c, _neighbourhood(i, factors, colours, symmetric)) for i, c in colours.items()
        }
        ranks = {key: n for n, key in enumerate(sorted({repr(v) for v in rounds.values()}))}
        new: dict[Index, object] = {i: ("c", ranks[repr(v)]) for i, v in rounds.items()}
        if len(set(new.values())) == len(set(colours.values())):
            break
        colours = new
    classes = Counter(map(repr, new.values()))
    tied = sorted(c for c, n in classes.items() if n > 1)
    if not tied:
        sizes = sorted(f"{colour} {i.size}" for i, colour in new.items())
        return (*sizes, *sorted(repr(_coloured(f, new, symmetric)) for f in factors))
    members = [i for i, c in new.items() if repr(c) == tied[0]]
    return min(_refined(factors, {**new, member: ("first",)}, symmetric) for member in members)


def _neighbourhood(
    index: Index,
    factors: tuple[Factor, ...],
    colours: Mapping[Index, object],
    symmetric: frozenset[str],
) -> list[str]:
    marked = {**colours, index: ("here",)}
    return sorted(repr(_coloured(f, marked, symmetric)) for f in factors if index in indices_in(f))


def _coloured(
    form: Form, colours: Mapping[Index, object], symmetric: frozenset[str]
) -> tuple[object, ...]:
    """The form as nested tuples with each index replaced by its colour."""
    if isinstance(form, Index):
        return ("i", colours.get(form, form.name))
    if isinstance(form, Entry):
        inner = [_coloured(s, colours, symmetric) for s in form.subscripts]
        if form.tensor.name in symmetric:
            inner.sort(key=repr)
        return (form.tensor.name, *inner)
    if isinstance(form, Affine):
        terms = sorted(repr((_coloured(i, colours, symmetric), str(c))) for i, c in form.terms)
        return ("a", str(form.offset), *terms)
    if isinstance(form, Delta):
        sides = (repr(_coloured(s, colours, symmetric)) for s in (form.left, form.right))
        return ("δ", *sorted(sides))
    if isinstance(form, Ones):
        return ("1", _coloured(form.index, colours, symmetric))
    arguments = (_coloured(a, colours, symmetric) for a in form.arguments)
    return (sp.srepr(form.expression), *arguments)


def scaled(total: Sum, coefficient: sp.Expr) -> Sum:
    """The sum times a number or size expression."""
    return Sum(
        tuple(Contraction(coefficient * t.coefficient, t.factors, t.over) for t in total.terms)
    )


def is_map(term: Contraction) -> bool:
    """Whether the term is one map and nothing else (ones aside)."""
    solid = [f for f in term.factors if not isinstance(f, Ones)]
    return not term.over and len(solid) == 1 and isinstance(solid[0], Map)
