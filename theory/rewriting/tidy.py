"""Order in a model: aliases resolved, quantities that nothing needs left out."""

from __future__ import annotations

from dataclasses import replace

from backproof.theory.equations import Equation, Sum
from backproof.theory.model import Model, needed
from backproof.theory.notation import Entry, rename_entry
from backproof.theory.rewriting.entries import with_entries


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
        found = alias.get(entry.tensor.name)
        if found is None:
            return entry
        assert isinstance(found.rhs, Sum)
        target = found.rhs.terms[0].factors[0]
        assert isinstance(target, Entry)
        return rename_entry(target, dict(zip(found.indices, entry.subscripts, strict=True)))

    return Equation(equation.tensor, equation.indices, with_entries(equation.rhs, resolve))
