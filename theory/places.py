"""Where subscripts point: places that are never equal, that tell their indices, that are apart.

A place is a subscript over all values of its indices.  What is said here is proved from sizes and
steps; ``False`` means that it could not be.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Index,
    Subscript,
    affine,
    bounds,
    extent,
    indices_in,
)


def unique(place: Affine) -> bool:
    """Whether different indices have different places: each step exceeds the reach of the rest."""
    reach = sp.S.Zero
    for part, coefficient in reversed(place.terms):
        step = sp.Abs(coefficient)
        if not sp.expand(step - reach).is_positive:
            return False
        reach += step * (extent(part) - 1)
    return True


def never(delta: Delta) -> bool:
    """Whether the sides are different whatever their indices: δ[0, 1], δ[i, n+j], δ[2i, 2j+1].

    It is seen by the ranges of the sides, or by their remainders.
    """
    sides = [s for s in (delta.left, delta.right) if isinstance(s, Index | Affine)]
    if len(sides) < 2 or any(isinstance(i, Entry) for s in sides for i in _parts(s)):
        return False
    (low, high), (other_low, other_high) = map(bounds, sides)
    gaps = (sp.expand(other_low - high), sp.expand(low - other_high))
    return any(gap.is_positive for gap in gaps) or _odd(*sides)


def _odd(left: Index | Affine, right: Index | Affine) -> bool:
    """Whether two places differ by numbers that the steps of both cannot make up."""
    forms = [affine(sp.S.Zero, [(s, sp.S.One)]) for s in (left, right)]
    steps = [c for form in forms for _, c in form.terms]
    if not steps or not all(c.is_Integer for c in steps):
        return False
    gap = sp.expand(forms[0].offset - forms[1].offset)
    return bool(gap.is_Integer and gap % sp.igcd(*steps, 0) != 0)


def _parts(subscript: Index | Affine) -> list[Index | Entry]:
    return [subscript] if isinstance(subscript, Index) else [p for p, _ in subscript.terms]


def decodes(subscripts: Sequence[Subscript], indices: Sequence[Index]) -> bool:
    """Whether the subscripts tell the indices: no two assignments have the same place.

    Other indices in the subscripts are taken as known.

    >>> i, j = Index("i", sp.Integer(3)), Index("j", sp.Integer(2))
    >>> row_major = Affine(sp.S.Zero, ((i, sp.Integer(2)), (j, sp.Integer(1))))
    >>> decodes([row_major], [i, j]), decodes([Affine(sp.S.Zero, ((i, sp.S.One),))], [i, j])
    (True, False)
    """
    told: set[Index | Entry] = {s for s in subscripts if isinstance(s, Index)}
    told |= {i for s in subscripts for i in indices_in(s) if i not in indices}
    for subscript in subscripts:
        if isinstance(subscript, Affine):
            open_ = [(p, c) for p, c in subscript.terms if p not in told]
            steps = sorted(open_, key=lambda term: weighted(abs(term[1])), reverse=True)
            plain = [(p, abs(c)) for p, c in steps if isinstance(p, Index)]
            if len(plain) == len(steps) and unique(Affine(sp.S.Zero, tuple(plain))):
                told |= {p for p, _ in plain}
    return set(indices) <= told


def weighted(step: sp.Expr) -> sp.Expr:
    """A step as a number to sort by: symbols count for much."""
    return step.xreplace(dict.fromkeys(step.free_symbols, sp.Integer(10**3)))


def separate(left: Sequence[Subscript], right: Sequence[Subscript]) -> bool:
    """Whether two families of places provably share none: on some axis, in range or in remainder.

    The indices of the two count independently, whatever their names.
    """
    return any(never(Delta(a, b)) for a, b in zip(left, right, strict=True))
