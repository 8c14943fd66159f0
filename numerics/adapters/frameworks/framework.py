"""What a framework is to the judge: its arrays, its own derivatives, and what belongs to it."""

from __future__ import annotations

import contextlib
import importlib
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from backproof.theory.errors import BackproofError

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Native:
    """A callable of a framework's own arrays.

    ``signature`` is `None` where it cannot be read; ``held`` are the shapes of arrays that an
    object keeps and that are passed like arguments (the parameters of a module); ``code`` is the
    Python function that runs.
    """

    call: Callable[..., Any]
    title: str
    signature: inspect.Signature | None = None
    held: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    code: Callable[..., Any] | None = None


class Framework(ABC):
    """A library with arrays and derivatives of its own."""

    name: ClassVar[str]
    package: ClassVar[str]
    flushes: ClassVar[bool] = False  # numbers below the least normal one are zero

    def require(self) -> Any:
        """The imported package; raises `BackproofError` where it is not installed."""
        try:
            return importlib.import_module(self.package)
        except ImportError as error:
            found = f"{self.package} is not installed ({error})"
            move = f"pip install 'backproof[{self.name}]'"
            raise BackproofError(f"bp.adapt.{self.name}", found, "it", move) from None

    @abstractmethod
    def owns(self, function: Any) -> bool:
        """Whether a callable is one of the framework's own kinds: a module, a jitted function."""

    @abstractmethod
    def dtype(self) -> str:
        """The format that it computes in where nothing else is said."""

    @abstractmethod
    def lifted(self, array: Array) -> Any:
        """A NumPy array as one of its own, sharing memory where that is possible."""

    @abstractmethod
    def lowered(self, value: Any) -> Any:
        """One of its own arrays as a NumPy array; anything else as it is."""

    @abstractmethod
    def pullback(
        self, function: Callable[..., Any], arrays: Sequence[Array], upstream: Array
    ) -> tuple[Any, list[Any]]:
        """The value of a function of its own arrays, and what its own derivatives make of a
        cotangent: an array for each argument."""

    def native(self, function: Any) -> Native:
        """How a callable of the framework is called."""
        return Native(function, title_of(function), readable(function), code=function)

    def precision(self, arrays: Iterable[Array]) -> contextlib.AbstractContextManager[Any]:
        """What must hold for arrays of these formats to be computed with as they are."""
        return contextlib.nullcontext()


def title_of(function: Any) -> str:
    """The name of a function, or of the class of a callable object."""
    return str(getattr(function, "__name__", type(function).__name__))


def readable(function: Any) -> inspect.Signature | None:
    """The signature of a function; `None` where there is none to read, or one that says nothing."""
    try:
        found = inspect.signature(function)
    except (TypeError, ValueError):
        return None
    kinds = {p.kind for p in found.parameters.values()}
    empty = kinds and kinds <= {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    return None if empty else found
