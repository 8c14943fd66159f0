"""The normal form of contractions: deltas eliminated, ones absorbed, equal terms merged.

A term is rewritten by `RULES` until none applies, each an identity:

    δ[n·i + k, n·j + l] = δ[i, j] δ[k, l]    (places are equal digit by digit)
    δ[s, s]             = 1[s]
    Σ_i δ[i, s] f(i)    = f(s)               (a summed delta substitutes)
    1[i] f(i)           = f(i)
    Σ_i 1[i]            = size of i          (an index that nothing carries multiplies by its size)

A delta between two free indices survives.  Terms of one `signature` merge: they are compared up
to the names of summed indices, the order of factors and what surviving deltas make equal.

Rewriting ends: in lexicographic order, each rule lowers the tuple (number of summed indices,
number of affine sides of deltas, number of deltas, number of ones) — the third and the fifth the
first entry, the first the second, the second the third, the fourth the last, and none raises an
entry before the one it lowers.  It is confluent: whatever rule is applied where, the same term
comes out up to the names of summed indices and the order of factors, since two deltas that share
an index commute by the symmetry and transitivity of equality.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.maps import split_map
from backproof.theory.notation import (
    Affine,
    Delta,
    Factor,
    Index,
    Map,
    Ones,
    Subscript,
    distinct,
    extent,
    fresh,
    indices_in,
    inside,
)
from backproof.theory.signatures import signature

__all__ = [
    "RULES",
    "apart",
    "is_map",
    "normal",
    "normal_term",
    "product",
    "scaled",
    "signature",
]


def normal_term(term: Contraction) -> Contraction:
    """The contraction with its summed deltas and redundant ones gone: no rule applies any more."""
    while True:
        for rule in RULES:
            new = rule(term)
            if new is not None:
                term = new
                break
        else:
            return term


def digits(term: Contraction) -> Contraction | None:
    """δ[n·i + k, n·j + l] = δ[i, j] δ[k, l] for 0 ≤ k, l < n: places are equal digit by digit."""
    for position, factor in enumerate(term.factors):
        pairs = _digits(factor) if isinstance(factor, Delta) else None
        if pairs is not None:
            factors = (*term.factors[:position], *pairs, *term.factors[position + 1 :])
            return Contraction(term.coefficient, factors, term.over)
    return None


def equal_sides(term: Contraction) -> Contraction | None:
    """δ[s, s] = 1, carried by every index of s."""
    for position, factor in enumerate(term.factors):
        if isinstance(factor, Delta) and factor.left == factor.right:
            rest = (*term.factors[:position], *term.factors[position + 1 :])
            return Contraction(term.coefficient, (*rest, *_ones(factor.left)), term.over)
    return None


def summed_delta(term: Contraction) -> Contraction | None:
    """Σ_i δ[i, s] f(i) = f(s), for an s without i that stays in the range of i."""
    for position, factor in enumerate(term.factors):
        if not isinstance(factor, Delta):
            continue
        for index, target in ((factor.left, factor.right), (factor.right, factor.left)):
            if not isinstance(index, Index) or index not in term.over:
                continue
            if index not in indices_in(target) and _stays(target, index.size):
                rest = (*term.factors[:position], *term.factors[position + 1 :])
                over = tuple(i for i in term.over if i != index)
                new = Contraction(term.coefficient, rest, over).renamed({index: target})
                return Contraction(new.coefficient, (*new.factors, *_ones(target)), over)
    return None


def _stays(target: Subscript, size: sp.Expr) -> bool:
    """Whether a subscript provably stays in a range: outside of it the delta is zero, not f."""
    if isinstance(target, Affine):
        return inside(target, size) is True
    reach = extent(target)
    return reach == size or bool((size - reach).is_nonnegative)


def redundant_ones(term: Contraction) -> Contraction | None:
    """1[i] f(i) = f(i)."""
    carried = {i for f in term.factors if not isinstance(f, Ones) for i in indices_in(f)}
    kept: list[Factor] = []
    for factor in term.factors:
        if isinstance(factor, Ones):
            if factor.index in carried:
                continue
            carried.add(factor.index)
        kept.append(factor)
    if len(kept) == len(term.factors):
        return None
    return Contraction(term.coefficient, tuple(kept), term.over)


def lone_index(term: Contraction) -> Contraction | None:
    """Σ_i 1[i] = size of i, where nothing else carries i."""
    carried = {i for f in term.factors if not isinstance(f, Ones) for i in indices_in(f)}
    lone = [i for i in term.over if i not in carried]
    if not lone:
        return None
    coefficient = sp.Mul(term.coefficient, *(i.size for i in lone))
    factors = tuple(f for f in term.factors if not (isinstance(f, Ones) and f.index in lone))
    return Contraction(coefficient, factors, tuple(i for i in term.over if i in carried))


def _ones(subscript: Subscript) -> tuple[Ones, ...]:
    return tuple(Ones(i) for i in distinct(indices_in(subscript)))


RULES: tuple[Callable[[Contraction], Contraction | None], ...] = (
    digits,
    equal_sides,
    summed_delta,
    redundant_ones,
    lone_index,
)


def _digits(delta: Delta) -> tuple[Delta, ...] | None:
    """The deltas of the digits of two places, or `None`.

    The steps are those of one side; on the other an index may hold several digits at once,
    (n + 1)·i = n·i + i, and a digit may be zero or a number.
    """
    left, right = delta.left, delta.right
    if not isinstance(left, Affine) or not isinstance(right, Affine) or not left.terms:
        return None
    for place, other in ((left, right), (right, left)):
        steps = [step for _, step in place.terms]
        alike = steps == [step for _, step in other.terms] and place.offset == other.offset
        found = tuple(p for p, _ in other.terms) if alike else _in_steps(place, other, steps)
        if found is not None and _unique(place.terms) and _unique(zip(found, steps, strict=True)):
            pairs = zip(place.terms, found, strict=True)
            return tuple(Delta(part, digit) for (part, _), digit in pairs)
    return None


def _in_steps(
    place: Affine, other: Affine, steps: Sequence[sp.Expr]
) -> tuple[Subscript, ...] | None:
    """The digits of ``other`` in the steps of a place of several digits."""
    digits: dict[int, Subscript] = {}
    for part, coefficient in other.terms:
        free = [n for n in range(len(steps)) if n not in digits]
        several = (c for k in range(1, len(free) + 1) for c in combinations(free, k))
        held = (c for c in several if sp.expand(sp.Add(*(steps[n] for n in c)) - coefficient) == 0)
        digits |= dict.fromkeys(next(held, ()), part)
        if part not in digits.values():
            return None
    rest = [n for n in range(len(steps)) if n not in digits]
    left_over = sp.expand(other.offset - place.offset)
    if len(steps) == 1 or (left_over != 0 and len(rest) != 1):
        return None
    for n in rest:
        digits[n] = Affine(sp.cancel(left_over / steps[n]))
    return tuple(digits[n] for n in range(len(steps)))


def _unique(digits: Iterable[tuple[Subscript, sp.Expr]]) -> bool:
    """Whether different digits have different places: each step exceeds the reach of the rest."""
    reach = sp.S.Zero
    for digit, step in reversed(list(digits)):
        highest = digit.offset if isinstance(digit, Affine) else extent(digit) - 1
        if not sp.expand(step - reach).is_positive or not highest.is_nonnegative:
            return False
        reach += step * highest
    return True


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


def scaled(total: Sum, coefficient: sp.Expr) -> Sum:
    """The sum times a number or size expression."""
    return Sum(
        tuple(Contraction(coefficient * t.coefficient, t.factors, t.over) for t in total.terms)
    )


def is_map(term: Contraction) -> bool:
    """Whether the term is one map and nothing else (ones aside)."""
    solid = [f for f in term.factors if not isinstance(f, Ones)]
    return not term.over and len(solid) == 1 and isinstance(solid[0], Map)
