"""Continuity, derivatives, and bounds of derivatives."""

from __future__ import annotations

import itertools

import sympy as sp

from backproof.theory.hypotheses.activation import JUMPING, KINKED, SMOOTH, T, pieces
from backproof.theory.hypotheses.verdict import Verdict, fails, holds, unknown


def is_smooth(e: sp.Expr) -> bool:
    """Whether it is made of functions that have all derivatives everywhere."""
    if not e.has(T) or e == T:
        return True
    if e.is_Add or e.is_Mul:
        return all(is_smooth(a) for a in e.args)
    if isinstance(e, sp.Pow):
        if e.exp.is_Integer and e.exp > 0:
            return is_smooth(e.base)
        if e.exp.is_number and _positive(e.base):
            return is_smooth(e.base)
        return e.base.is_positive is True and is_smooth(e.exp)
    if isinstance(e, sp.log):
        return _positive(e.args[0]) and is_smooth(e.args[0])
    return isinstance(e, SMOOTH) and is_smooth(e.args[0])


def _positive(e: sp.Expr) -> bool:
    """A sum of positive things, or of a positive and squares."""
    if e.is_positive:
        return True
    if e.is_Add:
        return any(_positive(a) for a in e.args) and all(
            _positive(a) or a.is_nonnegative for a in e.args
        )
    return False


def differentiable(e: sp.Expr, order: int) -> Verdict:
    """σ ∈ Cᵐ on the whole line, for m = ``order``; zero is continuity."""
    word = "continuous" if order == 0 else f"{order} times continuously differentiable"
    if is_smooth(e):
        return holds("it is made of functions with all derivatives everywhere")
    if order == 0 and not e.has(*JUMPING, sp.Piecewise) and is_smooth(_without_kinks(e)):
        return holds("it is made of continuous functions")
    parts = pieces(e)
    if parts is None or not all(is_smooth(value) for value, _ in parts):
        return unknown("its pieces could not be told")
    for (left, part), (right, _) in itertools.pairwise(parts):
        for k in range(order + 1):
            a, b = (sp.diff(value, T, k).subs(T, part.sup) for value in (left, right))
            if (a - b).equals(0) is not True:
                what = "values" if k == 0 else f"derivatives of order {k}"
                return fails(f"at t = {part.sup} the {what} from left and right are {a} and {b}")
    return holds(f"its pieces are smooth and meet so that it is {word}")


def _without_kinks(e: sp.Expr) -> sp.Expr:
    """|·| and its like replaced by their arguments: continuity sees no difference."""
    for _ in range(8):
        e = e.replace(lambda f: isinstance(f, KINKED), lambda f: sp.Add(*f.args))
    return e


def continuous(e: sp.Expr) -> Verdict:
    """σ ∈ C."""
    return differentiable(e, 0)
