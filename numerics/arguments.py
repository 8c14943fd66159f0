"""What a kernel is called with: names, shapes, labels and numbers, checked once a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy as sp

from backproof.theory.errors import BackproofError
from backproof.theory.notation import Tensor


@dataclass(frozen=True)
class Known:
    """What is known of shapes that were checked: the sizes, and the bounds of labels by place."""

    sizes: tuple[int, ...]
    labels: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Arguments:
    """The declared arguments and the dtype in which they are computed."""

    tensors: Mapping[str, Tensor]
    dtype: np.dtype[Any]
    names: tuple[str, ...] = field(init=False)
    sizes: tuple[sp.Symbol, ...] = field(init=False)
    _kinds: tuple[tuple[str, np.dtype[Any]], ...] = field(init=False, repr=False)
    _known: dict[tuple[Any, ...], Known] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(self.tensors))
        label = np.dtype(np.intp)
        kinds = (
            (n, label if t.dtype == "integer" else self.dtype) for n, t in self.tensors.items()
        )
        object.__setattr__(self, "_kinds", tuple(kinds))
        object.__setattr__(self, "_known", {})
        symbols = {s for t in self.tensors.values() for size in t.shape for s in size.free_symbols}
        object.__setattr__(self, "sizes", tuple(sorted(symbols, key=lambda s: s.name)))

    @property
    def bounded(self) -> tuple[str, ...]:
        """The arguments that are labels below a bound which the sizes tell."""
        below = {n: t.below for n, t in self.tensors.items() if t.below is not None}
        return tuple(n for n, bound in below.items() if bound.free_symbols <= {*self.sizes})

    def bind(self, arrays: Mapping[str, Any]) -> tuple[list[Any], tuple[int, ...]]:
        """The arrays in order and the size of each symbol, or a `BackproofError`."""
        return self._seen_before(arrays) or self._bind(arrays)

    def known(self, values: Sequence[Any]) -> Known | None:
        """What is known of the shapes of bound arrays, `None` for what was converted."""
        if not self._usual(values):
            return None
        return self._known.get(tuple(v.shape for v in values))

    def _usual(self, values: Sequence[Any]) -> bool:
        """Whether these are arrays as they should be."""
        kinds = (kind for _, kind in self._kinds)
        return all(
            type(v) is np.ndarray and v.dtype is k for v, k in zip(values, kinds, strict=True)
        )

    def _seen_before(self, arrays: Mapping[str, Any]) -> tuple[list[Any], tuple[int, ...]] | None:
        """The same for arrays as they should be, of shapes that were checked at an earlier call."""
        if arrays.keys() != self.tensors.keys():
            return None
        values = [arrays[name] for name in self.names]
        known = self.known(values)
        if known is None:
            return None
        self.refuse_labels(values, known.labels)
        return values, known.sizes

    def _remember(self, values: list[Any], found: tuple[int, ...]) -> None:
        """Note that these shapes are right; labels are looked at in every call."""
        if not self._usual(values):
            return
        bounds = self.bounds(found)
        if all(values[place].size for place, _ in bounds):
            if len(self._known) >= 256:
                self._known.clear()
            self._known[tuple(v.shape for v in values)] = Known(found, bounds)

    def _bind(self, arrays: Mapping[str, Any]) -> tuple[list[Any], tuple[int, ...]]:
        if arrays.keys() != self.tensors.keys():
            self.refuse_names(arrays)
        values = [self._array(name, tensor, arrays[name]) for name, tensor in self.tensors.items()]
        found: dict[sp.Symbol, tuple[int, str]] = {}
        deferred = []
        for (name, tensor), value in zip(self.tensors.items(), values, strict=True):
            shape = np.shape(value)
            if len(shape) != len(tensor.shape):
                self._refuse_shape(name, tensor, shape, found)
            for size, length in zip(tensor.shape, shape, strict=True):
                if isinstance(size, sp.Symbol):
                    if found.setdefault(size, (length, name))[0] != length:
                        self._refuse_shape(name, tensor, shape, found)
                else:
                    deferred.append((name, tensor, shape, size, length))
        self._solve(deferred, found)
        for symbol, (length, name) in found.items():
            if length == 0:
                raise BackproofError(
                    name,
                    f"an axis of no entries ({symbol} = 0)",
                    "one or more",
                    "skip empty batches",
                )
        for symbol in self.sizes:
            if symbol not in found:
                raise BackproofError(
                    "kernel", f"no input that fixes the size {symbol}", "one", "declare one"
                )
        numbers = tuple(found[s][0] for s in self.sizes)
        self.refuse_labels(values, self.bounds(numbers))
        self._remember(values, numbers)
        return values, numbers

    def _solve(
        self, deferred: list[tuple[Any, ...]], found: dict[sp.Symbol, tuple[int, str]]
    ) -> None:
        """Check sizes such as ``L-k+1``; one unknown symbol is solved for."""
        for name, tensor, shape, size, length in deferred:
            known = {s: sp.Integer(n) for s, (n, _) in found.items()}
            value = size.xreplace(known)
            unknown = sorted(value.free_symbols, key=str)
            if len(unknown) == 1:
                solutions = [
                    s for s in sp.solve(value - length, unknown[0]) if s.is_integer and s > 0
                ]
                if len(solutions) == 1:
                    found[unknown[0]] = (int(solutions[0]), name)
                    continue
            if value != length:
                self._refuse_shape(name, tensor, shape, found)

    def _array(self, name: str, tensor: Tensor, given: Any) -> Any:
        if tensor.dtype == "integer":
            array = _as_array(name, given)
            if array.dtype.kind not in "iu":
                raise BackproofError(
                    name,
                    f"dtype {array.dtype}",
                    "integer labels",
                    f"pass {name}.astype(int) if they are whole",
                )
            return array
        if type(given) is np.ndarray and given.dtype == self.dtype:
            return given
        array = _as_array(name, given)
        if array.dtype.kind not in "fiub":
            raise BackproofError(name, f"dtype {array.dtype}", "real numbers", "convert the array")
        array = array.astype(self.dtype)
        return array if tensor.shape else array[()] if array.shape == () else array

    def refuse_names(self, arrays: Mapping[str, Any]) -> None:
        """Raise for a name that is missing, or for one that is unknown."""
        missing = [n for n in self.tensors if n not in arrays]
        extra = [n for n in arrays if n not in self.tensors]
        found = f"no {missing[0]}" if missing else f"the unknown name {extra[0]}"
        move = f"pass {missing[0]}=" if missing else f"drop {extra[0]}"
        raise BackproofError("kernel", found, f"exactly {', '.join(self.names)}", move)

    def _refuse_shape(
        self,
        name: str,
        tensor: Tensor,
        shape: tuple[int, ...],
        found: Mapping[sp.Symbol, tuple[int, str]],
    ) -> None:
        known = {s for size in tensor.shape for s in size.free_symbols if s in found}
        facts = ", ".join(f"{s} = {found[s][0]} from {found[s][1]}" for s in sorted(known, key=str))
        expected = shown(tensor.shape) + (f" with {facts}" if facts else "")
        raise BackproofError(
            name, f"shape {shown(shape)}", expected, "transpose, slice or reshape the array"
        )

    def bounds(self, sizes: Sequence[int]) -> tuple[tuple[int, int], ...]:
        """The places of labels among the arguments, and what they lie below."""
        known = {s: sp.Integer(n) for s, n in zip(self.sizes, sizes, strict=True)}
        below = [(self.names.index(n), self.tensors[n].below) for n in self.bounded]
        return tuple((at, int(b.xreplace(known))) for at, b in below if b is not None)

    def refuse_labels(self, values: Sequence[Any], bounds: Sequence[tuple[int, int]]) -> None:
        """Raise for a label out of its range."""
        for place, bound in bounds:
            value = values[place]
            if value.size:
                low, high = value.item(value.argmin()), value.item(value.argmax())
                self.check_labels(self.names[place], low, high, bound)

    @staticmethod
    def check_labels(name: str, low: int, high: int, bound: int) -> None:
        """Refuse labels from ``low`` to ``high`` that are not all below the bound, or negative."""
        if low < 0 or high >= bound:
            bad = low if low < 0 else high
            raise BackproofError(
                name, f"the label {bad}", f"labels 0 … {bound - 1}", "shift or clip them"
            )

    def refuse_nan(self, values: list[Any]) -> None:
        """Raise when a NaN in the result comes from a NaN in an input."""
        for name, value in zip(self.names, values, strict=True):
            array = np.asarray(value)
            if array.dtype.kind == "f" and np.isnan(array).any():
                place = [int(i) for i in np.argwhere(np.isnan(array))[0]]
                where = f" at {place}" if place else ""
                raise BackproofError(
                    name, f"NaN{where}", "numbers", "clean the input before the call"
                )


def _as_array(name: str, given: Any) -> np.ndarray[Any, Any]:
    try:
        return np.asarray(given)
    except ValueError:
        raise BackproofError(
            name, "rows of different lengths", "an array", "make all rows equally long"
        ) from None


def shown(shape: tuple[Any, ...]) -> str:
    """A shape as Python writes it, ``(3,)``."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
