"""Arrays of the caller's that results are written to, ``kernel(…, out={"W": array})``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backproof.theory.errors import BackproofError


def targets(
    given: Mapping[str, Any],
    names: Sequence[str],
    shapes: Sequence[tuple[tuple[int, ...], Any]],
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
    for name, (shape, kind) in zip(names, shapes, strict=True):
        if name not in given:
            filled.append(np.empty(shape, kind))
            continue
        array = given[name]
        _check(name, array, shape, kind)
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
