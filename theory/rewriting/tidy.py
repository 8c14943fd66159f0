"""Order in a model: aliases resolved, quantities that nothing needs left out."""

from __future__ import annotations

from dataclasses import replace

from backproof.theory.equations import Contraction, Equation, MatrixValue, Reduction, Sum
from backproof.theory.model import Model, needed
from backproof.theory.notation import (
    Delta,
    Entry,
    Factor,
    Map,
    Subscript,
    rename_entry,
)


def tidy(model: Model) -> Model:
    """Aliases (``A = X.T``) replaced by what they stand for, unused equations dropped."""
    alias: dict[str, Equation] = {}
    equations: list[Equation] = []
    outputs = tuple(model.results.values())
    for equation in model.equations:
        equation = with_aliases(equation, alias)
        if _is_alias(equation) and equation.tensor not in outputs:
            alias[equation.tensor.name] = equation
        else:
            equations.append(equation)
    return replace(model, equations=needed(equations, outputs))


def _is_alias(equation: Equation) -> bool:
    rhs = equation.rhs
    if not isinstance(rhs, Sum) or len(rhs.terms) != 1:
        return False
    term = rhs.terms[0]
    return (
        term.coefficient == 1
        and len(term.factors) == 1
        and isinstance(term.factors[0], Entry)
        and not term.over
    )


def with_aliases(equation: Equation, alias: dict[str, Equation]) -> Equation:
    """The equation with every aliased entry replaced by the entry it stands for."""
    if not alias or not any(t.name in alias for t in equation.operands):
        return equation

    def resolve(entry: Entry) -> Entry:
        entry = Entry(entry.tensor, tuple(map(subscript, entry.subscripts)))
        found = alias.get(entry.tensor.name)
        if found is None:
            return entry
        assert isinstance(found.rhs, Sum)
        target = found.rhs.terms[0].factors[0]
        assert isinstance(target, Entry)
        return rename_entry(target, dict(zip(found.indices, entry.subscripts, strict=True)))

    def subscript(s: Subscript) -> Subscript:
        return resolve(s) if isinstance(s, Entry) else s

    def factor(f: Factor) -> Factor:
        if isinstance(f, Entry):
            return resolve(f)
        if isinstance(f, Map):
            return Map(f.expression, tuple(resolve(a) for a in f.arguments))
        if isinstance(f, Delta):
            return Delta(subscript(f.left), subscript(f.right))
        return f

    rhs = equation.rhs
    if isinstance(rhs, MatrixValue):
        value = MatrixValue(rhs.function, resolve(rhs.operand), rhs.over, rhs.out)
        return Equation(equation.tensor, equation.indices, value)
    if isinstance(rhs, Reduction):
        return Equation(
            equation.tensor, equation.indices, Reduction(rhs.kind, resolve(rhs.operand), rhs.over)
        )
    terms = tuple(
        Contraction(t.coefficient, tuple(map(factor, t.factors)), t.over) for t in rhs.terms
    )
    return Equation(equation.tensor, equation.indices, Sum(terms))
