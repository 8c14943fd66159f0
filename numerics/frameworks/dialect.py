"""How a framework spells what equations need: one small file each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from backproof.theory.errors import BackproofError


@dataclass(frozen=True)
class Dialect:
    """The spelling of a framework.

    ``functions`` are formats of the arguments by the class of a scalar function, ``truths`` those
    of functions that are true or false, ``reductions`` formats of (array, axes) by kind. Further
    formats: ``position`` of 0, 1, …, n − 1, ``cast`` of (array, floating type), ``labels`` of whole
    numbers, ``sum`` of (array, axes), ``constant`` of (number, shape, floating type), ``spread`` of
    (array, shape), ``copy`` of an array, ``einsum`` of (specification, arrays), ``window`` of
    (array, axis, extent, pace), where windows come last, ``affine`` of (array, matrix, matrix,
    scale), ``masked`` of (numbers, argument) where one of ``truths`` multiplies numbers, and
    ``begin``, the first line of a function, of one of its arrays. Convolutions are formats of
    (array, filters, paces, steps, rank): ``across``, ``back``, its transpose, and ``slopes``, by
    the filters, of (array, values, paces, steps, rank, shape). What is `None` is left to others.
    ``frees`` says whether arrays are to be let go of when nothing further reads them.

    ``space`` imports the framework and returns what its code names. ``array(given, dtype, device)``
    makes an array of it ('integer' for labels); ``device(given)`` is where one of its own lies,
    and ``recorded(given)`` whether a gradient is recorded of it that a kernel's call would lose.
    ``extremes(labels)`` are the smallest and the largest, `None` where no numbers are there yet.
    ``tracing()`` tells whether the framework is compiling what is called, ``compiled`` is what a
    kernel calls for a function, ``with_gradient(function, names, wrt)`` the function's value with
    its results as the gradient; ``refused(dtype)`` is the next move where it cannot.
    """

    name: str
    header: str
    space: Callable[[], Mapping[str, Any]]
    functions: Mapping[type, str]
    truths: Mapping[type, str]
    reductions: Mapping[str, str]
    where: str
    permute: str
    position: str
    cast: str
    labels: str
    sum: str
    constant: str
    spread: str
    copy: str
    einsum: str
    window: str | None
    affine: str | None
    begin: str
    masked: Mapping[type, str]
    across: str | None
    back: str | None
    slopes: str | None
    frees: bool
    array: Callable[[Any, str, Any], Any]
    device: Callable[[Any], Any]
    recorded: Callable[[Any], bool]
    extremes: Callable[[Any], tuple[int, int] | None]
    tracing: Callable[[], bool]
    compiled: Callable[[Callable[..., Any]], Callable[..., Any]]
    with_gradient: Callable[
        [Callable[..., Any], tuple[str, ...], tuple[str, ...]], Callable[..., Any]
    ]
    refused: Callable[[str], str | None]
    matrices: Mapping[str, str] = field(default_factory=dict)  # where NumPy's call is another


def not_derived(name: str, wrt: tuple[str, ...]) -> BackproofError:
    """The error of a gradient that is asked for and was not derived."""
    return BackproofError(
        f"the gradient with respect to {name}",
        f"that of {', '.join(wrt)} alone",
        "one that was derived",
        f"derive with wrt including {name!r}, or let nothing differentiate by it",
    )
