"""A kernel bound to memory, for loops in which a call costs more than the arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backproof.theory.errors import BackproofError


@dataclass(frozen=True)
class BoundKernel:
    """Arguments that stay where they are, and ``results`` by name that `run` writes anew.

    ``run()`` reads what the arguments' arrays hold now. Results are arrays, a number one without
    axes; it is the caller who looks whether they are finite. One thread may run it at a time.
    """

    results: Mapping[str, np.ndarray]
    run: Callable[[], None] = field(repr=False)


def by_calls(kernel: Callable[..., Any], arrays: Mapping[str, Any]) -> BoundKernel:
    """A kernel that is called anew for each run, its results copied."""

    def named() -> dict[str, Any]:
        found = kernel(**arrays)
        return found if isinstance(found, dict) else {"value": found}

    results = {name: np.asarray(array).copy() for name, array in named().items()}

    def run() -> None:
        for name, array in named().items():
            np.copyto(results[name], array)

    return BoundKernel(results, run)


def in_place(arrays: Mapping[str, Any], integer: Mapping[str, bool], kind: np.dtype[Any]) -> None:
    """Refuse what a bound kernel could not read where it lies.

    Raises `BackproofError` for anything but arrays of the kernel's type in C order, or integers
    where it wants labels.
    """
    for name, array in arrays.items():
        wanted = np.dtype(np.intp) if integer.get(name) else kind
        lies = isinstance(array, np.ndarray) and array.dtype == wanted
        if not (lies and array.flags.c_contiguous and array.flags.aligned):
            found = (
                f"{array.dtype} array" if isinstance(array, np.ndarray) else type(array).__name__
            )
            raise BackproofError(
                f"{name} of a bound kernel",
                f"{found}",
                f"a NumPy array of {wanted} in C order, which is read where it lies",
                f"pass np.ascontiguousarray({name}, {str(wanted)!r})",
            )
