"""Calls of NumPy and SciPy functions and of array methods, looked up by their full names."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any

import sympy as sp

from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.trace.operands import static
from backproof.theory.trace.operations import OPERATIONS, SEQUENCES, Operation
from backproof.theory.trace.operations.joining import arrayed
from backproof.theory.trace.operations.shaping import real
from backproof.theory.trace.python import builtin
from backproof.theory.trace.scope import Module
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.steps import Row, listed
from backproof.theory.trace.values import Collected, Condition, Label, Value

ALIASES = {"math.sqrt": "numpy.sqrt", "math.exp": "numpy.exp", "math.log": "numpy.log"}
ON_NUMBERS = {"numpy.sqrt": sp.sqrt, "numpy.exp": sp.exp, "numpy.log": sp.log}


@dataclass(frozen=True)
class Method:
    """A method of an array, about to be called."""

    owner: Value | Label | Condition
    name: str


def call(
    statement: Statement,
    function: object,
    arguments: list[Any],
    keywords: dict[str, Any],
    row: Row,
) -> Any:
    """The result of a library function or method.

    Raises `UnsupportedError` for one that is not known, with the closest name that is.
    """
    if isinstance(function, Method):
        arguments = [function.owner, *arguments]
        name = f"numpy.{function.name}"
    elif isinstance(function, Module):
        name = ALIASES.get(function.name, function.name)
    else:
        raise UnsupportedError("call", repr(function), "a NumPy or SciPy function", "rewrite it")
    if "out" in keywords:
        raise UnsupportedError("call", "out=", "a returned array", "drop out=")
    if name.startswith("builtins."):
        return builtin(name.removeprefix("builtins."), statement, arguments, row)
    if name in ON_NUMBERS and all(map(static, arguments)):
        return ON_NUMBERS[name](*map(sp.sympify, arguments))
    if name == "numpy.prod" and isinstance(arguments[0], tuple) and all(map(static, arguments[0])):
        return sp.Mul(*arguments[0])
    operation = OPERATIONS.get(name) or _of_ufunc(name)
    if operation is None:
        raise _unknown(name)
    arguments = [listed(a) if isinstance(a, Collected) else a for a in arguments]
    if name not in SEQUENCES:
        arguments = [arrayed(statement, a) if _holds_arrays(a) else a for a in arguments]
    try:
        return operation(statement, *arguments, **keywords)
    except sp.SympifyError:
        raise UnsupportedError(
            name, "an argument that depends on data or on a counter", "a number or size", "rewrite"
        ) from None
    except TypeError as error:
        if "Cannot convert" in str(error):
            raise UnsupportedError(
                name, "a size", "a number", "bind the size, as in 'n=3'"
            ) from None
        if "argument" in str(error) and "operation" not in str(error):
            raise UnsupportedError(
                name, f"arguments ({error})", "the common arguments", "drop the extra one"
            ) from None
        raise


REDUCED = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min"}


def _of_ufunc(name: str) -> Operation | None:
    """``np.subtract.outer`` and ``np.add.reduce``: all pairs, or along the first axis."""
    ufunc, _, method = name.rpartition(".")
    function = OPERATIONS.get(ufunc)
    if method == "outer" and function is not None:
        return lambda s, a, b: function(s, *_apart(real(a, name), real(b, name)))
    kind = REDUCED.get(ufunc.removeprefix("numpy."))
    if method == "reduce" and kind is not None:
        total = OPERATIONS[f"numpy.{kind}"]
        return lambda s, a, axis=0: total(s, a, axis=axis)
    return None


def _apart(left: Value, right: Value) -> tuple[Value, Value]:
    """Axes of the first in front of those of the second."""
    return Value((*left.axes, *[None] * len(right.axes)), left.rhs), right


def _holds_arrays(argument: Any) -> bool:
    """Whether an argument is a Python list of arrays, which NumPy makes one array of."""
    if not isinstance(argument, list | tuple):
        return False
    arrays = Value | Label | Condition | Collected
    return any(isinstance(a, arrays) or _holds_arrays(a) for a in argument)


def _unknown(name: str) -> BackproofError:
    known = {full.rpartition(".")[2]: full for full in OPERATIONS}
    close = difflib.get_close_matches(name.rpartition(".")[2], known, 1, cutoff=0.8)
    advice = "write it with arithmetic, @, sums, np.where, exp, log, einsum"
    move = f"use {known[close[0]]}" if close else advice
    return UnsupportedError("call", name, "a supported NumPy or scipy.special function", move)
