"""Between names and the function under test: which argument goes where, which result is which.

An item of ``inputs`` or ``outputs`` is a name, or a list, tuple or dictionary of items: a function
``backward(x, y, params)`` with a dictionary is ``inputs=("x", "y", {"W": "W1", "b": "b1"})``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from backproof.theory.errors import BackproofError

Item = Any  # str | list[Item] | tuple[Item, ...] | dict[str, Item]


def names_in(item: Item) -> Iterator[str]:
    """The names of an item, in order.

    >>> list(names_in(("x", {"W": "W1", "b": ["b1"]})))
    ['x', 'W1', 'b1']
    """
    if isinstance(item, str):
        yield item
    elif isinstance(item, Mapping):
        for inner in item.values():
            yield from names_in(inner)
    elif isinstance(item, list | tuple):
        for inner in item:
            yield from names_in(inner)
    else:
        raise BackproofError(
            "inputs or outputs",
            repr(item),
            "names, and lists, tuples or dictionaries of names",
            'write e.g. ("x", "y", ["W1", "W2"])',
        )


def filled(item: Item, values: Mapping[str, Any]) -> Any:
    """The item with values for its names."""
    if isinstance(item, str):
        return values[item]
    if isinstance(item, Mapping):
        return {key: filled(inner, values) for key, inner in item.items()}
    parts = (filled(inner, values) for inner in item)
    return list(parts) if isinstance(item, list) else tuple(parts)


@dataclass(frozen=True)
class Binding:
    """How the function is called: positional items, then keyword items.

    ``constants`` are names of items that are no argument of the equations but a part of their
    configuration (a stride, an axis), with what is passed for them; ``lengths`` are names of items
    that are a size, with the axis of the argument that has it.  ``pinned`` are sizes at which
    alone the function works.
    """

    function: Callable[..., Any]
    positional: tuple[Item, ...]
    keywords: Mapping[str, Item] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    lengths: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    pinned: Mapping[str, int] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The arguments that the function is given."""
        items = [*self.positional, *self.keywords.values()]
        rest = {*self.constants, *self.lengths}
        return tuple(n for n in dict.fromkeys(names_in(items)) if n not in rest)

    @property
    def drawn(self) -> tuple[str, ...]:
        """The arguments that a point must have: those, and those whose sizes are passed."""
        return tuple(dict.fromkeys((*self.names, *(a for a, _ in self.lengths.values()))))

    @property
    def title(self) -> str:
        """What the function is called in reports."""
        return title_of(self.function)

    @property
    def name(self) -> str:
        """What the function is called in code: its name, or ``function``."""
        return self.title if self.title.isidentifier() else "function"

    def arguments(self, values: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Positional and keyword arguments."""
        lengths = {n: values[a].shape[axis] for n, (a, axis) in self.lengths.items()}
        values = {**values, **lengths, **self.constants}
        keywords = {key: filled(item, values) for key, item in self.keywords.items()}
        return filled(self.positional, values), keywords

    def spelled(self) -> str:
        """The call as source code over variables of the arguments' names."""
        known = {name: repr(value) for name, value in self.constants.items()}
        known |= {n: f"{a}.shape[{axis}]" for n, (a, axis) in self.lengths.items()}
        parts = [_source(item, known) for item in self.positional]
        parts += [f"{key}={_source(item, known)}" for key, item in self.keywords.items()]
        return f"{self.name}({', '.join(parts)})"


def _source(item: Item, known: Mapping[str, str] = {}) -> str:
    if isinstance(item, str):
        return known.get(item, item)
    if isinstance(item, Mapping):
        return "{" + ", ".join(f"{key!r}: {_source(i, known)}" for key, i in item.items()) + "}"
    inner = ", ".join(_source(i, known) for i in item)
    if isinstance(item, list):
        return f"[{inner}]"
    return f"({inner},)" if len(item) == 1 else f"({inner})"


def title_of(function: Callable[..., Any]) -> str:
    """The name of a function, or of the class of a callable object."""
    return str(getattr(function, "__name__", type(function).__name__))


def bind(
    function: Callable[..., Any],
    inputs: Sequence[Item] | str | None,
    known: Mapping[str, Any],
    aliases: Mapping[str, str] | None = None,
    lengths: Mapping[str, tuple[str, int]] | None = None,
) -> Binding:
    """The binding that ``inputs`` says, or the one that the parameters' names say.

    ``lengths`` are sizes that a parameter may be, with the axis that each is read from.

    Raises `BackproofError` when a name is unknown, a parameter matches no argument, or the
    function cannot be called with that many.
    """
    if not callable(function):
        raise BackproofError(
            "bp.verify",
            f"{function!r}, a {type(function).__name__}",
            "a function",
            "pass the function itself, not the result of a call",
        )
    sizes = {n: place for n, place in (lengths or {}).items() if n not in known}
    if inputs is None:
        return _with_lengths(_by_names(function, known, aliases or {}, sizes), sizes)
    items: tuple[Item, ...] = (inputs,) if isinstance(inputs, str | Mapping) else tuple(inputs)
    given = list(names_in(list(items)))
    for name in given:
        if name not in known and name not in sizes:
            raise BackproofError(
                "inputs",
                f"the unknown name {name!r}",
                f"names among {', '.join(known)}",
                "name the arguments of the model in the order of the function's parameters"
                + _hint(name, known),
            )
    repeated = [n for n in given if given.count(n) > 1]
    if repeated:
        raise BackproofError("inputs", f"{repeated[0]!r} twice", "each name once", "drop one")
    signature = _signature(function)
    if signature is not None:
        try:
            signature.bind(*items)
        except TypeError as error:
            raise BackproofError(
                title_of(function),
                f"parameters {signature}, which {len(items)} inputs do not fit ({error})",
                f"one parameter for each of {', '.join(map(_source, items))}",
                "give inputs= in the order of the function's positional parameters",
            ) from None
    return _with_lengths(Binding(function, items), sizes)


def lengths_of(arguments: Mapping[str, Any]) -> dict[str, tuple[str, int]]:
    """For each size that is an axis of an argument: the argument, and the axis.

    >>> from backproof.theory.specs import embedding
    >>> lengths_of(embedding.model().arguments)
    {'k': ('E', 0), 'd': ('E', 1), 'n': ('ids', 0)}
    """
    found: dict[str, tuple[str, int]] = {}
    for name, tensor in arguments.items():
        for axis, size in enumerate(tensor.shape):
            if size.is_Symbol:
                found.setdefault(size.name, (name, axis))
    return found


def _with_lengths(binding: Binding, sizes: Mapping[str, tuple[str, int]]) -> Binding:
    items = list(names_in([*binding.positional, *binding.keywords.values()]))
    return replace(binding, lengths={n: place for n, place in sizes.items() if n in items})


def parameters_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's parameters; none where they cannot be read."""
    signature = _signature(function) if callable(function) else None
    return () if signature is None else tuple(signature.parameters)


def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):  # a built-in without one
        return None


def _by_names(
    function: Callable[..., Any],
    known: Mapping[str, Any],
    aliases: Mapping[str, str],
    lengths: Mapping[str, tuple[str, int]],
) -> Binding:
    signature = _signature(function)
    title = title_of(function)
    order = 'inputs=("name", …) in the order of its parameters'
    if signature is None:
        raise BackproofError(title, "no readable signature", "named parameters", f"pass {order}")
    positional: list[Item] = []
    keywords: dict[str, Item] = {}
    skipped = False
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD and len(signature.parameters) == 1:
            return Binding(function, (), {known_name: known_name for known_name in known})
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            if name in known or not (positional or keywords):
                raise BackproofError(
                    title, f"the parameters {parameter}", "named ones", f"pass {order}"
                )
            continue
        item = name if name in known else aliases.get(name, "")
        if not item and name in lengths and parameter.default is parameter.empty:
            item = name
        if not item:
            if parameter.default is not parameter.empty:
                skipped = True
                continue
            raise BackproofError(
                title,
                f"the parameter {name}, which is no argument of the model",
                f"parameters named among {', '.join(known)}",
                f"pass {order}" + _hint(name, known),
            )
        if parameter.kind is parameter.KEYWORD_ONLY or skipped:
            keywords[name] = item
        else:
            positional.append(item)
    return Binding(function, tuple(positional), keywords)


def _hint(name: str, known: Mapping[str, Any]) -> str:
    close = [k for k in known if k.lower() == name.lower()]
    return f" ({name!r} may mean {close[0]!r})" if close else ""
