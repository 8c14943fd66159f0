"""A row of the table of rules: how a rule is exercised, at which numbers, and what breaks it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp

from backproof.theory.declarations import Array, size
from backproof.theory.equations import Contraction, Sum
from backproof.theory.model import Model
from backproof.theory.notation import Map, Tensor
from backproof.theory.trace.tracing import trace

Symbols = Mapping[str, Any]


@dataclass(frozen=True)
class Mutant:
    """A rule made wrong: its sign, an axis, a factor, a delta, a transpose."""

    name: str
    planted: Callable[[], AbstractContextManager[None]]


def mapped(total: Sum, change: Callable[[sp.Expr], sp.Expr]) -> Sum:
    """The sum with the expression of every map changed."""
    return Sum(
        tuple(
            Contraction(
                term.coefficient,
                tuple(
                    Map(change(f.expression), f.arguments) if isinstance(f, Map) else f
                    for f in term.factors
                ),
                term.over,
            )
            for term in total.terms
        )
    )


@dataclass(frozen=True)
class Row:
    """A statement whose derivative uses a rule, and the rule's mutants.

    ``domain`` says where an input is drawn from: "positive", "inside" (−0.8 to 0.8), "below one"
    (0.1 to 0.9), "definite" (symmetric, positive definite), "symmetric" or "simplex" (rows that
    sum to one); else ±(0.2 to 1.5).  A
    ``rational`` statement is proved exactly and over a prime field, any other by JAX too.
    ``closed(symbols, numbers)`` is the value in SymPy symbols where the statement itself cannot be
    written out in them.  ``instead`` is a function that takes the place of sinh.
    """

    rule: str
    source: str
    shapes: Mapping[str, str | Array]
    wrt: tuple[str, ...]
    mutants: tuple[Mutant, ...]
    sizes: Mapping[str, int] = field(default_factory=lambda: {"n": 2, "m": 3})
    domain: Mapping[str, str] = field(default_factory=dict)
    rational: bool = False
    second: bool = True
    closed: Callable[[Symbols, Mapping[str, Any]], Any] | None = None
    instead: Any = None

    def model(self) -> Model:
        """The traced statement."""
        model = trace(self.source, **self.shapes)
        if self.instead is None:
            return model
        equations = tuple(
            replace(e, rhs=mapped(e.rhs, lambda x: x.replace(sp.sinh, self.instead)))
            if isinstance(e.rhs, Sum)
            else e
            for e in model.equations
        )
        return replace(model, equations=equations)

    def extents(self) -> dict[str, int]:
        """The sizes that the statement mentions."""
        return {s.name: self.sizes[s.name] for s in self.model().sizes}

    def numbers(self, model: Model, seed: int) -> dict[str, Any]:
        """Distinct rationals for the inputs, as nested tuples; labels as integers."""
        source = random.Random(seed)
        known = {size(name): extent for name, extent in self.sizes.items()}
        return {
            name: self._drawn(tensor, [int(s.subs(known)) for s in tensor.shape], known, source)
            for name, tensor in model.arguments.items()
        }

    def _drawn(
        self,
        tensor: Tensor,
        shape: list[int],
        known: Mapping[sp.Symbol, int],
        source: random.Random,
    ) -> Any:
        domain = self.domain.get(tensor.name, "")

        def leaf() -> Any:
            if tensor.dtype == "integer":
                return source.randrange(int(sp.sympify(tensor.below).subs(known)))
            if domain == "inside":
                return sp.Rational(source.randint(-80, 80), 100)
            if domain == "below one":
                return sp.Rational(source.randint(10, 90), 100)
            number = sp.Rational(source.randint(20, 150), 100)
            return number if domain in ("positive", "simplex") else number * source.choice((-1, 1))

        def filled(extents: list[int]) -> Any:
            return tuple(filled(extents[1:]) for _ in range(extents[0])) if extents else leaf()

        value = filled(shape)
        if domain == "simplex":
            return tuple(tuple(x / sp.Add(*row) for x in row) for row in value)
        if domain in ("symmetric", "definite"):
            matrix = sp.Matrix(value)
            symmetric = domain == "symmetric"
            matrix = matrix + matrix.T if symmetric else matrix * matrix.T + sp.eye(shape[0])
            return tuple(map(tuple, matrix.tolist()))
        return value
