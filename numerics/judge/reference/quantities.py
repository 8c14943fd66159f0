"""The quantities of a list of equations at one point, and how an entry or factor reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from backproof.numerics.judge.reference.running import EXTENDED, Array, Format, Running
from backproof.numerics.judge.reference.scalars import scalar
from backproof.theory.errors import BackproofError
from backproof.theory.notation import (
    POSITION,
    Affine,
    Entry,
    Factor,
    Index,
    Map,
    Ones,
    Subscript,
    Tensor,
    distinct,
    indices_in,
    slot,
)

Axes = tuple[Index, ...]
Conventions = Mapping[tuple[str, str], Any]  # (equation or "*", kind of kink): what holds there
STATED: dict[str, Any] = {"step": 0, "sgn": 0, "piecewise": "stated", "extreme": "first"}


@lru_cache(maxsize=8192)
def extent(size: sp.Expr, sizes: tuple[tuple[sp.Symbol, int], ...]) -> sp.Expr:
    """A size or coefficient with numbers for the size symbols."""
    return size.xreplace({s: sp.Integer(n) for s, n in sizes})


@dataclass(frozen=True, eq=False)  # holds arrays: compared by identity
class Named:
    """A running array and the index of each of its axes."""

    axes: Axes
    running: Running

    def along(self, axes: Axes) -> Running:
        """The array as it broadcasts against one with these axes."""
        order = [self.axes.index(i) for i in axes if i in self.axes]
        keep = tuple(slice(None) if i in self.axes else None for i in axes)
        return self.running.at(
            lambda a: a if a.ndim == 0 else np.transpose(a, order)[keep]  # a shared zero stays one
        )


class Quantities:
    """Named arrays at one point: real ones with running errors, whole ones (labels) without.

    ``conventions`` decides entries that lie exactly on a kink; ``bounds=False`` leaves the errors
    out.  ``kinks`` names the equations that met a kink, ``doubtful`` those in which rounding
    decides where an extreme is attained, ``beyond`` those with a number that the format cannot
    hold; ``ties`` are the shares of tied extremes under a convention that splits them.
    """

    def __init__(
        self,
        form: Format,
        sizes: Mapping[sp.Symbol, int],
        arrays: Mapping[str, Any],
        conventions: Conventions | None = None,
        bounds: bool = True,
    ) -> None:
        self.form, self.bounds = form, bounds
        self.sizes = tuple(sorted(sizes.items(), key=lambda pair: pair[0].name))
        self.conventions = conventions or {}
        self.real: dict[str, Running] = {}
        self.whole: dict[str, Array] = {}
        self.ties: dict[str, Array] = {}
        self.kinks: set[str] = set()
        self.doubtful: set[str] = set()
        self.beyond: set[str] = set()
        self.current = ""
        self.whole_slots: frozenset[sp.Basic] = frozenset()  # positions and labels: never a kink
        for name, array in arrays.items():
            self.give(name, array)

    def give(self, name: str, array: Any) -> None:
        """Define an argument."""
        array = np.asarray(array)
        if array.dtype.kind in "iu":
            self.whole[name] = array
        else:
            self.real[name] = Running.given(array, EXTENDED if self.bounds else np.float64)

    def convention(self, kind: str) -> Any:
        """What holds at a kink in the current equation."""
        chosen = self.conventions
        return chosen.get((self.current, kind), chosen.get(("*", kind), STATED[kind]))

    def kink(self, kind: str) -> None:
        """Note that the current equation met a kink."""
        self.kinks.add(self.current)

    def size(self, size: sp.Expr) -> int:
        """A size expression as a number."""
        return int(extent(size, self.sizes))

    def shape(self, axes: Axes) -> tuple[int, ...]:
        """The number of values of each index."""
        return tuple(self.size(i.size) for i in axes)

    def factor(self, factor: Factor) -> Named:
        """A factor as an array with one axis for each of its indices."""
        if isinstance(factor, Entry):
            return self.entry(factor)
        axes = distinct(indices_in(factor))
        if isinstance(factor, Ones):
            return Named(axes, Running.given(np.ones(self.shape(axes))))
        if isinstance(factor, Map):
            slots: dict[sp.Basic, Running] = {
                slot(n): self.entry(a).along(axes) for n, a in enumerate(factor.arguments)
            }
            self.whole_slots = frozenset(
                slot(n) for n, a in enumerate(factor.arguments) if a.tensor.dtype == "integer"
            ) | {symbol for symbol, _ in self.sizes}
            for symbol, number in self.sizes:
                slots[symbol] = Running.given(number)
            running = scalar(factor.expression, slots, self)
            shape = self.shape(axes)
            return Named(axes, running.at(lambda a: np.broadcast_to(a, shape)))
        same = self.positions(factor.left, axes) == self.positions(factor.right, axes)
        return Named(axes, Running.given(same.astype(EXTENDED)))

    def entry(self, entry: Entry) -> Named:
        """An entry as an array with one axis for each of its indices."""
        name, subscripts = entry.tensor.name, entry.subscripts
        if name == POSITION:
            own = distinct(indices_in(entry))
            return Named(own, Running.given(self.positions(subscripts[0], own).astype(EXTENDED)))
        running = self.real.get(name)
        if running is None:
            running = Running.given(self.whole[name])
        plain = all(isinstance(s, Index) for s in subscripts)
        if plain and len(set(subscripts)) == len(subscripts):
            return Named(subscripts, running)  # type: ignore[arg-type]
        axes = distinct(i for s in subscripts for i in indices_in(s))
        places = tuple(self.positions(s, axes) for s in subscripts)
        self._check(entry.tensor, running.value.shape, places)
        return Named(axes, running.at(lambda a: a if a.ndim == 0 else a[places]))

    def positions(self, subscript: Subscript, axes: Axes) -> Array:
        """A subscript as an array of positions that broadcasts against the axes."""
        if isinstance(subscript, Index):
            shape = [1] * len(axes)
            shape[axes.index(subscript)] = -1
            return np.arange(self.size(subscript.size)).reshape(shape)
        if isinstance(subscript, Affine):
            total = np.full([1] * len(axes), self.size(subscript.offset))
            for index, coefficient in subscript.terms:
                total = total + self.size(coefficient) * self.positions(index, axes)
            return total
        label = self.whole[subscript.tensor.name]
        places = tuple(self.positions(s, axes) for s in subscript.subscripts)
        return label[places] if places else label

    def _check(self, tensor: Tensor, shape: tuple[int, ...], places: tuple[Array, ...]) -> None:
        for length, place in zip(shape, places, strict=True):
            if place.size and (place.min() < 0 or place.max() >= length):
                raise BackproofError(
                    tensor.name,
                    f"positions {place.min()} … {place.max()} on an axis of size {length}",
                    "positions inside the axis",
                    "check the sizes and the labels",
                )
