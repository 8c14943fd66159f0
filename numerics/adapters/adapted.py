"""A callable of a framework as a function of NumPy arrays, with the framework's derivatives."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from backproof.numerics.adapters.frameworks import FRAMEWORKS
from backproof.numerics.adapters.frameworks.framework import Framework, Native
from backproof.numerics.adapters.recognition import framework_of
from backproof.theory.errors import BackproofError

Called = tuple[tuple[Any, ...], dict[str, Any]]


class Adapted:
    """A function of NumPy arrays that calls a function of another framework.

    ``names`` maps its own names to those of the statement that it is held against; a name that
    ends in ``.T`` passes the transpose.  ``gradients`` says whether its derivatives by the
    framework are judged with it (default: where it returns what the statement computes, and no
    gradient itself).  ``sizes`` are sizes at which alone it works, where its parameters do not say.
    ``factory`` makes the callable anew from its parameters that are sizes or configuration.
    """

    def __init__(
        self,
        framework: Framework,
        function: Any,
        names: Mapping[str, str] | None = None,
        gradients: bool | None = None,
        sizes: Mapping[str, int] | None = None,
        factory: bool = False,
    ) -> None:
        framework.require()
        self.framework, self.function = framework, function
        self.gradients, self.sizes, self.factory = gradients, dict(sizes or {}), factory
        self.names = dict(names or {})
        self.__name__ = self.native.title
        self.__wrapped__ = self.native.code
        self.__module__ = getattr(function, "__module__", None) or __name__
        if self._made is not None:
            self.names = {_key(n, self._made[1]): said for n, said in self.names.items()}
            self.__signature__ = self._renamed(self._made[1])

    @cached_property
    def native(self) -> Native:
        """The callable of the framework; that of an example, where a factory makes it."""
        return self.framework.native(self._example if self.factory else self.function)

    @cached_property
    def _example(self) -> Any:
        own = inspect.signature(self.function).parameters.values()
        needed = {p.name: 4 for p in own if p.default is p.empty and p.kind not in _VARIABLE}
        return self.function(**needed)

    @cached_property
    def _made(self) -> tuple[frozenset[str], inspect.Signature] | None:
        """The names of what makes the callable, and its signature with them."""
        own = self.native.signature
        if own is None or not self.factory:
            return None if own is None else (frozenset(), own)
        made = [p for p in inspect.signature(self.function).parameters.values()
                if p.kind not in _VARIABLE and p.name not in own.parameters]  # fmt: skip
        keywords = [p.replace(kind=p.KEYWORD_ONLY) for p in made]
        whole = _in_order([*own.parameters.values(), *keywords])
        return frozenset(p.name for p in made), own.replace(parameters=whole)

    def _renamed(self, own: inspect.Signature) -> inspect.Signature:
        """The signature in the names of the statement."""
        said = [p.replace(name=self._plain(p.name)) for p in own.parameters.values()]
        try:
            return own.replace(parameters=_in_order(said), return_annotation=own.empty)
        except ValueError as error:
            move = "give each argument a name of its own"
            raise BackproofError(self.__name__, str(error), "distinct names", move) from None

    def _plain(self, name: str) -> str:
        return self.names.get(name, name).removesuffix(".T")

    @property
    def held(self) -> dict[str, tuple[int, ...]]:
        """The shapes of the arrays that the object keeps, by the names of the statement."""
        if self.factory:
            return {}
        shapes = {}
        for name, shape in self.native.held.items():
            turned = self.names.get(name, name).endswith(".T")
            shapes[self._plain(name)] = shape[::-1] if turned else shape
        return shapes

    def __call__(self, *given: Any, **named: Any) -> Any:
        """What the function returns, as NumPy arrays."""
        arrays = list(arrays_in([given, named]))
        with self.framework.precision(arrays):
            lifted = mapped([list(given), named], self._lift)
            return mapped(self._called(tuple(lifted[0]), lifted[1]), self.framework.lowered)

    def pullback(
        self,
        arguments: Callable[[Mapping[str, Any]], Called],
        values: Mapping[str, Any],
        wrt: Sequence[str],
        upstream: Any,
    ) -> tuple[Any, dict[str, Any]]:
        """The value, and the framework's own gradients of Σ value·upstream by some arguments.

        ``arguments`` makes the positional and keyword arguments from ``values`` by name.
        """
        arrays = [np.asarray(a) for a in (*values.values(), upstream) if _is_array(a)]
        with self.framework.precision(arrays):
            rest = {n: mapped(a, self._lift) for n, a in values.items() if n not in wrt}

            def function(*given: Any) -> Any:
                positional, named = arguments({**rest, **dict(zip(wrt, given, strict=True))})
                return self._called(positional, named)

            by = [np.asarray(values[name]) for name in wrt]
            value, found = self.framework.pullback(function, by, np.asarray(upstream))
            lowered = [self.framework.lowered(g) for g in found]
            return mapped(value, self.framework.lowered), dict(zip(wrt, lowered, strict=True))

    def _called(self, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if self._made is None:
            return self.native.call(*given, **named)
        makers, own = self._made
        bound = inspect.signature(self).bind(*given, **named).arguments
        own_names = {self._plain(name): name for name in own.parameters}
        positional: list[Any] = []
        keywords: dict[str, Any] = {}
        made: dict[str, Any] = {}
        for said, value in bound.items():
            name = own_names[said]
            turned = self.names.get(name, name).endswith(".T")
            value = value.T if turned else value
            kind = own.parameters[name].kind
            if name in makers:
                made[name] = value
            elif kind is inspect.Parameter.VAR_POSITIONAL:
                positional += value
            elif kind is inspect.Parameter.VAR_KEYWORD:
                keywords.update(value)
            elif kind is inspect.Parameter.KEYWORD_ONLY or keywords:
                keywords[name] = value
            elif kind is inspect.Parameter.POSITIONAL_ONLY or self._gapless(bound, name):
                positional.append(value)
            else:
                keywords[name] = value
        if not self.factory:
            return self.native.call(*positional, **keywords)
        return self.framework.native(self.function(**made)).call(*positional, **keywords)

    def _gapless(self, bound: Mapping[str, Any], name: str) -> bool:
        """Whether every parameter before one is passed too."""
        assert self._made is not None
        for other in self._made[1].parameters:
            if other == name:
                return True
            if self._plain(other) not in bound:
                return False
        return True

    def _lift(self, value: Any) -> Any:
        return self.framework.lifted(np.asarray(value)) if _is_array(value) else value

    def __repr__(self) -> str:
        return f"bp.adapt.{self.framework.name}({self.__name__})"


_VARIABLE = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def adapted(function: Any) -> Any:
    """A callable that belongs to a framework beyond doubt, adapted; anything else as it is.

    A pair of functions is taken apart, and each recognised by itself.
    """
    if isinstance(function, tuple):
        return tuple(map(adapted, function))
    name = None if isinstance(function, Adapted) else framework_of(function)
    return next((Adapted(f, function) for f in FRAMEWORKS if f.name == name), function)


def mapped(value: Any, function: Callable[[Any], Any]) -> Any:
    """A nest of lists, tuples and dictionaries with a function applied to what it holds."""
    if isinstance(value, Mapping):
        return {key: mapped(inner, function) for key, inner in value.items()}
    if isinstance(value, list):
        return [mapped(inner, function) for inner in value]
    if isinstance(value, tuple):
        return tuple(mapped(inner, function) for inner in value)
    return function(value)


def arrays_in(value: Any) -> Iterator[np.ndarray[Any, Any]]:
    """The NumPy arrays and scalars in a nest."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for inner in value:
            yield from arrays_in(inner)
    elif _is_array(value):
        yield np.asarray(value)


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray | np.generic)


def _in_order(parameters: Sequence[inspect.Parameter]) -> list[inspect.Parameter]:
    """Parameters of a signature in the order that Python asks for."""
    return sorted(parameters, key=lambda p: p.kind)


def _key(name: str, own: inspect.Signature) -> str:
    """A parameter's own name, also where it is written with dots: ``0.weight``."""
    plain = name.replace(".", "_")
    plain = plain if plain.isidentifier() else f"_{plain}"
    if plain not in own.parameters:
        move = "name the parameters of the function, or of the module"
        raise BackproofError("names", f"the unknown {name}", ", ".join(own.parameters), move)
    return plain
