"""Axes of one entry: their index is 0, so a delta to 0 is one and a sum over them is its entry.

    dz[n,k] = δ[k,0] (σ(z[n,0]) − y[n,0])   →   dz[n,k] = σ(z[n,k]) − y[n,k]
    nll[n] = Σ_k y[n,k] z[n,k]              →   nll[n] = y[n,0] z[n,0]

The condition is the size 1 itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Factor,
    Index,
    Map,
    Ones,
    Subscript,
    indices_in,
)
from backproof.theory.steps import Step

BECAUSE = "the only value of an index of size 1 is 0"
ZERO = Affine(sp.S.Zero)


def unit_axes(equations: Sequence[Equation]) -> tuple[list[Equation], list[Step]]:
    """The equations with their axes of one entry written out of the way, and the steps taken."""
    written, steps = [], []
    for equation in equations:
        new = _rewritten(equation)
        if new != equation:
            steps.append(Step("axis of one entry", equation, new, BECAUSE, equation.tensor))
        written.append(new)
    return written, steps


def _rewritten(equation: Equation) -> Equation:
    if not isinstance(equation.rhs, Sum):
        return equation
    own = next((i for i in equation.indices if i.size == 1), None)
    terms = tuple(_term(term, own, equation.indices) for term in equation.rhs.terms)
    return Equation(equation.tensor, equation.indices, Sum(terms))


def _term(term: Contraction, own: Index | None, free: tuple[Index, ...]) -> Contraction:
    """The term with ``own``, or 0, as the index of every axis of one entry."""
    over = tuple(i for i in term.over if i.size != 1)
    if not _has_unit_axes(term):
        return term
    units = {i for f in term.factors for i in indices_in(f) if i.size == 1}
    at = own if own is not None else ZERO
    factors = []
    for factor in term.factors:
        sides = (factor.left, factor.right) if isinstance(factor, Delta) else ()
        if any(s in units for s in sides) and all(s in units or s == ZERO for s in sides):
            continue
        if isinstance(factor, Ones) and factor.index in units:
            continue
        factors.append(_factor(factor, at, units))
    carried = {i for f in factors for i in indices_in(f)}
    missing = [i for i in free if i not in carried]
    return Contraction(term.coefficient, (*factors, *map(Ones, missing)), over)


def _has_unit_axes(term: Contraction) -> bool:
    return any(i.size == 1 for f in term.factors for i in indices_in(f))


def _factor(factor: Factor, at: Subscript, units: set[Index]) -> Factor:
    if isinstance(factor, Entry):
        return _entry(factor, at, units)
    if isinstance(factor, Map):
        return Map(factor.expression, tuple(_entry(a, at, units) for a in factor.arguments))
    if isinstance(factor, Delta):
        left, right = (ZERO if s in units else s for s in (factor.left, factor.right))
        return Delta(left, right)
    return factor


def _entry(entry: Entry, at: Subscript, units: set[Index]) -> Entry:
    places = []
    for subscript, size in zip(entry.subscripts, entry.tensor.shape, strict=True):
        if size == 1 and (subscript in units or subscript == ZERO):
            places.append(at)
        elif isinstance(subscript, Entry):
            places.append(_entry(subscript, at, units))
        else:
            places.append(subscript)
    return Entry(entry.tensor, tuple(places))
