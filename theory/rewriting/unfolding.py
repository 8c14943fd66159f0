"""Seeing through names: an entry as the scalar expression that its definition makes of it.

With ``e = exp(z)`` and ``u = 1 + e``, the entry ``u[i]`` unfolds to ``1 + exp(z[i])``.  Only
definitions that act entry by entry unfold, and only where an exponential is at the bottom:
that is what stability is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp

from backproof.theory.equations import Contraction, Equation, Sum
from backproof.theory.maps import as_expression
from backproof.theory.notation import Entry, Map, Ones, slot
from backproof.theory.scalars import sigmoid

Scalar = tuple[sp.Expr, dict[Entry, sp.Symbol]]
Definitions = Mapping[str, Callable[[Entry], Scalar]]


def unfolded(
    factor: Entry | Map, defined: Mapping[str, Equation], known: Definitions
) -> Scalar | None:
    """The expression of a factor and the entries in it, or `None` when nothing unfolds.

    ``known`` gives definitions that take precedence over the equations, by name.
    """
    if isinstance(factor, Map):
        terms: tuple[Contraction, ...] = (Contraction(sp.S.One, (factor,)),)
    else:
        if factor.tensor.name in known:
            return known[factor.tensor.name](factor)
        found = _definition(factor, defined)
        if found is None:
            return None
        terms = found
    arguments: dict[Entry, sp.Symbol] = {}
    expr = as_expression(terms, arguments)
    for entry, symbol in list(arguments.items()):
        inner = unfolded(entry, defined, known)
        if inner is not None:
            body, entries = inner
            new = {s: arguments.setdefault(e, slot(len(arguments))) for e, s in entries.items()}
            expr = expr.xreplace({symbol: body.xreplace(new)})
    if isinstance(factor, Entry) and not expr.has(sp.exp, sigmoid):
        return None
    return expr, {e: s for e, s in arguments.items() if s in expr.free_symbols}


def _definition(entry: Entry, defined: Mapping[str, Equation]) -> tuple[Contraction, ...] | None:
    """The terms that define an entry, if they act entry by entry."""
    equation = defined.get(entry.tensor.name)
    if equation is None or not isinstance(equation.rhs, Sum):
        return None
    for term in equation.rhs.terms:
        if term.over or not all(isinstance(f, Entry | Map | Ones) for f in term.factors):
            return None
    new = dict(zip(equation.indices, entry.subscripts, strict=True))
    return equation.rhs.renamed(new).terms
