"""A mutation: the equations with one thing changed, as people get it wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from backproof.numerics.judge.statement import Statement
from backproof.theory.equations import Contraction, Equation, Sum, every_index
from backproof.theory.errors import BackproofError
from backproof.theory.maps import as_expression, as_terms
from backproof.theory.notation import Entry, Factor, Map, Ones, Tensor
from backproof.theory.printing.text import text

Further = Callable[[Callable[[sp.Expr], int], Mapping[str, Any]], np.ndarray[Any, Any]]


@dataclass(frozen=True)
class Mutation:
    """``changed`` equations, by the quantity that each defines.

    ``kind`` is one of a few words ("factor", "term left out", "operand", …), ``family`` is equal
    for the same mistake made in several equations, ``words`` complete "the equations with …".
    ``rank`` is greater for less simple mistakes.  ``further`` are arguments that the changed
    equations read besides the model's own, as functions of a size reader and the arguments.
    """

    kind: str
    family: str
    words: str
    changed: Mapping[str, Equation]
    rank: int = 1
    further: Mapping[str, Further] = field(default_factory=dict, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The quantities whose equations are changed."""
        return tuple(self.changed)

    def with_(self, other: Mutation, words: str, rank: int) -> Mutation:
        """Both mutations at once."""
        return replace(
            self,
            words=words,
            changed={**self.changed, **other.changed},
            rank=rank,
            further={**self.further, **other.further},
        )


@dataclass(frozen=True)
class Scene:
    """The statement that is mutated, and what can stand in for what."""

    statement: Statement

    @cached_property
    def tensors(self) -> dict[str, Tensor]:
        """Every tensor by name."""
        return self.statement.tensors

    @cached_property
    def position(self) -> dict[str, int]:
        """Where each quantity is defined; arguments come before everything."""
        own = {e.tensor.name: n for n, e in enumerate(self.statement.equations)}
        return {name: own.get(name, -1) for name in self.tensors}

    def like(self, tensor: Tensor, before: str) -> Iterator[Tensor]:
        """Other real tensors of the same shape that are known before a quantity is defined."""
        for name, other in self.tensors.items():
            known = self.position[name] < self.position.get(before, len(self.position))
            if known and other.shape == tensor.shape and other.dtype == "real" and other != tensor:
                yield other

    def sizes(self, equation: Equation) -> list[sp.Expr]:
        """The sizes that an equation mentions, greater than 1."""
        found = [i.size for i in every_index(equation)]
        for term in terms_of(equation):
            found += list(term.coefficient.free_symbols)
        return [s for s in dict.fromkeys(found) if s != 1]

    def before(self, equation: Equation) -> Iterator[Equation]:
        """The equations that one is computed from, itself left out."""
        names = self.statement.ancestors(equation.tensor.name) - {equation.tensor.name}
        return (e for e in self.statement.equations if e.tensor.name in names)

    def activation_of(self, tensor: Tensor, before: str) -> Iterator[Tensor]:
        """What the model makes of a quantity entry by entry, before another one: h1 of z1."""
        for equation in self.statement.equations:
            own = equation.tensor
            if self.position[own.name] >= self.position.get(before, len(self.position)):
                return
            if own.shape == tensor.shape and equation.operands == (tensor,):
                yield own


Generator = Callable[[Equation, Scene], Iterator[Mutation]]


def terms_of(equation: Equation) -> tuple[Contraction, ...]:
    """The terms of a sum; none of another right-hand side."""
    return equation.rhs.terms if isinstance(equation.rhs, Sum) else ()


def rebuilt(equation: Equation, terms: tuple[Contraction, ...]) -> Equation | None:
    """The equation with other terms, or `None` where that is no equation or no change."""
    try:
        new = Equation(equation.tensor, equation.indices, Sum(terms))
    except (BackproofError, TypeError):
        return None
    return None if new == equation else new


def with_term(equation: Equation, position: int, *new: Contraction) -> Equation | None:
    """The equation with one term replaced."""
    terms = terms_of(equation)
    return rebuilt(equation, (*terms[:position], *new, *terms[position + 1 :]))


def with_factor(equation: Equation, position: int, place: int, *new: Factor) -> Equation | None:
    """The equation with one factor of one term replaced."""
    term = terms_of(equation)[position]
    factors = (*term.factors[:place], *new, *term.factors[place + 1 :])
    return with_term(equation, position, Contraction(term.coefficient, factors, term.over))


def entrywise(equation: Equation) -> tuple[sp.Expr, dict[Entry, sp.Symbol]] | None:
    """The right-hand side as one scalar expression and the symbols of its entries, if it is one."""
    own = terms_of(equation)
    plain = all(isinstance(f, Entry | Map | Ones) for t in own for f in t.factors)
    if not own or not plain or any(t.over for t in own):
        return None
    arguments: dict[Entry, sp.Symbol] = {}
    return as_expression(own, arguments), arguments


def with_expression(
    equation: Equation, expression: sp.Expr, arguments: Mapping[Entry, sp.Symbol]
) -> Equation | None:
    """The equation with another scalar expression of entries on its right."""
    if expression.has(sp.zoo, sp.nan, sp.oo):
        return None
    return rebuilt(equation, as_terms(expression, arguments, equation.indices))


def scalars_in(arguments: Mapping[Entry, sp.Symbol], known: str = "") -> dict[sp.Symbol, Tensor]:
    """The scalar arguments in an expression, or those of which an assumption is declared."""
    return {
        symbol: entry.tensor
        for entry, symbol in arguments.items()
        if not entry.tensor.shape and (not known or known in entry.tensor.assumptions)
    }


def own_tensor(equation: Equation, scene: Scene) -> Tensor | None:
    """What a cotangent is the cotangent of."""
    return scene.tensors.get(equation.tensor.cotangent_of or "")


def is_penalty(equation: Equation, term: Contraction, scene: Scene) -> bool:
    """Whether a term of a gradient holds nothing but what the gradient is taken of, and scalars."""
    own = own_tensor(equation, scene)
    if own is None or term.over or own.name not in scene.statement.arguments:
        return False
    entries = [f for f in term.factors if isinstance(f, Entry)]
    entries += [a for f in term.factors for a in getattr(f, "arguments", ())]
    return any(e.tensor == own for e in entries) and all(
        e.tensor == own or not e.tensor.shape for e in entries
    )


def called(equation: Equation, term: Contraction, scene: Scene) -> str:
    """A term in words."""
    if is_penalty(equation, term, scene):
        return "the penalty term"
    return f"the term {text(term)}"
