"""What an expression means while it is traced: axes and a right-hand side not yet written down."""

from __future__ import annotations

from dataclasses import dataclass, field

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.maps import as_expression, as_terms
from backproof.theory.normal import apart
from backproof.theory.notation import (
    Delta,
    Entry,
    Index,
    Map,
    Ones,
    Subscript,
    distinct,
    fresh,
    indices_in,
)

Axis = Index | None  # None: an axis of size one, made by keepdims or None


@dataclass(frozen=True)
class Value:
    """A real array: every term of ``rhs`` carries exactly the indices in ``axes`` and ``loops``.

    ``loops`` are the indices of the comprehensions around the expression; they are matched by
    identity, not by position.
    """

    axes: tuple[Axis, ...]
    rhs: Sum
    loops: tuple[Index, ...] = field(init=False)

    def __post_init__(self) -> None:
        free = distinct(i for term in self.rhs.terms for i in term.free)
        loops = tuple(i for i in free if i not in self.axes)
        object.__setattr__(self, "loops", loops)
        terms = tuple(_spread(term, (*loops, *self.indices)) for term in self.rhs.terms)
        object.__setattr__(self, "rhs", Sum(terms))

    @property
    def every(self) -> tuple[Index, ...]:
        """Loops and axes: what an equation for this value is indexed by."""
        return (*self.loops, *self.indices)

    @property
    def indices(self) -> tuple[Index, ...]:
        """The axes that are not of size one."""
        return tuple(a for a in self.axes if a is not None)

    @property
    def shape(self) -> tuple[sp.Expr, ...]:
        """The size of each axis."""
        return tuple(sp.S.One if a is None else a.size for a in self.axes)

    @property
    def entry(self) -> Entry | None:
        """The entry this value is, if it is one and nothing more."""
        if (
            len(self.rhs.terms) == 1
            and self.rhs.terms[0].coefficient == 1
            and not self.rhs.terms[0].over
        ):
            factors = self.rhs.terms[0].factors
            if len(factors) == 1 and isinstance(factors[0], Entry):
                return factors[0]
        return None

    @property
    def window(self) -> bool:
        """Whether the value is one entry at indices and affine places, each index once."""
        if self.entry is None or any(isinstance(s, Entry) for s in self.entry.subscripts):
            return False
        indices = [i for s in self.entry.subscripts for i in indices_in(s)]
        return len(set(indices)) == len(indices)

    @property
    def constant(self) -> sp.Expr | None:
        """The number or size this value is, if it is a scalar without tensors."""
        if self.axes or any(term.factors for term in self.rhs.terms):
            return None
        return sp.Add(*(term.coefficient for term in self.rhs.terms))

    @property
    def literal(self) -> bool:
        """Whether no tensor is in it: zeros, ones, the identity, a number."""
        return all(isinstance(f, Ones | Delta) for f in self.rhs.factors)

    @property
    def entrywise(self) -> bool:
        """Whether no term sums or holds a delta: the value is a scalar expression in entries."""
        return all(
            not term.over and all(isinstance(f, Entry | Map | Ones) for f in term.factors)
            for term in self.rhs.terms
        )

    def anew(self) -> Value:
        """The same value with fresh indices on all axes."""
        new: dict[Index, Subscript] = {i: fresh(i) for i in self.indices}
        return self.renamed(new, tuple(None if a is None else new[a] for a in self.axes))  # type: ignore[misc]

    def renamed(self, new: dict[Index, Subscript], axes: tuple[Axis, ...]) -> Value:
        """Free indices replaced, summed ones fresh."""
        return Value(axes, Sum(tuple(apart(t).renamed(new) for t in self.rhs.terms)))


def _spread(term: Contraction, indices: tuple[Index, ...]) -> Contraction:
    """The term times the ones of every index that it lacks."""
    free = set(term.free)
    missing = tuple(Ones(i) for i in indices if i not in free)
    return Contraction(term.coefficient, term.factors + missing, term.over) if missing else term


@dataclass(frozen=True)
class Condition:
    """A Boolean array: a SymPy relation in slots, with the entries the slots stand for."""

    axes: tuple[Axis, ...]
    relation: sp.Basic
    arguments: tuple[Entry, ...]


@dataclass(frozen=True)
class Label:
    """An integer array used as a subscript: ``np.arange(n)`` (an index) or an integer entry."""

    axes: tuple[Axis, ...]
    subscript: Subscript
    below: sp.Expr


@dataclass(frozen=True)
class Collected:
    """A comprehension: its loops became the first ``count`` axes of the value.

    ``masked``: items that the source leaves out stand as zeros, so that only their sum is meant.
    """

    value: Value
    count: int
    masked: bool = False


def number(value: object) -> Value:
    """A Python number or a size as a value; decimals become the fraction that is written."""
    if isinstance(value, float):
        exact = sp.Rational(repr(value)) if value == value and abs(value) != float("inf") else None
        if exact is None:
            raise BackproofError("number", repr(value), "a finite number", "replace it")
    elif isinstance(value, int | sp.Expr):
        exact = sp.sympify(int(value) if isinstance(value, bool) else value)
    else:
        found = f"a {type(value).__name__}"
        raise BackproofError("number", found, "a number or an array", "write the entries out")
    return Value((), Sum((Contraction(finite(exact)),)))


def finite(expression: sp.Basic) -> sp.Basic:
    """The expression, refused when it holds a number that is infinite, imaginary or undefined."""
    numbers = (sp.nan, sp.zoo, sp.oo, sp.S.NegativeInfinity, sp.I)
    bad = [number for number in numbers if expression.has(number) and not _masks(expression)]
    if bad:
        raise BackproofError(
            "number",
            f"the value {bad[0]}",
            "real numbers",
            "check divisions by zero, and the domain of logarithms and roots",
        )
    return expression


def _masks(expression: sp.Basic) -> bool:
    """Whether every infinity is a branch: a mask may put −∞ where a softmax shall give 0."""
    branches = {
        pieces: sp.Dummy()
        for pieces in expression.atoms(sp.Piecewise)
        if any(value in (sp.oo, -sp.oo) for value, _ in pieces.args)
    }
    inside = [v for p in branches for v, _ in p.args if v not in (sp.oo, -sp.oo)]
    bare = [expression.xreplace(branches), *inside]
    return not any(e.has(sp.oo, -sp.oo, sp.nan, sp.zoo, sp.I) for e in bare)


def broadcast_axes(
    shapes: list[tuple[Axis, ...]],
) -> tuple[tuple[Axis, ...], list[dict[Index, Subscript]]]:
    """The common axes of several arrays, and for each the renaming that aligns it.

    Raises `BackproofError` when two sizes differ and neither is one.
    """
    rank = max(map(len, shapes))
    common: list[Axis] = [None] * rank
    renames: list[dict[Index, Subscript]] = [{} for _ in shapes]
    for position in range(rank):
        for axes, rename in zip(shapes, renames, strict=True):
            place = position - (rank - len(axes))
            axis = axes[place] if place >= 0 else None
            if axis is None:
                continue
            chosen = common[position]
            if chosen is None:
                common[position] = chosen = fresh(axis)
            if chosen.size != axis.size:
                raise BackproofError(
                    "broadcast",
                    f"sizes {chosen.size} and {axis.size} on one axis",
                    "equal sizes or one",
                    "add an axis with None, transpose, or state the two sizes with one name",
                )
            rename[axis] = chosen
    return tuple(common), renames


def expression(value: Value, arguments: dict[Entry, sp.Symbol]) -> sp.Expr:
    """An entrywise value as a SymPy expression; new entries get slots in ``arguments``."""
    return as_expression(value.rhs.terms, arguments)


def from_expression(
    expr: sp.Expr, arguments: dict[Entry, sp.Symbol], axes: tuple[Axis, ...]
) -> Value:
    """The value of a scalar expression over these axes."""
    indices = tuple(a for a in axes if a is not None)
    return Value(axes, Sum(as_terms(expr, arguments, indices)))
