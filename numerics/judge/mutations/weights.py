"""Averages and counts: weights exchanged or left out, a step counted too early or too late."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from backproof.numerics.judge.mutations.mutation import (
    Mutation,
    Scene,
    entrywise,
    scalars_in,
    with_expression,
)
from backproof.theory.equations import Equation


def weights(equation: Equation, scene: Scene) -> Iterator[Mutation]:
    """β and 1 − β exchanged, or neither there: for a scalar that is declared a fraction."""
    found = entrywise(equation)
    if found is None:
        return
    expression, arguments = found
    name = equation.tensor.name
    for symbol, tensor in scalars_in(arguments, "fraction").items():
        beta = tensor.name
        rest = 1 - symbol
        changes = {
            f"{beta} and 1 - {beta} exchanged in {name}": expression.xreplace({symbol: rest}),
            f"{name} without the weights {beta} and 1 - {beta} (a sum where an average is meant)": (
                expression.xreplace({rest: sp.S.One}).xreplace({symbol: sp.S.One})
            ),
        }
        for n, (words, changed) in enumerate(changes.items()):
            new = with_expression(equation, changed, arguments)
            if new is not None and expression.has(rest):
                yield Mutation("weights", f"weights {n} of {beta}", words, {name: new}, 2)


def counts(equation: Equation, scene: Scene) -> Iterator[Mutation]:
    """A count that is one too small or too large."""
    found = entrywise(equation)
    if found is None:
        return
    expression, arguments = found
    name = equation.tensor.name
    for symbol, tensor in scalars_in(arguments, "count").items():
        for shift, said in ((-1, "one too small"), (1, "one too large")):
            new = with_expression(
                equation, expression.xreplace({symbol: symbol + shift}), arguments
            )
            if new is not None:
                words = f"{tensor.name} {said} in {name}"
                yield Mutation("count", f"{tensor.name} {said}", words, {name: new}, 2)
