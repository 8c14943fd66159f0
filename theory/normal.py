"""The normal form of contractions: deltas eliminated, ones absorbed, equal terms merged.

Four rules, each an identity:

    Σ_i δ[i, s] f(i)     = f(s)              (a summed delta substitutes, s being in i's range)
    Σ_k δ[n−1−k, i] f(k) = f(n−1−i)          (both of size n: a reversal)
    Σ_i 1[i]             = size of i         (an index that nothing carries multiplies by its size)
    1[i] f(i)            = f(i)

A delta between two free indices survives.  Terms are compared up to the names of their summed
indices by colour refinement, so that ``X[i,j] X[j,i]`` and ``X[j,i] X[i,j]`` merge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

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


def normal_term(term: Contraction) -> Contraction:
    """The contraction with its summed deltas and redundant ones gone."""
    single: dict[Index, Subscript] = {i: Affine(sp.S.Zero) for i in term.over if i.size == 1}
    if single:  # an index with one value is that value
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
            if summed and (isinstance(target, Entry) or inside(target, side.size)):
                return position, side, target
            mirrored = _mirrored(side, target)
            if mirrored is not None and mirrored[0] in over:
                return position, *mirrored
    return None


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


def normal(total: Sum) -> Sum:
    """Every term in normal form, equal terms merged, zero terms dropped, order kept."""
    merged: dict[tuple[object, ...], Contraction] = {}
    for term in (part for raw in total.terms for part in split_map(normal_term(raw))):
        if term.coefficient == 0:
            continue
        key = signature(term)
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


def signature(term: Contraction) -> tuple[object, ...]:
    """A key equal for contractions that differ only by names of summed indices and factor order."""
    colours: dict[Index, object] = {i: ("s", str(i.size)) for i in term.over}
    return _refined(term.factors, colours)


def _refined(factors: tuple[Factor, ...], colours: dict[Index, object]) -> tuple[object, ...]:
    while True:
        rounds = {i: (c, _neighbourhood(i, factors, colours)) for i, c in colours.items()}
        ranks = {key: n for n, key in enumerate(sorted({repr(v) for v in rounds.values()}))}
        new: dict[Index, object] = {i: ("c", ranks[repr(v)]) for i, v in rounds.items()}
        if len(set(new.values())) == len(set(colours.values())):
            break
        colours = new
    classes = Counter(map(repr, new.values()))
    tied = sorted(c for c, n in classes.items() if n > 1)
    if not tied:
        sizes = sorted(f"{colour} {i.size}" for i, colour in new.items())
        return (*sizes, *sorted(repr(_coloured(f, new)) for f in factors))
    members = [i for i, c in new.items() if repr(c) == tied[0]]
    return min(_refined(factors, {**new, member: ("first",)}) for member in members)


def _neighbourhood(
    index: Index, factors: tuple[Factor, ...], colours: Mapping[Index, object]
) -> list[str]:
    marked = {**colours, index: ("here",)}
    return sorted(repr(_coloured(f, marked)) for f in factors if index in indices_in(f))


def _coloured(form: Form, colours: Mapping[Index, object]) -> tuple[object, ...]:
    """The form as nested tuples with each index replaced by its colour."""
    if isinstance(form, Index):
        return ("i", colours.get(form, form.name))
    if isinstance(form, Entry):
        return (form.tensor.name, *(_coloured(s, colours) for s in form.subscripts))
    if isinstance(form, Affine):
        terms = sorted(repr((_coloured(i, colours), str(c))) for i, c in form.terms)
        return ("a", str(form.offset), *terms)
    if isinstance(form, Delta):
        return ("δ", *sorted(repr(_coloured(s, colours)) for s in (form.left, form.right)))
    if isinstance(form, Ones):
        return ("1", _coloured(form.index, colours))
    return (sp.srepr(form.expression), *(_coloured(a, colours) for a in form.arguments))


def scaled(total: Sum, coefficient: sp.Expr) -> Sum:
    """The sum times a number or size expression."""
    return Sum(
        tuple(Contraction(coefficient * t.coefficient, t.factors, t.over) for t in total.terms)
    )


def is_map(term: Contraction) -> bool:
    """Whether the term is one map and nothing else (ones aside)."""
    solid = [f for f in term.factors if not isinstance(f, Ones)]
    return not term.over and len(solid) == 1 and isinstance(solid[0], Map)
