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
    rename,
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
    """The term with 0 for every index of size 1 but ``own``, which stands for 0 where it can."""
    units = {i for f in term.factors for i in indices_in(f) if i.size == 1}
    if not units:
        return term
    gone = {i: ZERO for i in units if i != own}
    over = tuple(i for i in term.over if i not in gone)
    factors: list[Factor] = []
    for factor in (g for f in term.factors for g in rename(f, gone)):
        if isinstance(factor, Delta) and all(s in (own, ZERO) for s in (factor.left, factor.right)):
            continue
        factors.append(_factor(factor, own))
    carried = {i for f in factors for i in indices_in(f)}
    missing = [i for i in free if i not in carried]
    return Contraction(term.coefficient, (*factors, *map(Ones, missing)), over)


def _factor(factor: Factor, own: Index | None) -> Factor:
    if own is None:
        return factor
    if isinstance(factor, Entry):
        return _entry(factor, own)
    if isinstance(factor, Map):
        return Map(factor.expression, tuple(_entry(a, own) for a in factor.arguments))
    return factor


def _entry(entry: Entry, own: Index) -> Entry:
    places: list[Subscript] = []
    for subscript, size in zip(entry.subscripts, entry.tensor.shape, strict=True):
        if size == 1 and subscript == ZERO:
            places.append(own)
        elif isinstance(subscript, Entry):
            places.append(_entry(subscript, own))
        else:
            places.append(subscript)
    return Entry(entry.tensor, tuple(places))
