"""A model for one example at a time: no sum over examples, a copy of all that is shared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import sympy as sp

from backproof.theory.calculus.examples import Examples, mentions
from backproof.theory.equations import Contraction, Equation, RightHandSide, Sum, every_index
from backproof.theory.errors import BackproofError
from backproof.theory.letters import Letters
from backproof.theory.model import Model
from backproof.theory.notation import Entry, Factor, Index, Map, Ones, Tensor, fresh
from backproof.theory.rewriting.entries import with_entries
from backproof.theory.steps import Step

COPIED = "example n reads copy n alone, and all copies are equal"
ALONE = "the batch that holds example n alone: no sum over examples, and their number is 1"


@dataclass
class BatchOfOne:
    """The equations of a model for the batch that holds example n alone, for every n at once.

    ``copies`` are the tensors with an axis of examples that stand for shared ones, ``others``
    those that stand for quantities of each example whose value depends on the number of
    examples; ``changed`` are the equations of what has another value for one example than for all.
    """

    model: Model
    found: Examples
    names: set[str]
    letters: Letters
    wanted: set[str]
    equations: list[Equation] = field(default_factory=list)
    changed: list[Equation] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    copies: dict[str, Tensor] = field(default_factory=dict)
    others: dict[str, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        indices = (i for e in self.model.equations for i in every_index(e))
        used = (i.name for i in indices if i.size == self.found.size)
        self.index = Index(next(used, "n"), self.found.size)
        for name, tensor in self.model.arguments.items():
            if name in self.wanted and name not in self.found.axis:
                self._copy(tensor)
                self._say(self._copied(tensor), f"a copy of {name} for each example", COPIED)
        for equation in self.model.equations:
            self.equations.append(self._alone(equation))

    def free(self, wish: str) -> str:
        """A name that nothing has yet."""
        name, count = wish, 1
        while name in self.names:
            count += 1
            name = f"{wish}_{count}"
        self.names.add(name)
        return name

    def tensor(self, tensor: Tensor) -> Tensor:
        """What stands for a tensor of the model."""
        return self.copies.get(tensor.name) or self.others.get(tensor.name) or tensor

    def _copy(self, tensor: Tensor) -> None:
        """Declare the copies of a tensor."""
        self.copies[tensor.name] = replace(
            tensor,
            name=self.free(f"{tensor.name}_each"),
            shape=(self.found.size, *tensor.shape),
            axes=(self.index.letter, *tensor.axes),
        )

    def _copied(self, tensor: Tensor) -> Equation:
        """W_each[n,…] = W[…]."""
        n, own = fresh(self.index), tensor.indices()
        term = Contraction(sp.S.One, (Entry(tensor, own), Ones(n)))
        return self.letters.write(self.copies[tensor.name], (n, *own), Sum((term,)))

    def _say(self, new: Equation, before: Equation | str, because: str) -> None:
        self.steps.append(Step("batch of one", before, new, because, new.tensor))

    def _alone(self, equation: Equation) -> Equation:
        """The equation for one example."""
        tensor, n = equation.tensor, self.found.index(equation)
        total = tensor.name in self.found.totals
        different = total or mentions(equation, self.found.size)
        different |= any(
            t.name in self.others or t.name in self.found.totals for t in equation.operands
        )
        moved = any(t.name in self.copies for t in equation.operands) or tensor.name in self.wanted
        if not (different or moved):
            return equation
        if n is None:
            self._copy(tensor)
            n = fresh(self.index)
            rhs = self._right(equation.rhs, n)
            new = self.letters.write(self.copies[tensor.name], (n, *equation.indices), rhs)
        else:
            if different:
                self.others[tensor.name] = replace(tensor, name=self.free(f"{tensor.name}_each"))
            new = Equation(self.tensor(tensor), equation.indices, self._right(equation.rhs, n))
        if different:
            self.changed.append(new)
        same = new.tensor == equation.tensor
        said = equation if same else f"{tensor.name} for example {self.index.letter} alone"
        if new != equation:
            self._say(new, said, ALONE if different else COPIED)
        return new

    def _right(self, rhs: RightHandSide, n: Index) -> RightHandSide:
        if isinstance(rhs, Sum):
            rhs = Sum(tuple(self._freed(term, n) for term in rhs.terms))
        moved = with_entries(rhs, lambda entry: self._entry(entry, n))
        return spread(moved, (n,)) if isinstance(moved, Sum) else moved

    def _freed(self, term: Contraction, n: Index) -> Contraction:
        """The term without its sum over examples, for a number of examples of 1."""
        summed = self.found.summed(term)
        if summed is not None:
            kept = tuple(i for i in term.over if i != summed)
            term = Contraction(term.coefficient, term.factors, kept).renamed({summed: n})
        coefficient = self._one(term.coefficient, term.coefficient)
        factors = tuple(
            Map(self._one(f.expression, term.coefficient), f.arguments) if isinstance(f, Map) else f
            for f in term.factors
        )
        return Contraction(coefficient, factors, term.over)

    def _one(self, expression: sp.Expr, told: sp.Expr) -> sp.Expr:
        """An expression for a number of examples of 1."""
        one = sp.sympify(expression).xreplace({self.found.size: sp.S.One})
        if one.has(sp.zoo, sp.nan, sp.oo):
            raise BackproofError(
                "per_sample",
                f"the factor {told}",
                f"one that has a value at {self.found.size} = 1",
                "write the loss as a mean or a sum",
            )
        return one

    def _entry(self, entry: Entry, n: Index) -> Entry:
        name = entry.tensor.name
        if name in self.copies:
            return Entry(self.copies[name], (n, *entry.subscripts))
        return Entry(self.others.get(name, entry.tensor), entry.subscripts)


def spread(total: Sum, indices: Iterable[Index]) -> Sum:
    """The sum with ones for the indices that a term lacks."""
    terms = []
    for term in total.terms:
        missing: tuple[Factor, ...] = tuple(Ones(i) for i in indices if i not in term.free)
        terms.append(Contraction(term.coefficient, (*term.factors, *missing), term.over))
    return Sum(tuple(terms))
