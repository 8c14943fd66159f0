"""Definitions multiplied into the equation that uses them, where that shows what they mean.

    dW = Σ_i dZ[i,l] X[i,j],  dZ[i,l] = (1 − h[i,l]²) dh[i,l]      a product becomes part of one
    d2Z[q,r,i,l] = δ[l,r] X[i,q] p[i,l] − …                         a delta is summed away

A definition that is a sum stays a name where it is multiplied; nothing else is multiplied out.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.maps import split_map
from backproof.theory.normal import apart, normal
from backproof.theory.notation import Delta, Entry, Map, Ones, Tensor, indices_in, slot


def flattened(
    equation: Equation, written: Mapping[str, Equation], definitions: Mapping[str, Equation]
) -> Equation:
    """The equation with the products and the deltas among ``written`` multiplied in.

    A sum of deviations that ``definitions`` say is zero, such as Σ_i (x[i] − m), is left out.
    """
    if not isinstance(equation.rhs, Sum):
        return equation
    terms, changed = list(equation.rhs.terms), True
    while changed:
        expanded = [part for term in terms for part in _expanded(term, written)]
        changed = expanded != terms
        terms = list(normal(Sum(tuple(expanded))).terms) if changed else terms
    kept = tuple(t for t in terms if not _vanishes(t, definitions))
    return Equation(equation.tensor, equation.indices, Sum(kept))


def _vanishes(term: Contraction, definitions: Mapping[str, Equation]) -> bool:
    """Whether a sum of deviations is a factor: Σ_i (x[i] − m), where m = Σ_i x[i] / n."""
    for place, factor in enumerate(term.factors):
        if not isinstance(factor, Map) or not isinstance(factor.expression, sp.Add):
            continue
        others = (*term.factors[:place], *term.factors[place + 1 :])
        elsewhere = {i for f in others for i in indices_in(f)}
        over = tuple(i for i in term.over if i in set(indices_in(factor)) - elsewhere)
        slots = {slot(n): a for n, a in enumerate(factor.arguments)}
        linear = all(sp.diff(factor.expression, s, t) == 0 for s in slots for t in slots)
        if over and linear:
            parts = split_map(Contraction(sp.S.One, (factor,)))
            summed = tuple(Contraction(p.coefficient, p.factors, over) for p in parts)
            free = tuple(i for i in Contraction(sp.S.One, (factor,)).free if i not in over)
            share = Equation(Tensor("", tuple(i.size for i in free)), free, normal(Sum(summed)))
            if not flattened(share, definitions, {}).rhs.terms:  # type: ignore[union-attr]
                return True
    return False


def _expanded(term: Contraction, definitions: Mapping[str, Equation]) -> tuple[Contraction, ...]:
    """The term with its first multipliable factor replaced by what defines it."""
    solid = [f for f in term.factors if not isinstance(f, Ones)]
    for place, factor in enumerate(term.factors):
        if not isinstance(factor, Entry):
            continue
        definition = definitions.get(factor.tensor.name)
        if definition is None or not isinstance(definition.rhs, Sum):
            continue
        parts = definition.rhs.terms
        alone = len(solid) == 1 and not term.over
        squared = term.factors.count(factor) > 1 and any(part.over for part in parts)
        diagonal = len(set(factor.subscripts)) < len(factor.subscripts)
        if squared or not (len(parts) == 1 or alone or diagonal or _has_deltas(definition)):
            continue
        new = dict(zip(definition.indices, factor.subscripts, strict=True))
        others = (*term.factors[:place], *term.factors[place + 1 :])
        return tuple(
            Contraction(
                term.coefficient * part.coefficient,
                (*others, *part.factors),
                (*term.over, *part.over),
            )
            for part in (apart(raw).renamed(new) for raw in parts)
        ) or (Contraction(term.coefficient * 0, term.factors, term.over),)
    return (term,)


def _has_deltas(definition: Equation) -> bool:
    """Whether a delta may be summed away: in what has more axes than a matrix."""
    assert isinstance(definition.rhs, Sum)
    deltas = (isinstance(f, Delta) for f in definition.rhs.factors)
    return len(definition.indices) > 2 and any(deltas)
