"""Arrays of other libraries: a NumPy kernel reads them where they lie and answers in kind.

What a library shares is asked through the protocols of the array API standard (`__dlpack__`,
`from_dlpack`); arrays on a device, or with a gradient to record, are refused with the next move.

Reference: the Python array API standard, 2024.12, and DLPack.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np

from backproof.theory.errors import BackproofError


def namespace(arrays: Mapping[str, Any]) -> ModuleType | None:
    """The library of the arrays that are not NumPy's; `None` where there are none.

    Raises `BackproofError` for arrays of two libraries.
    """
    found: dict[str, tuple[str, ModuleType]] = {}
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray | np.generic) and hasattr(array, "__dlpack__"):
            library = _library(array)
            found.setdefault(library.__name__, (name, library))
    if len(found) > 1:
        pairs = ", ".join(f"{name} of {library}" for library, (name, _) in found.items())
        raise BackproofError("kernel", pairs, "arrays of one library", "convert all to one of them")
    return next(iter(found.values()))[1] if found else None


def _library(array: Any) -> ModuleType:
    """The module that has the array's ``from_dlpack``."""
    if hasattr(array, "__array_namespace__"):
        own: ModuleType = array.__array_namespace__()
        return own
    return sys.modules[type(array).__module__.partition(".")[0]]  # torch.Tensor has none yet


def as_numpy(name: str, array: Any, library: ModuleType) -> Any:
    """The same numbers as an array of NumPy, without copying where the library shares them.

    Raises `BackproofError` for an array that NumPy cannot read: on a device, or with a gradient.
    """
    if isinstance(array, np.ndarray | np.generic) or not hasattr(array, "__dlpack__"):
        return array
    short = library.__name__.partition(".")[0]
    if getattr(array, "requires_grad", False):
        move = f"pass {name}.detach(): the kernel computes the gradient itself"
        raise BackproofError(name, "a gradient to record", "numbers", move)
    kind, _ = array.__dlpack_device__()
    if kind != 1:  # kDLCPU
        own = f"backend={short!r}" if short in ("jax", "torch") else "an array of NumPy"
        move = f"compile with {own}" if short in ("jax", "torch") else f"pass {own}"
        raise BackproofError(name, f"an array of {short} on a device", "one in main memory", move)
    return np.from_dlpack(array)


def in_kind(out: Any, library: ModuleType) -> Any:
    """Results as arrays of the library, on the memory that the kernel filled."""
    if isinstance(out, dict):
        return {name: in_kind(array, library) for name, array in out.items()}
    return library.from_dlpack(np.asarray(out))
