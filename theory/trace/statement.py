"""A statement in the making: equations are written down one by one as the source is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import sympy as sp

from backproof.theory.equations import Contraction, Equation, MatrixValue, Reduction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.letters import Letters
from backproof.theory.linear_algebra import BY_NAME
from backproof.theory.normal import normal, product, scaled
from backproof.theory.notation import Entry, Index, Map, Ones, Tensor, fresh, slot
from backproof.theory.rewriting.stability import stable
from backproof.theory.signatures import signature
from backproof.theory.steps import Step
from backproof.theory.trace.values import (
    Axis,
    Condition,
    Value,
    broadcast_axes,
    expression,
    finite,
    from_expression,
    number,
)

LONGEST = 8  # factors in one contraction; a longer product is written in two equations


class Statement:
    """Collects equations, gives them names, and shares equal right-hand sides."""

    def __init__(self, tensors: dict[str, Tensor], letters: Letters) -> None:
        self.letters = letters
        self.tensors = dict(tensors)
        shapes = (size for tensor in tensors.values() for size in tensor.shape)
        self.sizes = {symbol.name for size in shapes for symbol in size.free_symbols}
        self.equations: list[Equation] = []
        self.steps: list[Step] = []
        self._written: dict[object, Tensor] = {}

    # attempts ------------------------------------------------------------------------------

    def saved(self) -> tuple[Any, ...]:
        """What has been written so far, for `restore`."""
        written = dict(self._written)
        return len(self.equations), len(self.steps), dict(self.tensors), written

    def restore(self, saved: tuple[Any, ...]) -> None:
        """Forget what was written since."""
        equations, steps, self.tensors, self._written = saved
        del self.equations[equations:], self.steps[steps:]

    # names ---------------------------------------------------------------------------------

    def free_name(self, wish: str) -> str:
        """The wished name, or the first of wish_2, wish_3, … that is free."""
        names = (wish if k == 1 else f"{wish}_{k}" for k in count(1))
        return next(n for n in names if n not in self.tensors and n not in self.sizes)

    def declare(self, wish: str, indices: Sequence[Index], **kind: object) -> Tensor:
        """A new tensor with these axes."""
        shape = tuple(i.size for i in indices)
        letters: list[str] = []
        for index in indices:
            bad = index.letter in letters or index.letter in self.letters.taken
            letters.append(self.letters.of(index.size) if bad else index.letter)
            if letters[-1] in letters[:-1]:
                letters[-1] = self.letters.next([*letters, *self.letters.favourites])
        tensor = Tensor(self.free_name(wish), shape, tuple(letters), **kind)  # type: ignore[arg-type]
        self.tensors[tensor.name] = tensor
        return tensor

    # equations -----------------------------------------------------------------------------

    def bind(self, value: Value, name: str | None = None) -> Value:
        """Write the value down as an equation, unless it already is one entry."""
        if value.entry is not None:
            subscripts = value.entry.subscripts
            plain = all(isinstance(s, Index) for s in subscripts)
            if plain and len(set(subscripts)) == len(subscripts):
                return value
        rhs = normal(value.rhs)
        indices = value.every
        key = (tuple(i.size for i in indices), *_key(rhs, indices))
        if key in self._written:
            tensor = self._written[key]
        else:
            tensor = self.declare(name or self.temporary(), indices)
            self.equations.append(self.letters.write(tensor, indices, rhs))
            self._written[key] = tensor
        return Value(value.axes, Sum((Contraction(sp.S.One, (Entry(tensor, indices),)),)))

    def temporary(self) -> str:
        """The next free name for a quantity the source does not name."""
        return next(n for k in range(1, 10**6) if (n := f"t{k}") not in self.tensors)

    def reduce(
        self, kind: str, value: Value, over: Sequence[Index], name: str | None = None
    ) -> Entry:
        """Write down ``kind_over value``, of a window as it is; integers for argmax and argmin."""
        bound = value if value.window else self.bind(value)
        entry = bound.entry
        assert entry is not None
        left = tuple(i for i in bound.every if i not in over)
        rhs = Reduction(kind, entry, tuple(over))
        same = Sum((Contraction(sp.S.One, (entry,), tuple(over)),))
        key = (tuple(i.size for i in left), kind, *_key(same, left))
        if key in self._written:
            return Entry(self._written[key], left)
        wish = name or {"logsumexp": "L", "max": "m", "min": "m"}.get(kind, "a")
        places = sp.Mul(*(i.size for i in over))
        extra = {"dtype": "integer", "below": places} if kind.startswith("arg") else {}
        tensor = self.declare(wish, left, **extra)
        self.equations.append(self.letters.write(tensor, left, rhs))
        self._written[key] = tensor
        return Entry(tensor, left)

    def matrix(self, name: str, value: Value) -> Value:
        """Write down a function of the matrices in the last two axes."""
        bound, function = self.bind(value), BY_NAME[name]
        entry = bound.entry
        assert entry is not None
        *stack, a, b = bound.axes
        if a is None or b is None or (function.square and a.size != b.size):
            shape = ", ".join(map(str, bound.shape))
            expected = "a square matrix" if function.square else "two axes longer than one"
            raise BackproofError(name, f"shape ({shape})", expected, "check the shape")
        if entry.subscripts[-2:] == (b, a) and function.turns:  # F(Aᵀ) = F(A)ᵀ
            turned = self.matrix(name, Value((*stack, b, a), bound.rhs))
            if function.outputs < 2:
                return turned
            *rest, row, column = turned.axes
            return Value((*rest, column, row), turned.rhs)
        out = self.letters.results(function.shape(a.size, b.size), a, b)
        rhs = MatrixValue(name, entry, (a, b), out)
        if rhs.pattern not in self._written:
            wish = function.called.format(entry.tensor.name)
            tensor = self.declare(wish or self.temporary(), rhs.free)
            self.equations.append(self.letters.write(tensor, rhs.free, rhs))
            self._written[rhs.pattern] = tensor
        own = Entry(self._written[rhs.pattern], rhs.free)
        return Value((*stack, *out), Sum((Contraction(sp.S.One, (own,)),)))

    # scalar functions ----------------------------------------------------------------------

    def elementwise(self, build: Callable[..., sp.Expr], *values: Value | Condition) -> Value:
        """Apply a scalar expression entry by entry, with NumPy's broadcasting."""
        bound = [v if isinstance(v, Condition) or v.entrywise else self.bind(v) for v in values]
        axes, renames = broadcast_axes([v.axes for v in bound])
        arguments: dict[Entry, sp.Symbol] = {}
        parts: list[sp.Basic] = []
        for value, rename in zip(bound, renames, strict=True):
            parts.append(_part(value, rename, axes, arguments))
        expr = finite(build(*parts))
        better, identities = stable(expr)
        result = from_expression(better, arguments, axes)
        if identities:
            self._record(expr, better, arguments, identities)
        return result

    def compare(self, build: Callable[..., sp.Basic], *values: Value | Condition) -> Condition:
        """A Boolean array from a relation between values."""
        bound = [v if isinstance(v, Condition) or v.entrywise else self.bind(v) for v in values]
        axes, renames = broadcast_axes([v.axes for v in bound])
        arguments: dict[Entry, sp.Symbol] = {}
        parts = [_part(v, r, axes, arguments) for v, r in zip(bound, renames, strict=True)]
        return Condition(axes, build(*parts), tuple(arguments))

    def _record(
        self,
        before: sp.Expr,
        after: sp.Expr,
        arguments: dict[Entry, sp.Symbol],
        why: tuple[str, ...],
    ) -> None:
        entries = tuple(arguments)
        self.steps.append(
            Step(
                "stable form",
                Sum((Contraction(sp.S.One, (Map(before, entries),)),)),
                Sum((Contraction(sp.S.One, (Map(after, entries),)),)),
                "; ".join(why),
            )
        )

    # sums and products ---------------------------------------------------------------------

    def add(self, left: Value, right: Value) -> Value:
        """left + right."""
        if left.entrywise and right.entrywise:
            return self.elementwise(lambda a, b: a + b, left, right)
        axes, renames = broadcast_axes([left.axes, right.axes])
        sides = [v.renamed(r, axes).rhs for v, r in zip((left, right), renames, strict=True)]
        total = Value(axes, Sum(sides[0].terms + sides[1].terms))  # now balanced
        return Value(axes, normal(total.rhs))

    def multiply(self, left: Value, right: Value) -> Value:
        """left · right, entry by entry."""
        for a, b in ((left, right), (right, left)):
            scale = a.constant
            if scale is not None:
                terms = tuple(
                    Contraction(scale * t.coefficient, t.factors, t.over) for t in b.rhs.terms
                )
                return Value(b.axes, Sum(terms))
        if left.entrywise and right.entrywise:
            return self.elementwise(lambda a, b: a * b, left, right)
        left, right = self._one_term(left, right), self._one_term(right, left)
        axes, renames = broadcast_axes([left.axes, right.axes])
        first = left.renamed(renames[0], axes).rhs
        second = right.renamed(renames[1], axes).rhs
        terms = tuple(product(a, b) for a in first.terms for b in second.terms)
        return Value(axes, normal(Value(axes, Sum(terms)).rhs))

    def _one_term(self, value: Value, other: Value) -> Value:
        """The value as one contraction; a sum stays a sum only against a scalar entry."""
        if len(value.rhs.terms) == 1 and len(value.rhs.terms[0].factors) <= LONGEST // 2:
            return value
        if not other.axes and other.entry is not None:
            return value
        return self.bind_primitive(value)

    def contract(
        self, left: Value, right: Value, pairs: Sequence[tuple[Index, Index]], axes: Sequence[Axis]
    ) -> Value:
        """Σ over paired indices of left · right; ``axes`` are those of the result.

        Both sides are `factor_ready` and share no index.
        """
        for i, j in pairs:
            if i.size != j.size:
                raise BackproofError(
                    "product",
                    f"inner sizes {i.size} and {j.size}",
                    "equal sizes",
                    "transpose one side or check the shapes",
                )
        if not left.rhs.terms or not right.rhs.terms:
            return zero(tuple(axes))
        (a,), (b,) = left.rhs.terms, right.rhs.terms
        both = product(a, b.renamed({j: i for i, j in pairs}))
        term = Contraction(both.coefficient, both.factors, both.over + tuple(i for i, _ in pairs))
        return Value(tuple(axes), normal(Sum((term,))))

    def factor_ready(self, value: Value) -> Value:
        """One contraction of entries and deltas, or zero, so that it can be a factor of a sum."""
        terms = value.rhs.terms
        if not terms:
            return value
        short = len(terms) == 1 and len(terms[0].factors) <= LONGEST // 2
        if short and not any(isinstance(f, Map) for f in terms[0].factors):
            return value
        return self.bind_primitive(value)

    def bind_primitive(self, value: Value) -> Value:
        """Write a sum down without the number that all its terms share; the value keeps it."""
        first = value.rhs.terms[0].coefficient if value.rhs.terms else sp.S.One
        if any(t.coefficient not in (first, -first) for t in value.rhs.terms):
            first = sp.S.One
        bound = self.bind(Value(value.axes, scaled(value.rhs, 1 / first)))
        return Value(bound.axes, scaled(bound.rhs, first))

    def total(self, value: Value, over: Sequence[Index]) -> Value:
        """Σ_over value: every term is summed, one that lacks an index counts its size."""
        axes = tuple(a for a in value.axes if a is None or a not in over)
        terms = tuple(
            Contraction(t.coefficient, t.factors, t.over + tuple(over)) for t in value.rhs.terms
        )
        return Value(axes, normal(Sum(terms)))


def _part(
    value: Value | Condition,
    rename: dict,
    axes: tuple[Axis, ...],
    arguments: dict[Entry, sp.Symbol],
) -> sp.Basic:
    if isinstance(value, Value):
        return expression(value.renamed(rename, axes), arguments)
    from backproof.theory.notation import rename_entry

    renamed = [rename_entry(a, rename) for a in value.arguments]
    new = {slot(n): arguments.setdefault(a, slot(len(arguments))) for n, a in enumerate(renamed)}
    return value.relation.xreplace(new)


def _key(rhs: Sum, indices: tuple[Index, ...]) -> tuple[object, ...]:
    """A key equal for right-hand sides that are equal up to the names of all indices."""
    standard = {i: Index(f"#{n}", i.size) for n, i in enumerate(indices)}
    return tuple(sorted((str(t.coefficient), signature(t.renamed(standard))) for t in rhs.terms))


def zero(axes: tuple[Axis, ...]) -> Value:
    """The zero array."""
    return Value(axes, Sum(()))


def constant_array(value: sp.Expr, axes: tuple[Axis, ...]) -> Value:
    """An array with every entry equal to a number or size."""
    ones = tuple(Ones(a) for a in axes if a is not None)
    return Value(axes, Sum((Contraction(value, ones),)))


def fresh_axes(shape: Sequence[sp.Expr], letters: Letters) -> tuple[Axis, ...]:
    """Anonymous axes of a shape."""
    named = letters.axes(tuple(shape))
    return tuple(
        None if size == 1 else fresh(Index(letter, size))
        for letter, size in zip(named, shape, strict=True)
    )


__all__ = ["Statement", "constant_array", "fresh_axes", "number", "zero"]
