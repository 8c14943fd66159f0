"""Which quantities of a model belong to one example each, read off its equations.

With N examples, a quantity is *each* when it has one axis of size N and its entry n is made of
entry n of other such quantities alone; *shared* when no example enters; and *total* when it is
linear in Σ_n of quantities that are each.  A model whose equations are none of these lets
examples interact: it has no loss of one example.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from backproof.theory.equations import Contraction, Equation, Sum, every_index
from backproof.theory.errors import BackproofError
from backproof.theory.model import Model
from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Index,
    Map,
    Ones,
    Tensor,
    entries_in,
    indices_in,
)


@dataclass(frozen=True)
class Examples:
    """The kind of every tensor of a model, and the batch axis of those that have one."""

    size: sp.Symbol
    axis: dict[str, int]
    totals: frozenset[str]

    def index(self, equation: Equation) -> Index | None:
        """The index of an equation's left-hand side that runs over the examples."""
        axis = self.axis.get(equation.tensor.name)
        return None if axis is None else equation.indices[axis]

    def summed(self, term: Contraction) -> Index | None:
        """The index of a term that sums over the examples."""
        return next((i for i in term.over if i.size == self.size), None)

    def together(self, tensor: Tensor) -> bool:
        """Whether examples enter a tensor in any way."""
        return tensor.name in self.axis or tensor.name in self.totals


def examples(model: Model, name: str) -> Examples:
    """The examples of a model, of which there are as many as the size of this name says.

    Raises `BackproofError` for an unknown size, and with the first equation in which examples
    interact.

    >>> from backproof.theory.networks import mlp
    >>> found = examples(mlp(["d", "k"]), "N")
    >>> found.axis, sorted(found.totals)
    ({'x': 0, 'y': 0, 'z1': 0, 'L': 0, 'nll': 0}, ['J'])
    """
    size = next((s for s in model.sizes if s.name == name), None)
    if size is None:
        sizes = ", ".join(s.name for s in model.sizes) or "none"
        raise BackproofError(
            "per_sample", f"the size {name}", f"one of {sizes}", "name the number of examples"
        )
    axis: dict[str, int] = {}
    totals: set[str] = set()
    for tensor in model.arguments.values():
        _note(tensor, size, axis)
        if tensor.below is not None and tensor.below.has(size):
            found = f"labels below {tensor.below}, which point from one example to another"
            raise _interact(tensor.name, found)
    for equation in model.equations:
        _note(equation.tensor, size, axis)
        here = Examples(size, axis, frozenset(totals))
        if equation.tensor.name in axis:
            _alone(equation, here)
        elif _sums(equation, here):
            totals.add(equation.tensor.name)
    return Examples(size, axis, frozenset(totals))


def _note(tensor: Tensor, size: sp.Symbol, axis: dict[str, int]) -> None:
    """Record the batch axis of a tensor that has one."""
    own = [n for n, s in enumerate(tensor.shape) if s == size]
    other = [s for s in tensor.shape if s != size and s.has(size)]
    if len(own) > 1:
        raise _interact(tensor.name, f"{len(own)} axes of size {size}, one example beside another")
    if other:
        raise _interact(tensor.name, f"an axis of size {other[0]}")
    if own:
        axis[tensor.name] = own[0]


def _alone(equation: Equation, here: Examples) -> None:
    """Refuse a quantity of each example that reads other examples."""
    name, n = equation.tensor.name, here.index(equation)
    others = [i for i in every_index(equation) if i.size == here.size and i != n]
    if others:
        raise _interact(name, f"{equation}, which runs over all examples for each of them")
    for factor in equation.rhs.factors:
        _reads(factor, equation, here)
        for entry in entries_in(factor):
            if entry.tensor.name in here.totals:
                found = f"{equation}, which reads {entry.tensor.name}, a sum over the examples"
                raise _interact(name, found)


def _sums(equation: Equation, here: Examples) -> bool:
    """Whether a quantity without examples is a total; refused if it is more than linear in them."""
    name, rhs = equation.tensor.name, equation.rhs
    if not any(map(here.together, equation.operands)):
        return False
    if not isinstance(rhs, Sum):
        raise _interact(name, f"{equation}, which is not linear in the examples")
    for term in rhs.terms:
        summed = [i for i in term.over if i.size == here.size]
        if len(summed) > 1:
            raise _interact(name, f"{equation}, which pairs examples")
        totals = [f for f in term.factors if isinstance(f, Entry) and f.tensor.name in here.totals]
        inside = [
            a for f in term.factors if isinstance(f, Map) for a in f.arguments
            if a.tensor.name in here.totals
        ]  # fmt: skip
        if inside or len(totals) + len(summed) > 1:
            raise _interact(name, f"{equation}, which is not linear in a sum over the examples")
        for factor in term.factors:
            _reads(factor, equation, here)
    return True


def _reads(factor: object, equation: Equation, here: Examples) -> None:
    """Refuse an entry that reads another example than the one at hand."""
    if isinstance(factor, Delta) and any(i.size == here.size for i in indices_in(factor)):
        raise _interact(equation.tensor.name, f"{equation}, which tells examples apart by number")
    if isinstance(factor, Ones) or not isinstance(factor, Entry | Map | Delta):
        return
    for entry in entries_in(factor):
        axis = here.axis.get(entry.tensor.name)
        moved = [s for s in entry.subscripts if isinstance(s, Affine) and _over(s, here)]
        if moved or (axis is not None and not isinstance(entry.subscripts[axis], Index)):
            raise _interact(equation.tensor.name, f"{equation}, which reads other examples")


def _over(subscript: Affine, here: Examples) -> bool:
    return any(i.size == here.size for i in indices_in(subscript))


def _interact(name: str, found: str) -> BackproofError:
    return BackproofError(
        name, found, "a loss of each example alone", "examples interact: derive without per_sample"
    )


def mentions(equation: Equation, size: sp.Symbol) -> bool:
    """Whether the number of examples enters as a number, as the 1/N of a mean does."""
    return any(e.has(size) for e in _numbers(equation))


def _numbers(equation: Equation) -> Iterator[sp.Expr]:
    if isinstance(equation.rhs, Sum):
        for term in equation.rhs.terms:
            yield sp.sympify(term.coefficient)
            yield from (f.expression for f in term.factors if isinstance(f, Map))
