"""Per-sample gradients: the gradient of each example's loss, all of them at once.

Example n's loss ℓ[n] is the model's output for the batch that holds example n alone.  Give every
example its own copy of the parameters, W_each[n,…] = W[…]: then ℓ[n] reads copy n only, and

    ∂ℓ[n] / ∂W[…]  =  ∂(Σ_m ℓ[m]) / ∂W_each[n,…] ,

one pass of reverse accumulation over a scalar.  Nothing of size N × N appears, and afterwards the
copies are replaced by what they are copies of: ``dW[n,j,i] = dz[n,j] x[n,i]`` is backpropagation
with its last sum left out.

Reference: I. Goodfellow, Efficient per-example gradient computations (2015), arXiv:1510.01799.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import sympy as sp

from backproof.theory.calculus.batch_of_one import COPIED, BatchOfOne, spread
from backproof.theory.calculus.differentiate import cotangents
from backproof.theory.calculus.examples import Examples, examples
from backproof.theory.equations import Contraction, Equation, RightHandSide, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.letters import Letters
from backproof.theory.model import Model
from backproof.theory.normal import normal
from backproof.theory.notation import Entry, Index, Ones, Tensor, indices_in
from backproof.theory.rewriting.entries import step_with_tensors, with_entries
from backproof.theory.steps import Step


def per_sample(
    model: Model, targets: Sequence[Tensor], size: str, names: set[str], letters: Letters
) -> tuple[list[Equation], list[Step], dict[str, Tensor]]:
    """Equations for ∂ℓ[n]/∂t of every target, the steps taken, and the results.

    Raises `BackproofError` with the equation in which examples interact.
    """
    found = examples(model, size)
    _require_loss(model, found)
    alone = BatchOfOne(model, found, names, letters, {t.name for t in targets})
    n = alone.index
    each = Contraction(sp.S.One, (Entry(alone.tensor(model.output), (n,)),), (n,))
    total = letters.write(Tensor(alone.free("total")), (), Sum((each,)))
    moved = {t.name: alone.tensor(t) for t in targets}
    equations = [*alone.equations, total]
    derived, steps, gradients = cotangents(
        equations, total.tensor, [*moved.values()], names, letters
    )
    own = {gradients[t.name].name for t in moved.values()}
    plain = _Plain(alone, _named(alone, derived), own)
    lowered = [plain.lowered(e) for e in (*alone.changed, *derived)]
    results = {name: plain.called(gradients[t.name]) for name, t in moved.items()}
    told = [step_with_tensors(s, {**plain.named, **plain.each}) for s in steps]
    return lowered, [*alone.steps, *told, *plain.steps], results


def _require_loss(model: Model, found: Examples) -> None:
    output, size = model.output, found.size
    if output.name in found.totals and not output.shape:
        return
    if output.shape == (size,):
        return
    shape = ", ".join(map(str, output.shape))
    what = f"an output of shape ({shape})" if shape else f"{output.name}, which no example enters"
    expected = f"a loss, a scalar or one of shape ({size},)"
    raise BackproofError("per_sample", what, expected, "sum over the other axes")


def _named(alone: BatchOfOne, derived: Sequence[Equation]) -> dict[str, Tensor]:
    """Cotangents of what stands for W are called dW, where that is free."""
    origin = {t.name: name for name, t in {**alone.copies, **alone.others}.items()}
    named = {}
    for tensor in (e.tensor for e in derived):
        of = origin.get(tensor.cotangent_of or "")
        if of is not None:
            named[tensor.name] = replace(tensor, name=alone.free(f"d{of}"), cotangent_of=of)
    return named


@dataclass
class _Plain:
    """Derived equations with the copies replaced by what they are copies of.

    ``named`` are other names for tensors; ``single`` are the tensors without an axis of examples
    that stand for those with one, which the steps call ``each``; the ``results`` keep theirs.
    """

    alone: BatchOfOne
    named: Mapping[str, Tensor]
    results: set[str]
    single: dict[str, Tensor] = field(default_factory=dict)
    each: dict[str, Tensor] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        model, different = self.alone.model, {e.tensor.name for e in self.alone.changed}
        own = {**model.arguments, **{e.tensor.name: e.tensor for e in model.equations}}
        copies = self.alone.copies.items()
        self.single |= {c.name: own[name] for name, c in copies if c.name not in different}

    def called(self, tensor: Tensor) -> Tensor:
        """A tensor by its final name."""
        return self.named.get(tensor.name, tensor)

    def lowered(self, equation: Equation) -> Equation:
        """The equation in the model's own quantities."""
        tensor, indices = self.called(equation.tensor), equation.indices
        told = {**self.named, **self.each}
        renamed = with_entries(
            equation.rhs, lambda e: Entry(told.get(e.tensor.name, e.tensor), e.subscripts)
        )
        before = Equation(tensor, indices, renamed)
        rhs = with_entries(equation.rhs, self._entry)
        if rhs == renamed:
            return before
        if equation.tensor.name not in self.results and self._lost(indices, rhs):
            return self._once(before, equation.tensor.name, rhs)
        if isinstance(rhs, Sum):
            rhs = spread(normal(rhs), indices)
        after = Equation(tensor, indices, rhs)
        self.steps.append(Step("copies are equal", before, after, COPIED, tensor))
        return after

    def _entry(self, entry: Entry) -> Entry:
        single = self.single.get(entry.tensor.name)
        if single is None:
            return Entry(self.called(entry.tensor), entry.subscripts)
        return Entry(single, entry.subscripts[1:])

    def _lost(self, indices: tuple[Index, ...], rhs: RightHandSide) -> bool:
        """Whether the axis of examples is carried by nothing any more."""
        if not indices or indices[0].size != self.alone.found.size:
            return False
        solid = (f for f in rhs.factors if not isinstance(f, Ones))
        return not any(indices[0] in indices_in(f) for f in solid)

    def _once(self, equation: Equation, name: str, rhs: RightHandSide) -> Equation:
        """A quantity that is the same for all examples, without their axis."""
        tensor, (n, *indices) = equation.tensor, equation.indices
        once = replace(tensor, shape=tensor.shape[1:], axes=tensor.axes[1:])
        each = replace(tensor, name=self.alone.free(f"{tensor.name}_each"))
        self.single[name], self.each[name] = once, each
        same = Sum((Contraction(sp.S.One, (Entry(once, tuple(indices)), Ones(n))),))
        before = Equation(each, equation.indices, equation.rhs)
        after = Equation(each, equation.indices, same)
        self.steps.append(Step("copies are equal", before, after, COPIED, each))
        plain = _without(rhs, n)
        return Equation(once, tuple(indices), normal(plain) if isinstance(plain, Sum) else plain)


def _without(rhs: RightHandSide, index: Index) -> RightHandSide:
    """The right-hand side without the ones of an index."""
    if not isinstance(rhs, Sum):
        return rhs
    terms = []
    for term in rhs.terms:
        kept = tuple(f for f in term.factors if f != Ones(index))
        terms.append(Contraction(term.coefficient, kept, term.over))
    return Sum(tuple(terms))
