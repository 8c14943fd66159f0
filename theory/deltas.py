"""What deltas say in a contraction: rules that eliminate them, each an identity.

Σ_i f(i)            = f(0)               (an index of size one that a delta places)
δ[i, n + j]         = 0                  (i below n: places that never meet)
δ[n·i + k, n·j + l] = δ[i, j] δ[k, l]    (places are equal digit by digit)
δ[s, s]             = 1[s]               (so are sides that other deltas make equal)
δ[i, 0]             = 1[i]               (i of size one: there is no other place)
Σ_i δ[i, s] f(i)    = f(s)               (a summed delta substitutes, s being in i's range)
Σ_k δ[n−1−k, i] f(k) = f(n−1−i)          (both of size n: a reversal)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations

import sympy as sp

from backproof.theory.equations import Contraction
from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Index,
    Ones,
    Subscript,
    distinct,
    extent,
    indices_in,
    inside,
    rename,
    rename_subscript,
)
from backproof.theory.places import never, unique
from backproof.theory.signatures import classes_of

Rule = Callable[[Contraction], Contraction | None]


def one_value(term: Contraction) -> Contraction | None:
    """Σ_i f(i) = f(0) for an index of size one that stands in a delta: it is a place."""
    placed = {i for f in term.factors if isinstance(f, Delta) for i in indices_in(f)}
    single: dict[Index, Subscript] = {
        i: _only_place(i, term) for i in term.over if i.size == 1 and i in placed
    }
    if not single:
        return None
    over = tuple(i for i in term.over if i not in single)
    return Contraction(term.coefficient, term.factors, over).renamed(single)


def _only_place(index: Index, term: Contraction) -> Index | Affine:
    """The one value of a summed index of size one: a free index that a delta sets it to, or 0."""
    for delta in (f for f in term.factors if isinstance(f, Delta)):
        for side, other in ((delta.left, delta.right), (delta.right, delta.left)):
            if side == index and isinstance(other, Index) and other not in term.over:
                return other
    return Affine(sp.S.Zero)


def never_equal(term: Contraction) -> Contraction | None:
    """δ[s, u] δ[u, t] = 0 for places s and t that never meet."""
    for group in classes_of(term.factors):
        if any(never(Delta(s, t)) for s, t in combinations(group, 2)):
            return Contraction(sp.S.Zero)
    return None


def digits(term: Contraction) -> Contraction | None:
    """δ[n·i + k, n·j + l] = δ[i, j] δ[k, l] for 0 ≤ k, l < n: places are equal digit by digit."""
    for position, factor in enumerate(term.factors):
        pairs = _digits(factor) if isinstance(factor, Delta) else None
        if pairs is not None:
            factors = (*term.factors[:position], *pairs, *term.factors[position + 1 :])
            return Contraction(term.coefficient, factors, term.over)
    return None


def equal_sides(term: Contraction) -> Contraction | None:
    """δ[s, s] = 1, carried by every index of s; so are sides that other deltas make equal."""
    deltas = [f for f in term.factors if isinstance(f, Delta)]
    for position, factor in enumerate(term.factors):
        if isinstance(factor, Delta):
            others = [d for d in deltas if d is not factor]
            if factor.left == factor.right or (others and _implied(factor, others)):
                rest = (*term.factors[:position], *term.factors[position + 1 :])
                ones = (*_ones(factor.left), *_ones(factor.right))
                return Contraction(term.coefficient, (*rest, *ones), term.over)
    return None


def only_place(term: Contraction) -> Contraction | None:
    """δ[i, 0] = 1[i] for an i of size one, and δ[i, j] = 1[i] 1[j] for two of them."""
    for position, factor in enumerate(term.factors):
        if isinstance(factor, Delta) and all(map(_is_zero, (factor.left, factor.right))):
            rest = (*term.factors[:position], *term.factors[position + 1 :])
            ones = (*_ones(factor.left), *_ones(factor.right))
            return Contraction(term.coefficient, (*rest, *ones), term.over)
    return None


def _is_zero(side: Subscript) -> bool:
    """Whether a side of a delta has the one value 0."""
    if isinstance(side, Affine):
        return side.offset == 0 and all(_is_zero(part) for part, _ in side.terms)
    return isinstance(side, Index) and side.size == 1


def _implied(delta: Delta, others: Sequence[Delta]) -> bool:
    """Whether other deltas make the two sides equal: δ[i, j] δ[t[i], t[j]] = δ[i, j]."""
    same: dict[Index, Subscript] = {}
    for group in classes_of(others):
        indices = sorted((s for s in group if isinstance(s, Index)), key=lambda i: i.name)
        numbers = [s for s in group if isinstance(s, Affine) and not s.terms]
        known: list[Subscript] = [*numbers, *indices]
        same |= dict.fromkeys(indices, known[0]) if indices else {}
    left, right = (rename_subscript(s, same) for s in (delta.left, delta.right))
    if left == right:
        return True
    renamed = [g for d in others for g in rename(d, same)]
    return any(left in group and right in group for group in classes_of(renamed))


def summed_delta(term: Contraction) -> Contraction | None:
    """Σ_i δ[i, s] f(i) = f(s), for an s without i that stays in the range of i."""
    for position, factor in enumerate(term.factors):
        if not isinstance(factor, Delta) or factor.left == factor.right:
            continue
        for side, target in ((factor.left, factor.right), (factor.right, factor.left)):
            found = _told(side, target)
            if found is not None and found[0] in term.over:
                index, place = found
                rest = (*term.factors[:position], *term.factors[position + 1 :])
                over = tuple(i for i in term.over if i != index)
                new = Contraction(term.coefficient, rest, over).renamed({index: place})
                return Contraction(new.coefficient, (*new.factors, *_ones(place)), over)
    return None


def _told(side: Subscript, target: Subscript) -> tuple[Index, Subscript] | None:
    """The index of one side of a delta, and the place on its axis that the other side tells."""
    if isinstance(side, Index):
        here = side not in indices_in(target) and _stays(target, side.size)
        return (side, target) if here else None
    if not isinstance(side, Affine) or not isinstance(target, Index) or len(side.terms) != 1:
        return None
    ((part, step),) = side.terms  # k = n − 1 − i where n − 1 − k = i: a reversal undoes itself
    if not isinstance(part, Index) or step != -1 or part == target:
        return None
    if side.offset != part.size - 1 or part.size != target.size:
        return None
    return part, Affine(part.size - 1, ((target, -sp.S.One),))


def _stays(target: Subscript, size: sp.Expr) -> bool:
    """Whether a subscript provably stays in a range: outside of it the delta is zero, not f."""
    return isinstance(target, Entry) or bool(inside(target, size))


def _ones(subscript: Subscript) -> tuple[Ones, ...]:
    return tuple(Ones(i) for i in distinct(indices_in(subscript)))


def _digits(delta: Delta) -> tuple[Delta, ...] | None:
    """The deltas of the digits of two places, or `None`.

    The steps are those of one side; on the other an index may hold several digits at once,
    (n + 1)·i = n·i + i, and a digit may be zero or a number.
    """
    left, right = delta.left, delta.right
    if not isinstance(left, Affine) or not isinstance(right, Affine):
        return None
    if [c for _, c in left.terms] == [c for _, c in right.terms] and left.offset == right.offset:
        if not (unique(left) and unique(right)):
            return None
        pairs = zip(left.terms, right.terms, strict=True)
        return tuple(Delta(i, j) for (i, _), (j, _) in pairs)
    for place, other in ((left, right), (right, left)):
        steps = [step for _, step in place.terms]
        found = _in_steps(place, other, steps) if steps else None
        if found is not None and _apart(place.terms) and _apart(zip(found, steps, strict=True)):
            return tuple(
                Delta(part, digit) for (part, _), digit in zip(place.terms, found, strict=True)
            )
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
    if left_over != 0 and len(rest) != 1:
        return None
    for n in rest:
        digit = sp.cancel(left_over / steps[n])
        if not digit.is_integer:
            return None
        digits[n] = Affine(digit)
    return tuple(digits[n] for n in range(len(steps)))


def _apart(digits: Iterable[tuple[Subscript, sp.Expr]]) -> bool:
    """Whether different digits have different places: each step exceeds the reach of the rest."""
    reach = sp.S.Zero
    for digit, step in reversed(list(digits)):
        highest = digit.offset if isinstance(digit, Affine) else extent(digit) - 1
        if not sp.expand(step - reach).is_positive or not highest.is_nonnegative:
            return False
        reach += step * highest
    return True


OF_DELTAS: tuple[Rule, ...] = (
    one_value,
    digits,
    equal_sides,
    only_place,
    summed_delta,
    never_equal,
)
