"""Which framework a callable belongs to, where that is beyond doubt."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator
from typing import Any

from backproof.numerics.adapters.frameworks import FRAMEWORKS

BRIDGES = {"from_numpy", "from_dlpack", "__array__"}  # NumPy arrays become tensors within it


def framework_of(function: Any) -> str | None:
    """The name of the framework that a callable is written for, or `None`.

    It is one of the framework's own kinds (a module, a jitted function), one of its own functions,
    or a Python function that names the framework in an annotation, or whose code leads to the
    framework alone and turns no NumPy array into one of its own.

    >>> import numpy as np
    >>> framework_of(lambda x: np.tanh(x)) is None
    True
    """
    for framework in FRAMEWORKS:
        if framework.owns(function):
            return framework.name
    code = inspect.unwrap(function) if callable(function) else function
    if not isinstance(code, types.FunctionType):
        return None
    home = (code.__module__ or "").partition(".")[0]
    for framework in FRAMEWORKS:  # the framework's own code
        if home == framework.package:
            return framework.name
    said = {framework.name for framework in FRAMEWORKS if _annotated(code, framework.package)}
    if len(said) == 1:
        return said.pop()
    packages = set(_packages(code, set()))
    found = [f.name for f in FRAMEWORKS if f.package in packages]
    bridges = BRIDGES | ({"numpy"} if found == ["torch"] else set())
    if packages & {"numpy", "scipy"}:  # for a constant, or to make an array of what is given
        bridges |= {"asarray", "array"}
    return found[0] if len(found) == 1 and not bridges & set(_names(code.__code__)) else None


def _annotated(function: types.FunctionType, package: str) -> bool:
    """Whether an annotation names the package: ``x: torch.Tensor``."""
    for said in function.__annotations__.values():
        module = said if isinstance(said, str) else getattr(said, "__module__", "")
        if str(module).partition(".")[0] == package:
            return True
    return False


def _packages(function: types.FunctionType, seen: set[Any]) -> Iterator[str]:
    """The packages of what the code of a function reads from around it, defaults included."""
    seen.add(function.__code__)
    around = inspect.getclosurevars(function)
    home = function.__module__.partition(".")[0]
    for value in [*around.globals.values(), *around.nonlocals.values()]:
        name = value.__name__ if isinstance(value, types.ModuleType) else _home(value)
        if name.partition(".")[0] not in ("builtins", home):
            yield name.partition(".")[0]
        elif isinstance(value, types.FunctionType) and value.__code__ not in seen:
            yield from _packages(value, seen)


def _home(value: Any) -> str:
    return getattr(value, "__module__", None) or type(value).__module__


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _names(inner)
