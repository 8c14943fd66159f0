"""A failing point as code that runs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from backproof.numerics.judge.calls.binding import Item
from backproof.numerics.judge.calls.subject import Subject, Trial
from backproof.numerics.judge.comparison import apart
from backproof.numerics.judge.diagnosis.shrinking import PATTERN
from backproof.numerics.judge.reference.running import Array

WRITTEN_OUT = 40  # entries that are written as a nested list, or one by one where most are zero
MOST = 400  # entries that are written in the worst case


def reproduction(subject: Subject, trial: Trial) -> str:
    """A script that defines the arguments, calls the function and shows the fault.

    It ends in an `assert` that fails as long as the function is wrong there.
    """
    lines = ["import numpy as np"]
    imported = _import(subject.binding.function)
    lines.append(imported or f"# {subject.binding.name} is the function under test")
    lines.append("")
    for name in subject.binding.drawn:
        lines += written(name, trial.point.values[name])
    lines.append("")
    wrong = trial.wrong
    call = subject.binding.spelled()
    if trial.case.first.raised is not None:
        return "\n".join([*lines, f"{call}  # raises {trial.case.first.error}"])
    if not wrong:
        return "\n".join([*lines, f"result = {call}", *_facts(trial)])
    name = wrong[0]
    comparison = trial.comparisons[name]
    tensor = trial.case.outputs[name].name
    place = comparison.worst
    got, value = apart(comparison.got[place], comparison.value[place])
    path = path_to(name, subject.items, trial.case.first.returned, tensor)
    entry = f"{tensor}[{', '.join(map(str, place))}]" if place else tensor
    allowed = float(comparison.tolerance[place])
    lines += [
        f"{tensor} = {call}{path}",
        f"print({entry})  # {got}; the equations give {value}",
        f"assert abs({entry} - ({float(comparison.value[place])!r})) <= {allowed:.2g}",
    ]
    return "\n".join(lines)


def _facts(trial: Trial) -> list[str]:
    """What is wrong besides values, one line for each clause."""
    wrong = {f.clause: f for f in reversed(trial.findings) if f.weight == "wrong"}
    return [f"# {f.where}: {f.found}; expected {f.expected}" for f in wrong.values()]


def path_to(name: str, items: tuple[Item, ...], returned: Any, tensor: str) -> str:
    """How an output is read from what was returned: ``[1]``, ``["W1"]``, or nothing.

    >>> path_to("b", ("a", ["b"]), None, "db")
    '[1][0]'
    """
    if isinstance(returned, Mapping) and all(isinstance(i, str) for i in items):
        return f"[{(name if name in returned else tensor)!r}]"
    if len(items) == 1 and not (isinstance(returned, tuple) and len(returned) == 1):
        return _inside(items[0], name) or ""
    return _inside(tuple(items), name) or ""


def _inside(item: Item, name: str) -> str | None:
    if isinstance(item, str):
        return "" if item == name else None
    pairs = item.items() if isinstance(item, Mapping) else enumerate(item)
    for key, inner in pairs:
        rest = _inside(inner, name)
        if rest is not None:
            return f"[{key!r}]{rest}"
    return None


def _import(function: Callable[..., Any]) -> str:
    """How the function is imported, where it can be."""
    module = getattr(function, "__module__", None)
    name = getattr(function, "__qualname__", "")
    if not module or module in ("__main__", "builtins") or not name.isidentifier():
        return ""
    owner = inspect.getmodule(function)
    return f"from {module} import {name}" if getattr(owner, name, None) is function else ""


def written(name: str, array: Array) -> list[str]:
    """Lines that define an argument."""
    kind = "" if array.dtype in (np.float64, np.intp) else f", dtype=np.{array.dtype}"
    if array.ndim == 0:
        number = repr(array.item())
        return [f"{name} = {f'np.{array.dtype}({number})' if kind else number}"]
    if array.size > 8 and np.all(array == array.flat[0]):
        return [_uniform(name, array)]
    if array.size <= WRITTEN_OUT:
        return [f"{name} = np.array({_listed(array)}{kind})"]
    whole = f", dtype=np.{array.dtype}" if kind or array.dtype == np.intp else ""
    if np.array_equal(array, np.resize(PATTERN, array.shape).astype(array.dtype)):
        cast = f".astype(np.{array.dtype})" if kind else ""
        return [f"{name} = np.resize({list(PATTERN)}, {array.shape}){cast}"]
    lines = [f"{name} = np.zeros({array.shape}{whole})"]
    for axis in range(array.ndim):
        lanes = np.moveaxis(array, axis, 0)
        full = [n for n, lane in enumerate(lanes) if np.any(lane)]
        even = all(np.all(lanes[n] == lanes[n].flat[0]) for n in full)
        if array.ndim > 1 and even and len(full) <= WRITTEN_OUT // 4:
            where = ":, " * axis
            return [*lines, *(f"{name}[{where}{n}] = {lanes[n].flat[0].item()!r}" for n in full)]
    places = np.argwhere(array)
    if len(places) <= WRITTEN_OUT:
        for place in places:
            index = ", ".join(map(str, place))
            lines.append(f"{name}[{index}] = {array[tuple(place)].item()!r}")
        return lines
    if array.size <= MOST:
        return [f"{name} = np.array({_listed(array)}{kind})"]
    return [f"{name} = ...  # shape {array.shape}: too large to print, see .diagnosis.arguments"]


def _uniform(name: str, array: Array) -> str:
    """One line for an array of equal entries."""
    shape = array.shape if array.ndim > 1 else array.size
    number = array.flat[0].item()
    whole = "" if array.dtype == np.float64 else f", dtype=np.{array.dtype}"
    if number in (0, 1):
        return f"{name} = np.{'ones' if number else 'zeros'}({shape}{whole})"
    return f"{name} = np.full({shape}, {number!r}{whole})"


def _listed(array: Array) -> str:
    return repr((array + 0).tolist())  # −0.0 + 0 is 0.0
