"""A step claims an equality: both sides are evaluated, and no rule of the library is used for it.

The quantities that a step mentions are given numbers by the equations as they were first written
down, those included that a later rewriting replaced or left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import mpmath
import sympy as sp

from backproof.theory import networks
from backproof.theory.calculus import derivation
from backproof.theory.calculus.derivation import Derivation, derive
from backproof.theory.equations import Equation, MatrixValue, Sum
from backproof.theory.evaluation.exact import Environment, Nested, environment, evaluate_rhs
from backproof.theory.model import Model
from backproof.theory.notation import Index, distinct, indices_in
from backproof.theory.steps import Pullback, Step
from backproof.theory.trace import tracing
from laws.sample import CLOSE


@dataclass(frozen=True)
class Open:
    """A derivation with every equation written on the way, those tidied away later included.

    ``stated`` are the equations of the tracing, ``derived`` those of the differentiation.
    """

    result: Derivation
    stated: Sequence[Equation]
    derived: Sequence[Equation]

    def environments(self, inputs: Mapping[str, Nested], sizes: Mapping[str, int]) -> Environments:
        """Numbers for all quantities, as first stated and as differentiated.

        What the two have in common must have the same numbers: no rewriting changed a meaning.
        """
        final = environment(self.result, inputs, sizes)
        given = replace(final, values={name: final.values[name] for name in inputs})
        stated = given.completed(in_order(self.stated, set(inputs)))
        derived = given.completed(in_order(self.derived, set(inputs)))
        for equation in self.result.model.equations:
            name = equation.tensor.name
            values = stated.values[name], derived.values[name]
            assert_close(*values, f"{name} as first stated and as differentiated")
        common = {e.tensor.name for e in self.result.model.equations}
        first, last = ({e.tensor.name for e in part} for part in (self.stated, self.derived))
        assert first & last <= common, f"{first & last - common}: two meanings in the steps"
        return Environments(stated, derived)


@dataclass(frozen=True)
class Environments:
    """Numbers to evaluate the steps of the tracing and those of the differentiation with."""

    stated: Environment
    derived: Environment


def derived_in_the_open(
    model: Callable[[], Model],
    wrt: Any = None,
    order: int = 1,
    along: Any = None,
    symmetric: Any = None,
) -> Open:
    """Trace and derive, and keep every equation on the way."""
    with everything_written() as stated:
        traced = model()
    with everything_written() as derived:
        result = derive(traced, wrt, order=order, along=along, symmetric=symmetric)
    more = (e for e in derived if e not in traced.equations)
    return Open(result, stated, [*traced.equations, *more])


@contextmanager
def everything_written() -> Iterator[list[Equation]]:
    """Collects the equations that pass through the rewritings of a model."""
    written: list[Equation] = []

    def recording(function: Callable[..., Any]) -> Callable[..., Any]:
        def run(first: Any, *rest: Any) -> Any:
            result = function(first, *rest)
            for part in (first, result):
                known = {e.tensor.name for e in written}
                new = getattr(part, "equations", part)
                written.extend(e for e in new if e.tensor.name not in known)
            return result

        return run

    rewritings = ("share_normalisers", "tidy")
    places = [(module, name) for module in (tracing, networks) for name in rewritings]
    places.append((derivation, "needed"))
    with ExitStack() as stack:
        for module, name in places:
            stack.enter_context(patch.object(module, name, recording(getattr(module, name))))
        yield written


def in_order(equations: Sequence[Equation], known: set[str]) -> list[Equation]:
    """The equations in an order in which they can be computed."""
    ordered: list[Equation] = []
    waiting = list(equations)
    while waiting:
        ready = [e for e in waiting if {t.name for t in e.operands} <= known]
        assert ready, f"{waiting[0]} uses a quantity without an equation"
        ordered += ready
        known |= {e.tensor.name for e in ready}
        waiting = [e for e in waiting if e not in ready]
    return ordered


def step_holds(step: Step, here: Environment) -> None:
    """before = after, entry by entry, and both carry the same free indices.

    A `Pullback` is evaluated by its definition, with the slope of its one equation taken
    numerically at three times the working precision.
    """
    before, after = step.before, step.after
    if isinstance(before, sp.Expr) and isinstance(after, sp.Expr):
        expressions_agree(before, after, str(step))
        return
    if isinstance(before, Equation):
        assert isinstance(after, Equation)
        assert before.tensor == after.tensor
        left, right, free = before.rhs, after.rhs, before.indices
        partner = dict(zip(before.indices, after.indices, strict=True))
    else:
        left, right, free = before, after, free_indices(before)
        partner = {i: i for i in free}
        assert set(free_indices(after)) in ({*free}, set()), f"{step} lost or gained an index"
    for at in here.assignments(free):
        there = {partner[i]: n for i, n in at.items()}
        found, claimed = evaluate_rhs(left, here, at), evaluate_rhs(right, here, there)
        place = ", ".join(f"{i.name}={n}" for i, n in at.items())
        assert_close(found, claimed, f"at {place}: {step}")


def free_indices(side: Any) -> tuple[Index, ...]:
    """The indices that a side of a step carries."""
    if isinstance(side, Pullback):
        carried = (*side.cotangent.free, *indices_in(side.wrt))
        return distinct(i for i in carried if i not in side.equation.indices)
    if isinstance(side, Sum):
        return distinct(i for term in side.terms for i in term.free)
    if isinstance(side, MatrixValue):
        return side.free
    return distinct(i for i in indices_in(side.operand) if i not in side.over)


def expressions_agree(before: sp.Expr, after: sp.Expr, what: str) -> None:
    """Two SymPy expressions, sums and integrals among them, at a few numbers for their symbols."""
    for number in (sp.Rational(2, 7), sp.Rational(9, 7), sp.Rational(-3, 5)):
        symbols = sorted(before.free_symbols | after.free_symbols, key=str)
        at = {s: abs(number) + n if s.is_positive else number + n for n, s in enumerate(symbols)}
        left, right = (sp.N(side.subs(at).doit(), 30) for side in (before, after))
        assert_close(mpmath.mpf(left), mpmath.mpf(right), what)


def assert_close(a: Nested, b: Nested, what: str) -> None:
    """Equal shapes, and equal numbers up to the digits that the working precision leaves."""
    if isinstance(a, tuple) or isinstance(b, tuple):
        assert isinstance(a, tuple), what
        assert isinstance(b, tuple), what
        assert len(a) == len(b), what
        for x, y in zip(a, b, strict=True):
            assert_close(x, y, what)
        return
    assert abs(a - b) <= CLOSE * (1 + abs(a) + abs(b)), f"{a} ≠ {b} {what}"
