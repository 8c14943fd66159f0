"""Entries replaced throughout an equation: aliases, other tensors in the place of some."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from backproof.theory.equations import (
    Contraction,
    Equation,
    MatrixValue,
    Reduction,
    RightHandSide,
    Sum,
)
from backproof.theory.notation import (
    Affine,
    Delta,
    Entry,
    Factor,
    Map,
    Subscript,
    Tensor,
    affine,
)
from backproof.theory.steps import Pullback, Step

Replace = Callable[[Entry], Entry]


def with_entries(rhs: RightHandSide, replace: Replace) -> RightHandSide:
    """The right-hand side with every entry replaced, those in subscripts first."""
    if isinstance(rhs, MatrixValue):
        return MatrixValue(rhs.function, _entry(rhs.operand, replace), rhs.over, rhs.out)
    if isinstance(rhs, Reduction):
        return Reduction(rhs.kind, _entry(rhs.operand, replace), rhs.over)
    return Sum(
        tuple(
            Contraction(t.coefficient, tuple(_factor(f, replace) for f in t.factors), t.over)
            for t in rhs.terms
        )
    )


def with_tensors(equation: Equation, new: Mapping[str, Tensor]) -> Equation:
    """The equation with other tensors of the same shape in the place of those named.

    >>> from backproof.theory.trace.tracing import trace
    >>> model = trace("np.sum(x**2)", x="n")
    >>> print(with_tensors(model["f"], {"x": Tensor("r", model.inputs["x"].shape)}))
    f = Σ_i r[i]**2
    """

    def named(entry: Entry) -> Entry:
        return Entry(new.get(entry.tensor.name, entry.tensor), entry.subscripts)

    left = new.get(equation.tensor.name, equation.tensor)
    return Equation(left, equation.indices, with_entries(equation.rhs, named))


def step_with_tensors(step: Step, new: Mapping[str, Tensor]) -> Step:
    """The step with other tensors of the same shape in the place of those named."""

    def named(entry: Entry) -> Entry:
        return Entry(new.get(entry.tensor.name, entry.tensor), entry.subscripts)

    def side(given: Any) -> Any:
        if isinstance(given, Equation):
            return with_tensors(given, new)
        if isinstance(given, Sum | Reduction | MatrixValue):
            return with_entries(given, named)
        if isinstance(given, Pullback):
            cotangent = with_entries(Sum((given.cotangent,)), named)
            assert isinstance(cotangent, Sum)
            equation = with_tensors(given.equation, new)
            return Pullback(equation, _entry(given.wrt, named), *cotangent.terms)
        return given

    about = None if step.about is None else new.get(step.about.name, step.about)
    return Step(step.rule, side(step.before), side(step.after), step.because, about)


def _entry(entry: Entry, replace: Replace) -> Entry:
    return replace(Entry(entry.tensor, tuple(_subscript(s, replace) for s in entry.subscripts)))


def _subscript(subscript: Subscript, replace: Replace) -> Subscript:
    if isinstance(subscript, Entry):
        return _entry(subscript, replace)
    if isinstance(subscript, Affine):
        return affine(subscript.offset, [(_subscript(p, replace), c) for p, c in subscript.terms])
    return subscript


def _factor(factor: Factor, replace: Replace) -> Factor:
    if isinstance(factor, Entry):
        return _entry(factor, replace)
    if isinstance(factor, Map):
        return Map(factor.expression, tuple(_entry(a, replace) for a in factor.arguments))
    if isinstance(factor, Delta):
        return Delta(_subscript(factor.left, replace), _subscript(factor.right, replace))
    return factor
