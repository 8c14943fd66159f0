"""What Python's own functions mean: len, sum, range, zip, enumerate, …"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from backproof.theory.errors import UnsupportedError
from backproof.theory.trace.operands import operand, shape_of, static
from backproof.theory.trace.operations import OPERATIONS
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.steps import (
    Row,
    enumerated,
    range_of,
    reversed_,
    steps_of,
    zipped,
)
from backproof.theory.trace.values import Collected, Condition, Label, Value

NAMES = (
    *("abs", "bool", "enumerate", "float", "int", "len", "list", "max", "min", "pow", "range"),
    *("reversed", "sum", "tuple", "zip"),
)


def builtin(name: str, statement: Statement, arguments: list[Any], row: Row) -> Any:
    """The result of one of Python's functions; ``row`` takes a row of an array."""
    known = ITERATING.get(name)
    if known is not None:
        return known([steps_of(a, row, name) for a in arguments])
    if name == "range":
        return range_of(*arguments)
    if name == "len":
        (only,) = arguments
        if isinstance(only, Value | Label | Condition):
            return shape_of(only)[0]
        return steps_of(only, row, "len").length
    if name == "sum":
        return summed(statement, *arguments)
    if all(map(static, arguments)) and name in ON_NUMBERS:
        return ON_NUMBERS[name](*map(sp.sympify, arguments))
    if name == "abs":
        return OPERATIONS["numpy.abs"](statement, *arguments)
    if name == "pow":
        return OPERATIONS["numpy.power"](statement, *arguments)
    if name == "float" and len(arguments) == 1:
        return operand(arguments[0], statement)
    move = {"max": "use np.maximum or np.max", "min": "use np.minimum or np.min"}.get(name)
    raise UnsupportedError(name, "an argument that is data", "sizes", move or "rewrite it")


def _sequence(make: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    return lambda parts: make(parts[0].each()) if parts else make([])


ITERATING: dict[str, Callable[[list[Any]], Any]] = {
    "zip": zipped,
    "enumerate": lambda parts: enumerated(*parts),
    "reversed": lambda parts: reversed_(*parts),
    "list": _sequence(list),
    "tuple": _sequence(tuple),
}
ON_NUMBERS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "bool": bool,
    "float": lambda x: x,
    "int": sp.floor,
    "max": sp.Max,
    "min": sp.Min,
    "pow": sp.Pow,
}


def summed(statement: Statement, items: Any, start: Any = 0) -> Any:
    """Python's ``sum``: over the loops of a comprehension, over a list, or over the first axis."""
    if isinstance(items, Collected):
        over = [a for a in items.value.axes[: items.count] if a is not None]
        total: Any = statement.total(items.value, over)
    elif isinstance(items, list | tuple):
        if all(map(static, items)):
            return sp.Add(*items, start)
        total = operand(items[0], statement)
        for item in items[1:]:
            total = statement.add(total, operand(item, statement))
    else:
        total = OPERATIONS["numpy.sum"](statement, items, axis=0)
    return total if start == 0 else statement.add(total, operand(start, statement))
