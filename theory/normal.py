"""The normal form of contractions: deltas eliminated, ones absorbed, equal terms merged.

A term is rewritten by `RULES` until none applies: those of deltas (`backproof.theory.deltas`) and

    1[i] f(i) = f(i)
    Σ_i 1[i]  = size of i    (an index that nothing carries multiplies by its size)

A delta between two free indices survives.  Terms of one `signature` merge: they are compared up
to the names of summed indices, the order of factors and what surviving deltas make equal.  Two
more rules hold of tensors of which they are known (`Facts`): Σ_k P[i,k] = 1[i], S[i,j] = S[j,i].

Rewriting ends: in lexicographic order, each rule lowers the tuple (number of summed indices,
number of affine sides of deltas, number of deltas, number of ones), and none
raises an entry before the one it lowers.

It is confluent up to signatures: whatever rule is applied where, the same term comes out, since
two deltas that share an index commute by the symmetry and transitivity of equality.  Known
exception: terms in which several deltas name the ends of axes.  δ[2N−2, 0] and δ[N−1, 0] say the
same of a symbolic N and stand as they are, and a place from which a digit was taken as a number,
δ[M·i, M·(N−1) + j], is not taken apart.  Such terms keep their value, and are not merged.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from backproof.theory.deltas import OF_DELTAS, Rule
from backproof.theory.equations import Contraction, Sum
from backproof.theory.maps import split_map
from backproof.theory.notation import (
    Delta,
    Entry,
    Factor,
    Index,
    Map,
    Ones,
    distinct,
    fresh,
    indices_in,
)
from backproof.theory.signatures import signature


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
    """The contraction with its summed deltas and redundant ones gone: no rule applies any more."""
    while any(isinstance(f, Delta) for f in term.factors):
        for rule in OF_DELTAS:
            new = rule(term)
            if new is not None:
                term = new
                break
        else:
            break
    while facts.simplex and (new := whole_simplex(term, facts)) is not None:
        term = new
    for rule in OF_SUMS:  # neither lets an earlier one apply
        term = rule(term) or term
    return term


def whole_simplex(term: Contraction, facts: Facts) -> Contraction | None:
    """Σ_k P[i,k] = 1[i] for a tensor whose last axis sums to one, k being nowhere else."""
    for place, factor in enumerate(term.factors):
        if not isinstance(factor, Entry) or factor.tensor.name not in facts.simplex:
            continue
        *others, last = factor.subscripts
        rest = (*term.factors[:place], *term.factors[place + 1 :])
        elsewhere = {i for f in rest for i in indices_in(f)}
        elsewhere |= {i for s in others for i in indices_in(s)}
        if isinstance(last, Index) and last in term.over and last not in elsewhere:
            ones = tuple(Ones(i) for i in distinct(indices_in(factor)) if i != last)
            over = tuple(i for i in term.over if i != last)
            return Contraction(term.coefficient, (*rest, *ones), over)
    return None


def redundant_ones(term: Contraction) -> Contraction | None:
    """1[i] f(i) = f(i)."""
    if not any(isinstance(f, Ones) for f in term.factors):
        return None
    carried = {i for f in term.factors if not isinstance(f, Ones) for i in indices_in(f)}
    kept: list[Factor] = [f for f in term.factors if not isinstance(f, Ones)]
    alone = distinct(f.index for f in term.factors if isinstance(f, Ones))
    kept += [Ones(i) for i in alone if i not in carried]
    if len(kept) == len(term.factors):
        return None
    return Contraction(term.coefficient, tuple(kept), term.over)


def lone_index(term: Contraction) -> Contraction | None:
    """Σ_i 1[i] = size of i, where nothing else carries i."""
    if not term.over:
        return None
    carried = {i for f in term.factors if not isinstance(f, Ones) for i in indices_in(f)}
    lone = [i for i in term.over if i not in carried]
    if not lone:
        return None
    coefficient = term.coefficient
    for index in lone:
        coefficient = coefficient * index.size
    factors = tuple(f for f in term.factors if not (isinstance(f, Ones) and f.index in lone))
    return Contraction(coefficient, factors, tuple(i for i in term.over if i in carried))


OF_SUMS: tuple[Rule, ...] = (redundant_ones, lone_index)
RULES = OF_DELTAS + OF_SUMS


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


def scaled(total: Sum, coefficient: sp.Expr) -> Sum:
    """The sum times a number or size expression."""
    return Sum(
        tuple(Contraction(coefficient * t.coefficient, t.factors, t.over) for t in total.terms)
    )


def is_map(term: Contraction) -> bool:
    """Whether the term is one map and nothing else (ones aside)."""
    solid = [f for f in term.factors if not isinstance(f, Ones)]
    return not term.over and len(solid) == 1 and isinstance(solid[0], Map)
