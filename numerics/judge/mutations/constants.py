"""Another constant: 1e-8 for 1e-5, a threshold of 2 for 1, none at all."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from backproof.numerics.judge.mutations.mutation import (
    Mutation,
    Scene,
    terms_of,
    with_factor,
    with_term,
)
from backproof.theory.equations import Contraction, Equation
from backproof.theory.notation import Map, Ones

SMALL = tuple(sp.Rational(1, 10**n) for n in range(3, 13))  # what is added for safety


def constants(equation: Equation, scene: Scene) -> Iterator[Mutation]:
    """A constant term, or a constant inside a map, replaced by another one."""
    name = equation.tensor.name
    for n, term in enumerate(terms_of(equation)):
        if all(isinstance(f, Ones) for f in term.factors):
            for other in others(term.coefficient):
                new = with_term(equation, n, Contraction(other, term.factors, term.over))
                yield from _told(name, term.coefficient, other, new)
        for place, factor in enumerate(term.factors):
            if isinstance(factor, Map):
                for number in sorted(factor.expression.atoms(sp.Rational), key=str):
                    if number in (0, 1, -1, 2, sp.Rational(1, 2)):
                        continue
                    for other in others(number):
                        expression = factor.expression.xreplace({number: other})
                        changed = Map(expression, factor.arguments)
                        if not all(s in expression.free_symbols for s in _slots(factor)):
                            continue
                        new = with_factor(equation, n, place, changed)
                        yield from _told(name, number, other, new)


def _slots(factor: Map) -> set[sp.Basic]:
    return set(factor.expression.free_symbols)


def others(number: sp.Expr) -> Iterator[sp.Expr]:
    """What a constant is taken for: another small one, or one ten times as large."""
    if not number.is_Rational:
        return
    if 0 < number <= sp.Rational(1, 100):
        yield from (small for small in SMALL if small != number)
        return
    yield from (10 * number, number / 10)


def _told(name: str, old: sp.Expr, other: sp.Expr, new: Equation | None) -> Iterator[Mutation]:
    if new is not None:
        shown = [f"{float(c):g}" for c in (other, old)]
        words = f"the constant {shown[0]} in the place of {shown[1]} in {name}"
        yield Mutation("constant", f"constant {other} for {old}", words, {name: new}, 3)
