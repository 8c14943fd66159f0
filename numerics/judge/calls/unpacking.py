"""What a function returned, taken apart into results by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from backproof.numerics.judge.calls.binding import Item, names_in
from backproof.theory.notation import Tensor

Problem = tuple[str, str, str]  # found, expected, next move


@dataclass
class Unpacked:
    """The results by name; ``problems`` says what is missing or too much, ``extra`` what was
    returned beyond what was asked for."""

    found: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)


def unpack(returned: Any, items: tuple[Item, ...], outputs: Mapping[str, Tensor]) -> Unpacked:
    """Take apart a tuple, a list, a dictionary keyed by names, or a single result.

    >>> unpack((1.0, 2.0), ("a", "b"), {}).found
    {'a': 1.0, 'b': 2.0}
    >>> unpack((1.0,), ("a", "b"), {}).problems[0][0]
    '1 result'
    """
    result = Unpacked()
    single = len(items) == 1 and not isinstance(returned, Mapping)
    if single and not (isinstance(returned, tuple) and len(returned) == 1):
        _take(returned, items[0], outputs, result)
    elif isinstance(returned, Mapping) and all(isinstance(i, str) for i in items):
        _by_key(returned, items, outputs, result)
    else:
        _take(returned, items[0] if isinstance(returned, Mapping) else items, outputs, result)
    return result


def _by_key(
    returned: Mapping[Any, Any],
    items: tuple[str, ...],
    outputs: Mapping[str, Tensor],
    result: Unpacked,
) -> None:
    """Keys are the names asked for, or the equations' own ("dW1" for "W1")."""
    used = set()
    for name in items:
        keys = [name, outputs[name].name] if name in outputs else [name]
        key = next((k for k in keys if k in returned), None)
        if key is None:
            listed = ", ".join(map(repr, returned)) or "none"
            found = f"a dictionary with the keys {listed}"
            result.problems.append((found, f"the key {name!r}", f"add {name!r}"))
        else:
            used.add(key)
            result.found[name] = returned[key]
    result.extra += [str(key) for key in returned if key not in used]


def _take(returned: Any, item: Item, outputs: Mapping[str, Tensor], result: Unpacked) -> None:
    if isinstance(item, str):
        result.found[item] = returned
    elif isinstance(item, Mapping):
        if not isinstance(returned, Mapping):
            expected = f"a dictionary with the keys {', '.join(map(repr, item))}"
            result.problems.append((_described(returned), expected, "return one"))
            return
        for key, inner in item.items():
            if key in returned:
                _take(returned[key], inner, outputs, result)
            else:
                found = f"a dictionary with the keys {', '.join(map(repr, returned))}"
                result.problems.append((found, f"the key {key!r}", f"add {key!r}"))
    else:
        expected = f"{len(item)} results, {', '.join(_spelled(list(item), outputs))}"
        move = "return them in this order, or name what is returned in outputs="
        if not isinstance(returned, list | tuple):
            result.problems.append((_described(returned), expected, move))
        elif len(returned) != len(item):
            plural = "" if len(returned) == 1 else "s"
            result.problems.append((f"{len(returned)} result{plural}", expected, move))
        else:
            for one, inner in zip(returned, item, strict=True):
                _take(one, inner, outputs, result)


def _spelled(item: Item, outputs: Mapping[str, Tensor]) -> Iterator[str]:
    for name in names_in(item):
        yield outputs[name].name if name in outputs else name


def _described(returned: Any) -> str:
    if returned is None:
        return "None"
    shape = getattr(returned, "shape", None)
    return f"one {type(returned).__name__}" + (f" of shape {shape}" if shape is not None else "")
