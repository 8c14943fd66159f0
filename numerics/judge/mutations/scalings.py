"""A scalar factor too many or too few in one term of an expression, brackets multiplied out."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from backproof.numerics.judge.mutations.mutation import (
    Mutation,
    Scene,
    entrywise,
    with_expression,
)
from backproof.theory.equations import Equation
from backproof.theory.notation import Entry, Tensor
from backproof.theory.printing.text import text


def scalings(equation: Equation, scene: Scene) -> Iterator[Mutation]:
    """One term times a scalar argument, times one minus it, or without it."""
    scalars = [t for t in scene.statement.arguments.values() if not t.shape and t.dtype == "real"]
    found = entrywise(equation)
    if found is None or not scalars:
        return
    expression, arguments = found
    own = sp.Add.make_args(sp.expand_mul(expression))
    for n, term in enumerate(own):
        for tensor in scalars:
            symbol = arguments.setdefault(
                Entry(tensor), sp.Symbol(f"scaling_{tensor.name}", real=True)
            )
            for factor, said in _slips(term, tensor, symbol):
                changed = sp.Add(*own[:n], factor * term, *own[n + 1 :])
                new = with_expression(equation, changed, arguments)
                if new is not None:
                    yield _told(equation, term, n, said, new, arguments)


def _slips(term: sp.Expr, tensor: Tensor, symbol: sp.Symbol) -> Iterator[tuple[sp.Expr, str]]:
    if term.as_powers_dict().get(symbol, 0) == 1:
        yield 1 / symbol, f"without its factor {tensor.name}"
        yield symbol, f"with its factor {tensor.name} twice"
        return
    yield symbol, f"times {tensor.name}"
    if "fraction" in tensor.assumptions:
        yield 1 - symbol, f"times 1 - {tensor.name}"


def _told(
    equation: Equation,
    term: sp.Expr,
    n: int,
    said: str,
    new: Equation,
    arguments: dict[Entry, sp.Symbol],
) -> Mutation:
    name = equation.tensor.name
    alone = with_expression(equation, term, arguments)
    what = f"the term {text(alone.rhs)} of {name}" if alone is not None else name
    return Mutation("factor", f"scaling {n} {said}", f"{what} {said}", {name: new}, 3)
