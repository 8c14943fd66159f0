"""The local variables of the function under test, as each line leaves them.

The function is called once more with a trace on its own code object; it computes what it always
computes.  A trace that was set before (a debugger, a coverage tool) is put back afterwards.
"""

from __future__ import annotations

import ast
import functools
import inspect
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

import numpy as np

from backproof.numerics.judge.calls.binding import Binding
from backproof.numerics.judge.calls.calling import call
from backproof.numerics.judge.reference.running import Array

EVENTS = 4000  # lines that are followed; a longer run is cut off there


@dataclass(frozen=True, eq=False)  # holds arrays: compared by identity
class Local:
    """An array that a line gave to a name (or changed in place)."""

    name: str
    line: int
    value: Array


@dataclass(frozen=True)
class Line:
    """A statement of the function: its text and the names that it reads."""

    text: str
    reads: frozenset[str]


def code_of(function: Callable[..., Any]) -> CodeType | None:
    """The code object that runs when a function, method, partial or callable object is called."""
    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(function)
    function = getattr(function, "__func__", function)
    if not hasattr(function, "__code__") and not inspect.isclass(function):
        function = getattr(type(function), "__call__", function)  # noqa: B004 - its code is wanted
    code = getattr(function, "__code__", None)
    return code if isinstance(code, CodeType) else None


def locals_of(binding: Binding, values: Mapping[str, Array]) -> list[Local]:
    """What each line of the function leaves in its local arrays, in order."""
    code = code_of(binding.function)
    if code is None:
        return []
    found: list[Local] = []
    known: dict[str, Array] = {}
    state = {"line": code.co_firstlineno, "events": 0, "started": False}

    def look(frame: FrameType) -> None:
        for name, value in frame.f_locals.items():
            array = _numbers(value)
            if array is None:
                continue
            before = known.get(name)
            if before is None or not _same(before, array):
                known[name] = array.copy()
                if state["started"]:
                    found.append(Local(name, int(state["line"]), known[name]))
        state["started"] = True

    def follow(frame: FrameType, event: str, argument: Any) -> Any:
        state["events"] += 1
        if state["events"] > EVENTS:
            return None
        look(frame)
        state["line"] = frame.f_lineno
        return follow

    def watch(frame: FrameType, event: str, argument: Any) -> Any:
        return follow if frame.f_code is code else None

    before = sys.gettrace()
    try:
        sys.settrace(watch)
        call(binding, values)
    finally:
        sys.settrace(before)
    return found


def _numbers(value: Any) -> Array | None:
    if isinstance(value, np.ndarray) and value.dtype.kind in "fb":
        return value
    if isinstance(value, float | np.floating):
        return np.asarray(value)
    return None


def _same(a: Array, b: Array) -> bool:
    return a.shape == b.shape and np.array_equal(
        a, b, equal_nan=a.dtype.kind == "f" == b.dtype.kind
    )


def lines_of(function: Callable[..., Any]) -> dict[int, Line]:
    """The simple statements of a function by line number; empty when there is no source."""
    code = code_of(function)
    if code is None:
        return {}
    try:
        source, first = inspect.getsourcelines(code)
        tree = ast.parse(textwrap.dedent("".join(source)))
    except (OSError, TypeError, SyntaxError):  # no source, or not one that stands alone
        return {}
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            names = (n for n in ast.walk(node) if isinstance(n, ast.Name))
            reads = {n.id for n in names if isinstance(n.ctx, ast.Load)}
            if isinstance(node, ast.AugAssign):
                reads |= {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
            text = " ".join(ast.unparse(node).split())
            for number in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                found[number + first - 1] = Line(text, frozenset(reads))
    return found
