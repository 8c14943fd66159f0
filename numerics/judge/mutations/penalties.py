"""Penalties on what has none, and of another kind."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from backproof.numerics.judge.mutations.mutation import (
    Mutation,
    Scene,
    is_penalty,
    own_tensor,
    rebuilt,
    terms_of,
    with_term,
)
from backproof.theory.equations import Contraction, Equation
from backproof.theory.notation import Entry, Factor, Map, slot
from backproof.theory.scalars import sgn


def penalties(equation: Equation, scene: Scene) -> Iterator[Mutation]:
    """A penalty on biases as well; λ W for λ sgn W and the other way round."""
    name, own = equation.tensor.name, own_tensor(equation, scene)
    if own is None or own.name not in scene.statement.arguments:
        return
    mine = [n for n, t in enumerate(terms_of(equation)) if is_penalty(equation, t, scene)]
    for n in mine:
        term = terms_of(equation)[n]
        yield from _other_kind(equation, n, term)
    if mine or not own.shape:
        return
    for term in _elsewhere(scene):
        factors = tuple(_moved(f, own, equation) for f in term.factors)
        new = rebuilt(equation, (*terms_of(equation), Contraction(term.coefficient, factors)))
        if new is not None:
            words = f"a penalty on {own.name} as well"
            yield Mutation("penalty", f"penalty {term.coefficient} as well", words, {name: new}, 1)
            return


def _other_kind(equation: Equation, n: int, term: Contraction) -> Iterator[Mutation]:
    name = equation.tensor.name
    maps = [f for f in term.factors if isinstance(f, Map)]
    entries = [f for f in term.factors if isinstance(f, Entry) and f.subscripts]
    if maps:
        plain = tuple(f.arguments[0] if isinstance(f, Map) else f for f in term.factors)
        for factor in (1, 2):
            other = Contraction(factor * term.coefficient, plain)
            new = with_term(equation, n, other)
            if new is not None:
                words = "the penalty of a square in the place of an absolute value"
                yield Mutation("penalty", f"L2 for L1 {factor}", words, {name: new}, 3)
    elif len(entries) == 1:
        signs = tuple(Map(sgn(slot(0)), (f,)) if f in entries else f for f in term.factors)
        for factor in (1, sp.Rational(1, 2)):
            new = with_term(equation, n, Contraction(factor * term.coefficient, signs))
            if new is not None:
                words = "the penalty of an absolute value in the place of a square"
                yield Mutation("penalty", f"L1 for L2 {factor}", words, {name: new}, 3)


def _elsewhere(scene: Scene) -> Iterator[Contraction]:
    """The penalty terms of other gradients."""
    for other in scene.statement.against.equations:
        for term in terms_of(other):
            if is_penalty(other, term, scene):
                yield term


def _moved(factor: Factor, own: object, equation: Equation) -> Factor:
    """A factor of another gradient's penalty, of this gradient's own array."""
    if isinstance(factor, Entry) and factor.subscripts:
        return Entry(own, equation.indices)  # type: ignore[arg-type]
    if isinstance(factor, Map):
        return Map(factor.expression, tuple(Entry(own, equation.indices) for _ in factor.arguments))  # type: ignore[arg-type]
    return factor
