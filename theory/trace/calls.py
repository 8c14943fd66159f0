"""Calls of NumPy and SciPy functions and of array methods, looked up by their full names."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.trace.operands import shape_of, static
from backproof.theory.trace.operations import OPERATIONS
from backproof.theory.trace.ranges import listed, range_of
from backproof.theory.trace.scope import Module
from backproof.theory.trace.statement import Statement
from backproof.theory.trace.values import Collected, Value

ALIASES = {"builtins.abs": "numpy.abs", "math.sqrt": "numpy.sqrt"}
BUILTINS: dict[str, Callable[..., Any]] = {
    "builtins.len": lambda x: shape_of(x)[0],
    "builtins.float": sp.sympify,
    "builtins.int": sp.sympify,
    "builtins.abs": lambda x: abs(sp.sympify(x)),
    "builtins.range": range_of,
    "numpy.prod": lambda shape: sp.Mul(*shape),
}


@dataclass(frozen=True)
class Method:
    """A method of an array, about to be called."""

    owner: Value
    name: str


def call(
    statement: Statement,
    function: object,
    arguments: list[Any],
    keywords: dict[str, Any],
) -> Any:
    """The result of a library function or method.

    Raises `UnsupportedError` for one that is not known, with the closest name that is.
    """
    if isinstance(function, Method):
        if function.name == "astype":
            return function.owner
        arguments = [function.owner, *arguments]
        name = f"numpy.{function.name}"
    elif isinstance(function, Module):
        name = function.name
    else:
        raise UnsupportedError("call", repr(function), "a NumPy or SciPy function", "rewrite it")
    if "out" in keywords:
        raise UnsupportedError("call", "out=", "a returned array", "drop out=")
    if name in BUILTINS and (name == "builtins.len" or all(map(static, arguments))):
        return BUILTINS[name](*arguments)
    if name == "builtins.sum":
        return _python_sum(statement, *arguments)
    arguments = [listed(a) if isinstance(a, Collected) else a for a in arguments]
    operation = OPERATIONS.get(ALIASES.get(name, name))
    if name in ("numpy.sqrt", "numpy.exp", "numpy.log") and all(map(static, arguments)):
        return getattr(sp, name.removeprefix("numpy."))(*map(sp.sympify, arguments))
    if operation is None:
        raise _unknown(name)
    try:
        return operation(statement, *arguments, **keywords)
    except TypeError as error:
        if "argument" in str(error) and "operation" not in str(error):
            raise UnsupportedError(
                name, f"arguments ({error})", "the common arguments", "drop the extra one"
            ) from None
        raise


def _python_sum(statement: Statement, items: Any) -> Value:
    """Python's ``sum``: over the loops of a comprehension, or over the first axis."""
    if isinstance(items, Collected):
        over = [a for a in items.value.axes[: items.count] if a is not None]
        return statement.total(items.value, over)
    return OPERATIONS["numpy.sum"](statement, items, axis=0)


def _unknown(name: str) -> BackproofError:
    known = {full.rpartition(".")[2]: full for full in OPERATIONS}
    close = difflib.get_close_matches(name.rpartition(".")[2], known, 1, cutoff=0.8)
    advice = "write it with arithmetic, @, sums, np.where, exp, log, einsum"
    move = f"use {known[close[0]]}" if close else advice
    return UnsupportedError("call", name, "a supported NumPy or scipy.special function", move)
