"""The degree of each quantity as a polynomial in an input: a bound read off the equations."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.notation import Entry, Map, entries_in, slot


def degrees(equations: Sequence[Equation], wrt: str) -> dict[str, int | None]:
    """For each quantity that depends on ``wrt`` its degree, `None` where it is no polynomial.

    >>> from backproof.theory.trace.tracing import trace
    >>> degrees(trace("np.sum((W @ x - y)**2)", W="m n", x="n", y="m").equations, "x")
    {'x': 1, 't1': 1, 'f': 2}
    """
    known: dict[str, int | None] = {wrt: 1}
    for equation in equations:
        if any(t.name in known for t in equation.operands):
            real = equation.tensor.dtype == "real"  # a label that depends on it jumps
            known[equation.tensor.name] = _of_equation(equation, known) if real else None
    return known


def _of_equation(equation: Equation, known: dict[str, int | None]) -> int | None:
    if not isinstance(equation.rhs, Sum):
        return None
    found = [_of_term(term, known) for term in equation.rhs.terms]
    return None if None in found else max([0, *(d for d in found if d is not None)])


def _of_term(term: Contraction, known: dict[str, int | None]) -> int | None:
    total = 0
    for factor in term.factors:
        degree: int | None = 0
        if any(known.get(e.tensor.name, 0) is None for e in entries_in(factor)):
            return None
        if isinstance(factor, Entry):
            degree = known.get(factor.tensor.name, 0)
        elif isinstance(factor, Map):
            degree = _of_map(factor, known)
        if degree is None:
            return None
        total += degree
    return total


def _of_map(factor: Map, known: dict[str, int | None]) -> int | None:
    moving = {slot(n): a.tensor.name for n, a in enumerate(factor.arguments)}
    moving = {s: name for s, name in moving.items() if name in known}
    if not moving:
        return 0
    if not factor.expression.is_polynomial(*moving):
        return None
    monomials = sp.Poly(factor.expression, *moving).monoms()
    degrees_ = [known[name] or 0 for name in moving.values()]
    return max(sum(p * d for p, d in zip(powers, degrees_, strict=True)) for powers in monomials)
