"""Two arguments of one shape exchanged in an equation, or in it and another one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import sympy as sp

from backproof.numerics.judge.mutations.mutation import (
    Mutation,
    Scene,
    entrywise,
    terms_of,
    with_expression,
    with_term,
)
from backproof.theory.equations import Contraction, Equation
from backproof.theory.notation import Entry, Tensor

MOST = 8  # pairs of arguments that are looked at


def exchanges(equation: Equation, scene: Scene) -> Iterator[Mutation]:
    """a for b and b for a: scalars that two equations share out, such as two decay rates."""
    for a, b in itertools.islice(_pairs(scene), MOST):
        first = _exchanged(equation, a, b)
        if first is None:
            continue
        names, family = f"{a.name} and {b.name}", f"{a.name} and {b.name} exchanged"
        name = equation.tensor.name
        yield Mutation("operand", family, f"{names} exchanged in {name}", {name: first}, 3)
        for other in scene.statement.equations[scene.position[name] + 1 :]:
            second = _exchanged(other, a, b)
            if second is not None:
                both = {name: first, other.tensor.name: second}
                words = f"{names} exchanged in {name} and {other.tensor.name}"
                yield Mutation("operand", f"{family} in two", words, both, 4)


def repeated(equation: Equation, scene: Scene) -> Iterator[Mutation]:
    """Another array for one that a product holds more than once: m² for g²."""
    name = equation.tensor.name
    for n, term in enumerate(terms_of(equation)):
        entries = [f for f in term.factors if isinstance(f, Entry)]
        twice = [t for t in {e.tensor for e in entries} if sum(e.tensor == t for e in entries) > 1]
        for tensor in twice:
            for other in scene.like(tensor, name):
                factors = tuple(
                    Entry(other, f.subscripts) if isinstance(f, Entry) and f.tensor == tensor else f
                    for f in term.factors
                )
                new = with_term(equation, n, Contraction(term.coefficient, factors, term.over))
                if new is not None:
                    words = f"{other.name} in the place of {tensor.name}, both times, in {name}"
                    family = f"{other.name} for {tensor.name} twice"
                    yield Mutation("operand", family, words, {name: new}, 3)


def _pairs(scene: Scene) -> Iterator[tuple[Tensor, Tensor]]:
    scalars = [t for t in scene.statement.arguments.values() if not t.shape and t.dtype == "real"]
    return ((a, b) for a, b in itertools.combinations(scalars, 2) if a.assumptions == b.assumptions)


def _exchanged(equation: Equation, a: Tensor, b: Tensor) -> Equation | None:
    found = entrywise(equation)
    if found is None or not {a, b} & set(equation.operands):
        return None
    expression, arguments = found
    one, two = (
        arguments.setdefault(Entry(t), sp.Symbol(f"exchanged_{t.name}", real=True)) for t in (a, b)
    )
    return with_expression(equation, expression.xreplace({one: two, two: one}), arguments)
