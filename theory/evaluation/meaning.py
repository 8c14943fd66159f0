"""The meaning of a right-hand side: its entries computed by the definition alone.

Every summed index runs over its range and every factor is a number; no rule of the library is
used, so that what the rules claim can be compared with what the equations mean.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial, singledispatch
from typing import Any

import mpmath
import sympy as sp

from backproof.theory.equations import Contraction, Equation, MatrixValue, Reduction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.evaluation.arithmetic import Arithmetic, Number
from backproof.theory.evaluation.arrays import Nested
from backproof.theory.notation import (
    POSITION,
    Delta,
    Entry,
    Factor,
    Index,
    Map,
    Ones,
    Subscript,
)
from backproof.theory.steps import Pullback

Assignment = Mapping[Index, int]


@dataclass(frozen=True)
class Environment:
    """The value of every named tensor, the sizes, and the kind of numbers."""

    values: Mapping[str, Nested]
    sizes: Mapping[sp.Symbol, int]
    numbers: Arithmetic
    _known: dict[sp.Expr, sp.Expr] = field(default_factory=dict, compare=False, repr=False)

    def extent(self, size: sp.Expr) -> int:
        """A size expression as an integer."""
        if size not in self._known:
            self._known[size] = sp.sympify(size).subs(self.sizes)
        return int(self._known[size])

    def coefficient(self, value: sp.Expr) -> Number:
        """A coefficient, in which sizes may occur, as a number."""
        if value not in self._known:
            self._known[value] = sp.sympify(value).subs(self.sizes)
        return self.numbers.number(self._known[value])

    def scalar(self, expression: sp.Expr) -> sp.Expr:
        """A map's expression with its sizes as numbers."""
        if expression not in self._known:
            numbers = {size: sp.Integer(n) for size, n in self.sizes.items()}
            self._known[expression] = expression.xreplace(numbers)
        return self._known[expression]

    def assignments(self, indices: Sequence[Index]) -> Iterator[dict[Index, int]]:
        """Every assignment of values to some indices, the last index running fastest."""
        for values in itertools.product(*(range(self.extent(i.size)) for i in indices)):
            yield dict(zip(indices, values, strict=True))

    def with_value(self, name: str, value: Nested) -> Environment:
        """The same environment with one tensor defined or changed."""
        return replace(self, values={**self.values, name: value})

    def completed(self, equations: Iterable[Equation]) -> Environment:
        """The environment with the left-hand sides of equations computed in order."""
        values = dict(self.values)
        current = replace(self, values=values)
        for equation in equations:
            one = partial(_entry, equation, current)
            values[equation.tensor.name] = array_of(equation.indices, current, one)
        return current


def array_of(
    indices: Sequence[Index], here: Environment, value: Callable[[Assignment], Number]
) -> Nested:
    """The nested tuples whose entry at each assignment of the indices is ``value(assignment)``."""

    def rows(rest: Sequence[Index], at: dict[Index, int]) -> Nested:
        if not rest:
            return value(at)
        first, *others = rest
        return tuple(rows(others, {**at, first: n}) for n in range(here.extent(first.size)))

    return rows(indices, {})


def _entry(equation: Equation, here: Environment, at: Assignment) -> Number:
    """One entry of an equation's left-hand side, refused when it is no real number."""
    try:
        value = evaluate_rhs(equation.rhs, here, at)
    except (ZeroDivisionError, ValueError) as error:
        if isinstance(error, BackproofError):
            raise
        value = str(error)
    if isinstance(value, str) or not _is_real(value):
        place = ",".join(str(n) for n in at.values())
        raise BackproofError(
            f"{equation.tensor.name}[{place}]" if at else equation.tensor.name,
            f"the value {value}",
            "a real number",
            f"check the domain of {equation}",
        )
    return value


def _is_real(value: Number) -> bool:
    """Whether a computed number is real and finite."""
    if isinstance(value, sp.Expr):
        return not value.has(sp.nan, sp.zoo, sp.oo, sp.I)
    return not isinstance(value, mpmath.mpc) and bool(mpmath.isfinite(value))


@singledispatch
def evaluate_rhs(rhs: Any, here: Environment, at: Assignment) -> Number:
    """A right-hand side, contraction or `Pullback` at an assignment of its free indices."""
    raise TypeError(f"cannot evaluate a {type(rhs).__name__}")


@evaluate_rhs.register
def _(rhs: Sum, here: Environment, at: Assignment) -> Number:
    total = here.numbers.zero
    for term in rhs.terms:
        total = total + evaluate_rhs(term, here, at)
    return total


@evaluate_rhs.register
def _(term: Contraction, here: Environment, at: Assignment) -> Number:
    factors = sorted(term.factors, key=lambda f: not isinstance(f, Delta))  # zeros first
    total = here.numbers.zero
    for summed in here.assignments(term.over):
        total = total + _product(factors, here, {**at, **summed})
    return here.coefficient(term.coefficient) * total


def _product(factors: Iterable[Factor], here: Environment, at: Assignment) -> Number:
    product = here.numbers.one
    for factor in factors:
        if isinstance(factor, Delta):
            if _position(factor.left, here, at) != _position(factor.right, here, at):
                return here.numbers.zero
        elif isinstance(factor, Entry):
            product = product * entry(factor, here, at)
        elif isinstance(factor, Map):
            function = here.numbers.function(here.scalar(factor.expression), len(factor.arguments))
            product = product * function(*(entry(a, here, at) for a in factor.arguments))
        else:
            assert isinstance(factor, Ones)
    return product


@evaluate_rhs.register
def _(rhs: Reduction, here: Environment, at: Assignment) -> Number:
    values = [entry(rhs.operand, here, {**at, **over}) for over in here.assignments(rhs.over)]
    if rhs.kind == "logsumexp":
        return here.numbers.logsumexp(values)
    if rhs.kind == "prod":
        product = here.numbers.one
        for value in values:
            product = product * value
        return product
    if rhs.kind in ("max", "min"):
        return here.numbers.extreme(rhs.kind, values)
    assert rhs.kind in ("argmax", "argmin")
    return here.numbers.position(rhs.kind.removeprefix("arg"), values)


@evaluate_rhs.register
def _(rhs: MatrixValue, here: Environment, at: Assignment) -> Number:
    extents = [range(here.extent(i.size)) for i in rhs.over]
    value = here.numbers.matrix_function(
        rhs.function,
        [
            [
                entry(rhs.operand, here, {**at, **dict(zip(rhs.over, (a, b), strict=True))})
                for b in extents[1]
            ]
            for a in extents[0]
        ],
    )
    for index in rhs.out:
        value = value[at[index]]
    return value


@evaluate_rhs.register
def _(rhs: Pullback, here: Environment, at: Assignment) -> Number:
    """Σ_t cotangent[lead, t] · ∂equation[t]/∂wrt[a], with ∂ the slope in the one number wrt[a].

    At a kink it is the mean of the slopes on both sides, or undefined, and not a convention:
    evaluate at generic points.
    """
    tensor = rhs.wrt.tensor.name
    place = tuple(_position(s, here, at) for s in rhs.wrt.subscripts)
    weights = []
    for own in here.assignments(rhs.equation.indices):
        weight = evaluate_rhs(rhs.cotangent, here, {**at, **own})
        if weight != 0:
            weights.append((weight, own))

    def weighted(moved: Number) -> Number:
        there = here.with_value(tensor, _replaced(here.values[tensor], place, moved))
        total = here.numbers.zero
        for weight, own in weights:
            total = total + weight * evaluate_rhs(rhs.equation.rhs, there, own)
        return total

    return here.numbers.slope(weighted, entry(rhs.wrt, here, at))


def _replaced(values: Nested, place: tuple[int, ...], moved: Number) -> Nested:
    if not place:
        return moved
    first, *rest = place
    return (*values[:first], _replaced(values[first], tuple(rest), moved), *values[first + 1 :])


def entry(e: Entry, here: Environment, at: Assignment) -> Number:
    """One entry of a tensor; a position outside an axis is refused, never wrapped around."""
    if e.tensor.name == POSITION:
        return here.numbers.number(_position(e.subscripts[0], here, at))
    value = here.values[e.tensor.name]
    for subscript in e.subscripts:
        position = _position(subscript, here, at)
        if not 0 <= position < len(value):
            raise BackproofError(
                e.tensor.name,
                f"position {position} on an axis of size {len(value)}",
                "a position inside the axis",
                "check the sizes and the labels",
            )
        value = value[position]
    return value


def _position(subscript: Subscript, here: Environment, at: Assignment) -> int:
    if isinstance(subscript, Index):
        return at[subscript]
    if isinstance(subscript, Entry):
        return int(entry(subscript, here, at))
    position = here.extent(subscript.offset)
    for part, coefficient in subscript.terms:
        position += here.extent(coefficient) * _position(part, here, at)
    return position
