"""What the equations say about the points to try: exponents, kinks, labels that pick entries."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from backproof.numerics.judge.statement import Statement
from backproof.theory import scalars
from backproof.theory.equations import Reduction
from backproof.theory.notation import Entry, Map, entries_in, slot

EXPONENTIAL = (sp.exp, sp.tanh, sp.sinh, sp.cosh, scalars.sigmoid, scalars.softplus, scalars.expm1)
KINKED = (scalars.step, scalars.sgn, scalars.relu, scalars.absolute)


def exponents(statement: Statement) -> dict[str, None]:
    """The quantities under an exponential, in the order of the equations."""
    found: dict[str, None] = {}
    for equation in statement.equations:
        if isinstance(equation.rhs, Reduction) and equation.rhs.kind == "logsumexp":
            found[equation.rhs.operand.tensor.name] = None
        for name in _under(equation.rhs.factors, EXPONENTIAL):
            tensor = statement.tensors[name]
            if tensor.dtype == "real":
                found[name] = None
    order = {name: n for n, name in enumerate(statement.tensors)}
    normalisers = {
        e.tensor.name
        for e in statement.equations
        if isinstance(e.rhs, Reduction) and e.rhs.kind == "logsumexp"
    }
    return dict.fromkeys(sorted((n for n in found if n not in normalisers), key=lambda n: order[n]))


def kinked(statement: Statement) -> dict[str, None]:
    """The quantities that a kinked function is applied to."""
    return {
        name: None
        for equation in statement.equations
        for name in _under(equation.rhs.factors, KINKED)
    }


def _under(factors: Iterator[object], functions: tuple[type, ...]) -> Iterator[str]:
    for factor in factors:
        if isinstance(factor, Map):
            inside = [
                a for f in functions for e in factor.expression.atoms(f) for a in e.free_symbols
            ]
            for n, argument in enumerate(factor.arguments):
                if slot(n) in inside:
                    yield argument.tensor.name


def selections(statement: Statement) -> Iterator[tuple[str, int, str]]:
    """Where a label picks an entry: the quantity, the axis and the label, as in z[n, y[n]].

    The whole model is read, since a gradient no longer holds the loss that picked the entry.
    """
    for equation in statement.against.equations:
        for factor in equation.rhs.factors:
            for entry in entries_in(factor):
                for axis, subscript in enumerate(entry.subscripts):
                    label = subscript.tensor.name if isinstance(subscript, Entry) else ""
                    if label in statement.arguments and entry.tensor.name in statement.defining:
                        yield entry.tensor.name, axis, label


def boundaries(statement: Statement) -> dict[str, tuple[float, ...]]:
    """Numbers at which an argument meets the boundary of a branch: 1 in np.where(x > 1, …).

    Of functions of one argument alone, and conditions linear in it.

    >>> from backproof.theory.trace.tracing import trace
    >>> model = trace("np.sum(np.where(x > 0.75, x, x**2) + np.minimum(x, 3))", x="n")
    >>> boundaries(Statement.of(model, ["value"]))
    {'x': (0.75, 3.0)}
    """
    found: dict[str, dict[float, None]] = {}
    for equation in statement.equations:
        for factor in equation.rhs.factors:
            if not isinstance(factor, Map):
                continue
            for n, argument in enumerate(factor.arguments):
                tensor = argument.tensor
                if tensor.name in statement.arguments and tensor.dtype == "real":
                    for number in _zeros(factor.expression, slot(n)):
                        found.setdefault(tensor.name, {})[number] = None
    return {name: tuple(sorted(numbers)) for name, numbers in found.items()}


def _zeros(expression: sp.Expr, symbol: sp.Symbol) -> Iterator[float]:
    """Where the conditions in an expression hold with equality, if they say so of one symbol."""
    for stated in _conditions(expression):
        condition = stated.replace(scalars.relu, lambda inside: inside)  # where that is not 0
        for pair in (scalars.larger, scalars.smaller):  # of a clipped number: where it is not
            condition = condition.replace(pair, lambda a, b: a if a.free_symbols else b)
        slope = condition.diff(symbol)
        if condition.free_symbols == {symbol} and slope.is_number and slope != 0:
            yield float(-condition.subs(symbol, 0) / slope)


def _conditions(expression: sp.Expr) -> Iterator[sp.Expr]:
    for kink in expression.atoms(*KINKED):
        yield kink.args[0]
    for pair in expression.atoms(scalars.larger, scalars.smaller):
        yield pair.args[0] - pair.args[1]
    for relation in expression.atoms(sp.core.relational.Relational):
        difference = relation.lhs - relation.rhs
        yield difference
        for size in difference.atoms(scalars.absolute):
            yield difference.xreplace({size: size.args[0]})
            yield difference.xreplace({size: -size.args[0]})
