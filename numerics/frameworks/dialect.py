"""How a framework spells what equations need: one small file each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Dialect:
    """The spelling of a framework.

    ``functions`` are formats of the arguments by the class of a scalar function, ``reductions``
    formats of (array, axis) by kind. Further formats: ``position`` of 0, 1, …, n − 1, ``cast`` of
    (array, floating type), ``labels`` of whole numbers, ``fill`` of (value, shape, floating type),
    ``einsum`` of (specification, arrays). ``space`` imports the framework and returns what its
    code names; ``array(given, dtype)`` makes an array of it ('integer' for labels); ``compiled``
    is what a kernel calls for a function; ``refused(dtype)`` is the next move where it cannot.
    """

    name: str
    header: str
    space: Callable[[], Mapping[str, Any]]
    functions: Mapping[type, str]
    reductions: Mapping[str, str]
    where: str
    permute: str
    position: str
    cast: str
    labels: str
    einsum: str
    fill: str
    array: Callable[[Any, str], Any]
    compiled: Callable[[Callable[..., Any]], Callable[..., Any]]
    refused: Callable[[str], str | None]
