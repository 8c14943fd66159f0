"""Equations written out entry by entry, the named scalar functions left as they are."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from backproof.theory.declarations import size
from backproof.theory.equations import Equation
from backproof.theory.errors import BackproofError
from backproof.theory.evaluation.arithmetic import Exact
from backproof.theory.evaluation.meaning import Environment, Nested
from backproof.theory.notation import Tensor, slot


class Opaque(Exact):
    """SymPy expressions in which σ stays σ: nothing is replaced by its definition."""

    def function(self, expression: sp.Expr, arity: int) -> Callable[..., sp.Expr]:
        slots = [slot(n) for n in range(arity)]
        return lambda *numbers: expression.xreplace(dict(zip(slots, numbers, strict=True)))


def written_out(
    statement: Any, sizes: Mapping[str, int]
) -> tuple[dict[str, Nested], dict[str, Nested]]:
    """The arguments as nested tuples of symbols, and every equation in terms of them.

    ``sizes`` gives every symbolic size.  Labels get values: 0, 1, … in turn.

    Raises `BackproofError` for a size that is not given.

    >>> from backproof.theory.trace.tracing import trace
    >>> given, found = written_out(trace("np.sum((W @ x)**2)", W="m n", x="n"), {"m": 1, "n": 2})
    >>> found["f"]
    (W_0_0*x_0 + W_0_1*x_1)**2
    """
    equations: tuple[Equation, ...] = tuple(statement.equations)
    known = {size(name): extent for name, extent in sizes.items()}
    arguments: dict[str, Tensor] = dict(statement.arguments)
    given = {name: _symbols(tensor, known) for name, tensor in arguments.items()}
    environment = Environment(given, known, Opaque()).completed(equations)
    names = [equation.tensor.name for equation in equations]
    return given, {name: environment.values[name] for name in names}


def _symbols(tensor: Tensor, known: Mapping[sp.Symbol, int]) -> Nested:
    extents = [_extent(tensor, s, known) for s in tensor.shape]
    entries: dict[tuple[int, ...], Any] = {}
    for count, place in enumerate(itertools.product(*map(range, extents))):
        if tensor.dtype == "integer":
            entries[place] = count % _extent(tensor, sp.sympify(tensor.below), known)
        else:
            entries[place] = sp.Symbol("_".join([tensor.name, *map(str, place)]), real=True)

    def rows(prefix: tuple[int, ...]) -> Nested:
        if len(prefix) == len(extents):
            return entries[prefix]
        return tuple(rows((*prefix, n)) for n in range(extents[len(prefix)]))

    return rows(())


def _extent(tensor: Tensor, extent: sp.Expr, known: Mapping[sp.Symbol, int]) -> int:
    value = sp.sympify(extent).subs(known)
    if not value.is_Integer:
        missing = ", ".join(sorted(s.name for s in value.free_symbols))
        raise BackproofError(
            tensor.name, f"the size {extent}", "a number", f"pass sizes={{{missing!r}: 2}}"
        )
    return int(value)
