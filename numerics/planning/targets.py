"""Where results are written: new arrays, or the caller's, ``kernel(…, out={"W": array})``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backproof.theory.errors import BackproofError


@dataclass(frozen=True)
class Result:
    """A result: shape, dtype, and the order of its axes in memory where that is not C order."""

    shape: tuple[int, ...]
    kind: np.dtype[Any]
    order: tuple[int, ...] | None = None
    _lying: tuple[int, ...] = field(init=False, repr=False)
    _back: tuple[int, ...] | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        axes = range(len(self.shape))
        order = self.order
        object.__setattr__(self, "_lying", tuple(self.shape[n] for n in order or axes))
        object.__setattr__(self, "_back", order and tuple(order.index(n) for n in axes))

    def new(self) -> np.ndarray:
        """A new array for it."""
        array = np.empty(self._lying, self.kind)
        return array if self._back is None else array.transpose(self._back)


def targets(
    given: Mapping[str, Any],
    names: Sequence[str],
    results: Sequence[Result],
    inputs: Sequence[Any],
) -> list[np.ndarray]:
    """The array of each result, the caller's or a new one; ``names`` are those of the results.

    Raises `BackproofError` for unknown names, and for arrays of another shape or dtype, not in C
    order, read-only, or sharing memory with an input or with each other.
    """
    unknown = [name for name in given if name not in names]
    if unknown:
        expected = f"some of {', '.join(names) or 'none: no result is an array'}"
        raise BackproofError("out", f"the name {unknown[0]}", expected, f"drop {unknown[0]}")
    filled = []
    for name, result in zip(names, results, strict=True):
        if name not in given:
            filled.append(result.new())
            continue
        array = given[name]
        _check(name, array, result.shape, result.kind)
        for other in (*inputs, *filled):
            if isinstance(other, np.ndarray) and np.may_share_memory(array, other):
                found = "memory that an input or another result uses"
                raise BackproofError(f"out[{name!r}]", found, "memory of its own", "pass a copy")
        filled.append(array)
    return filled


def _check(name: str, array: Any, shape: tuple[int, ...], kind: np.dtype[Any]) -> None:
    expected = f"a writable C-ordered {kind} array of shape {shape}"
    if type(array) is not np.ndarray:
        found = f"a {type(array).__name__}"
    elif array.shape != shape or array.dtype != kind:
        found = f"a {array.dtype} array of shape {array.shape}"
    elif not (array.flags.c_contiguous and array.flags.writeable and array.flags.aligned):
        found = "an array that is read-only or not in C order"
    else:
        return
    raise BackproofError(f"out[{name!r}]", found, expected, f"np.empty({shape}, {str(kind)!r})")
