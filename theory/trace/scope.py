"""What names mean outside the source: modules, constants, NumPy functions, other functions.

Other functions are found by their source and read where they are called; nothing is executed.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

import sympy as sp

from backproof.theory.errors import BackproofError
from backproof.theory.trace.python import NAMES


@dataclass(frozen=True)
class Module:
    """A module that source may name, by its full name."""

    name: str


@dataclass(frozen=True)
class Function:
    """A function that is read where it is called: its syntax, and the names around it."""

    node: ast.Lambda | ast.FunctionDef
    scope: Mapping[str, Any]
    resolve: Callable[[str], Any]


NAMESPACE = {
    "np": Module("numpy"),
    "numpy": Module("numpy"),
    "scipy": Module("scipy"),
    "special": Module("scipy.special"),
}
CONSTANTS = {
    "numpy.pi": sp.pi,
    "math.pi": sp.pi,
    "numpy.e": sp.E,
    "numpy.newaxis": None,
    "numpy.inf": sp.oo,
    "math.inf": sp.oo,
    "numpy.float64": Module("numpy.float64"),
}


def module_named(name: str) -> Any:
    return CONSTANTS[name] if name in CONSTANTS else Module(name)


def syntax_of(function: FunctionType) -> ast.FunctionDef | ast.Lambda:
    """The syntax tree of a function, found by its source.

    Raises `BackproofError` when the source is not at hand (typed at a plain prompt).
    """
    try:
        text = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        raise BackproofError(
            function.__name__,
            "no source code",
            "a function from a file",
            "pass the body as a string",
        ) from None
    tree = _parse_leniently(text)
    code: CodeType = function.__code__
    found = [
        n
        for n in ast.walk(tree)
        if (isinstance(n, ast.FunctionDef) and n.name == function.__name__)
        or (isinstance(n, ast.Lambda) and function.__name__ == "<lambda>")
    ]
    matching = [
        n
        for n in found
        if [a.arg for a in n.args.args] == list(code.co_varnames[: code.co_argcount])
    ]
    if not matching or (len(matching) > 1 and isinstance(matching[0], ast.Lambda)):
        raise BackproofError(
            function.__name__,
            f"{len(matching)} candidates in its source",
            "one",
            "use a def of its own",
        )
    node = matching[0]
    assert isinstance(node, ast.FunctionDef | ast.Lambda)
    return node


def _parse_leniently(text: str) -> ast.AST:
    """Parse source that `inspect` cut at a line boundary: a lambda may stand inside a call."""
    for candidate in (text, f"({text.strip().rstrip(',')})", text.strip().rstrip("),") + ")"):
        try:
            return ast.parse(candidate)
        except SyntaxError:
            continue
    start = text.find("lambda")
    for end in range(len(text), start, -1):
        try:
            return ast.parse(text[start:end].strip().rstrip(","), mode="eval")
        except SyntaxError:
            continue
    raise BackproofError(
        "lambda", "source that cannot be parsed alone", "a def", "use a def of its own"
    )


def outer(names: dict[str, Any]) -> Callable[[str], Any]:
    """Resolves names outside the source: modules, numbers, functions that have source."""

    def resolve(name: str) -> Any:
        if name not in names:
            if name in NAMESPACE:
                return NAMESPACE[name]
            return Module(f"builtins.{name}") if name in NAMES else None
        found = names[name]
        if isinstance(found, ModuleType):
            return Module(found.__name__)
        if isinstance(found, bool | int | float):
            return sp.sympify(found) if isinstance(found, int) else sp.Rational(repr(found))
        full = _numpy_name(found)
        if full is not None:
            return Module(full)
        if isinstance(found, FunctionType):
            inner = outer({**found.__globals__, **inspect.getclosurevars(found).nonlocals})
            return Function(syntax_of(found), {}, inner)
        raise BackproofError(
            "name",
            f"{name}, a {type(found).__name__} from outside",
            "a number, a module or a function",
            f"declare {name} as an input",
        )

    return resolve


def _numpy_name(found: object) -> str | None:
    """``numpy.exp`` for the object that the imported module calls so."""
    name = getattr(found, "__name__", "")
    for module in ("numpy", "scipy.special", "numpy.linalg", "scipy.linalg"):
        if getattr(sys.modules.get(module), name, None) is found and name:
            return f"{module}.{name}"
    return None
