"""Exact evaluation of equations at concrete sizes: the meaning of the language, spelled out.

An entry ``t[a]`` of an equation is computed from its right-hand side by the definition alone:
every summed index runs over its range, every factor is a number.  No rule of the library is
used, so that what the rules claim can be compared with what the equations mean.

Rational inputs give exact SymPy numbers; floating inputs (`float`, `mpmath.mpf`) give `mpmath.mpf`
at mpmath's working precision.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import singledispatch
from typing import Any

import mpmath
import sympy as sp

from backproof.theory.arithmetic import Arithmetic, Number, arithmetic_of
from backproof.theory.arrays import Nested, leaves_of, read_array, shape_of, sizes_of
from backproof.theory.equations import Contraction, Equation, Reduction, Sum, every_index
from backproof.theory.errors import BackproofError
from backproof.theory.notation import Delta, Entry, Factor, Index, Map, Ones, Subscript, Tensor
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
            values[equation.tensor.name] = array_of(
                equation.indices, current, lambda at, e=equation: _entry(e, current, at)
            )
        return current


def evaluate(
    statement: Any, inputs: Mapping[str, Any], sizes: Mapping[str, int] | None = None
) -> dict[str, Nested]:
    """The value of every equation of a model, a derivation or a list of equations.

    ``inputs`` holds a number or nested sequences for every tensor that no equation defines, and
    sizes are inferred from their shapes; ``sizes`` gives those that no shape tells.  The result
    maps the name of every left-hand side to nested tuples of numbers.

    Raises `BackproofError` for missing or unknown names, ragged or inconsistent shapes, and
    labels out of range.

    >>> from backproof.theory.trace.tracing import trace
    >>> m = trace("np.sum((W @ x - y)**2)", W="m n", x="n", y="m")
    >>> evaluate(m, {"W": [[1, 2, 0], [0, 1, 1]], "x": [1, sp.Rational(1, 2), 3], "y": [0, 1]})
    {'t1': (2, 5/2), 'f': 41/4}
    """
    equations = _equations(statement)
    values = environment(statement, inputs, sizes).values
    return {e.tensor.name: values[e.tensor.name] for e in equations}


def environment(
    statement: Any, inputs: Mapping[str, Any], sizes: Mapping[str, int] | None = None
) -> Environment:
    """The inputs and everything that the equations of a statement define from them."""
    equations = _equations(statement)
    arguments = _arguments(statement, equations)
    needed = {t.name for e in equations for t in e.operands} & set(arguments)
    for name in needed - set(inputs):
        raise BackproofError(
            "inputs", f"no value for {name}", f"{', '.join(sorted(needed))}", f"add {name!r}"
        )
    for name in set(inputs) - set(arguments):
        known = ", ".join(sorted(arguments))
        raise BackproofError(
            "inputs", f"the unknown name {name}", f"one of {known}", "check the name"
        )
    shapes = {arguments[name]: shape_of(name, value) for name, value in inputs.items()}
    known_sizes = sizes_of(shapes, sizes or {}, {s for e in equations for s in _symbols(e)})
    real = [value for name, value in inputs.items() if arguments[name].dtype == "real"]
    numbers = arithmetic_of([leaf for value in real for leaf in leaves_of(value)])
    values = {
        name: read_array(arguments[name], value, known_sizes, numbers)
        for name, value in inputs.items()
    }
    return Environment(values, known_sizes, numbers).completed(equations)


def _equations(statement: Any) -> tuple[Equation, ...]:
    if isinstance(statement, Equation):
        return (statement,)
    return tuple(getattr(statement, "equations", statement))


def _arguments(statement: Any, equations: Sequence[Equation]) -> dict[str, Tensor]:
    """What is given from outside: declared, or used before any equation defines it."""
    declared: dict[str, Tensor] = dict(getattr(statement, "arguments", {}))
    defined: set[str] = set()
    for equation in equations:
        for tensor in equation.operands:
            if tensor.name not in defined:
                declared.setdefault(tensor.name, tensor)
        defined.add(equation.tensor.name)
    return declared


def _symbols(equation: Equation) -> set[sp.Symbol]:
    """The sizes that an equation cannot be evaluated without."""
    sizes = [i.size for i in every_index(equation)]
    if isinstance(equation.rhs, Sum):
        sizes += [t.coefficient for t in equation.rhs.terms]
    return {s for size in sizes for s in sp.sympify(size).free_symbols}


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
            function = here.numbers.function(factor.expression, len(factor.arguments))
            product = product * function(*(entry(a, here, at) for a in factor.arguments))
        else:
            assert isinstance(factor, Ones)
    return product


@evaluate_rhs.register
def _(rhs: Reduction, here: Environment, at: Assignment) -> Number:
    values = [entry(rhs.operand, here, {**at, **over}) for over in here.assignments(rhs.over)]
    if rhs.kind == "logsumexp":
        return here.numbers.logsumexp(values)
    if rhs.kind in ("max", "min"):
        return here.numbers.extreme(rhs.kind, values)
    assert rhs.kind in ("argmax", "argmin")
    return here.numbers.position(rhs.kind.removeprefix("arg"), values)


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
    offset = here.extent(subscript.offset)
    return offset + sum(here.extent(c) * at[index] for index, c in subscript.terms)
