"""From Python into C: arrays to addresses, one space a call, results that the caller owns."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy as sp

from backproof.numerics import standard, tails
from backproof.numerics.native.compiler import library, loaded
from backproof.numerics.native.preparation import HostCall
from backproof.numerics.native.program import Program

Stage = Callable[[Any, Any, Any], int]


@dataclass
class Assignment:
    """What one assignment of sizes fixes: the numbers, the results' shapes, the space."""

    sizes: Any
    shapes: tuple[tuple[int, ...], ...]
    length: int
    places: Mapping[str, int]
    extents: Mapping[sp.Symbol, sp.Integer]
    spaces: list[np.ndarray] = field(default_factory=list)  # those that no call uses now


class Crossing:
    """The compiled functions of a program, called with arrays that are already in order.

    A call takes a space of its own from those that are free and puts it back, so that threads do
    not meet; Python's lock is released while C runs.
    """

    def __init__(
        self,
        program: Program,
        names: Sequence[str],
        dtype: np.dtype[Any],
        products: Future[tuple[int, int]],
    ) -> None:
        self.names = (*names, *(t.name for t in program.arrays))
        self.program, self.dtype = program, dtype
        self.library = loaded(library(program.source))
        self.library.link((ctypes.c_void_p * 2)(*products.result()))
        self.stages: list[Stage] = []
        self.addresses: list[int] = []
        for n in range(len(program.calls) + 1):
            function = self.library[f"stage{n}"]
            function.argtypes, function.restype = [ctypes.c_void_p] * 3, ctypes.c_int
            self.stages.append(function)
            self.addresses.append(ctypes.cast(function, ctypes.c_void_p).value or 0)
        self.calls = [_function(call) for call in program.calls]

    def assignment(self, symbols: Sequence[sp.Symbol], sizes: tuple[int, ...]) -> Assignment:
        """What these sizes fix."""
        extents = {s: sp.Integer(n) for s, n in zip(symbols, sizes, strict=True)}
        places, length = self.program.storage.places(extents)
        shapes = tuple(shape(t.shape, extents) for t in self.program.arrays)
        return Assignment((ctypes.c_long * len(sizes))(*sizes), shapes, length, places, extents)

    def __call__(self, values: Sequence[np.ndarray], at: Assignment) -> tuple[list[Any], bool]:
        """The results, arrays and then numbers, and whether a computed place was off its axis."""
        kinds = (np.intp if t.dtype == "integer" else self.dtype for t in self.program.arrays)
        arrays = [np.empty(s, k) for s, k in zip(at.shapes, kinds, strict=True)]
        numbers = np.empty(max(len(self.program.numbers), 1), self.dtype)
        known = [*values, *arrays, numbers]
        addresses = (ctypes.c_void_p * len(known))(*(a.ctypes.data for a in known))
        space = at.spaces.pop() if at.spaces else np.empty(at.length + 64, np.uint8)
        begin = space.ctypes.data + -space.ctypes.data % 64
        bad = 0
        try:
            for n, stage in enumerate(self.stages):
                bad |= stage(at.sizes, addresses, begin)
                if n < len(self.calls):
                    self._host(n, known, space[-space.ctypes.data % 64 :], at)
        finally:
            at.spaces.append(space)
        count = len(self.program.numbers)
        return [*arrays, *numbers[:count]], bool(bad)

    def _host(self, n: int, known: Sequence[Any], space: np.ndarray, at: Assignment) -> None:
        """One equation by NumPy, on the same memory."""
        call = self.program.calls[n]
        named = dict(zip(self.names, known, strict=False))

        def array(name: str, sizes: tuple[sp.Expr, ...]) -> np.ndarray:
            if name in named:
                return np.asarray(named[name])
            extents = shape(sizes, at.extents)
            count = int(np.prod(extents)) * self.dtype.itemsize
            place = at.places[name]
            return space[place : place + count].view(self.dtype).reshape(extents)

        operands = [array(t.name, t.shape) for t in call.operands]
        array(call.tensor.name, call.tensor.shape)[...] = self.calls[n](*operands)


def shape(sizes: Sequence[sp.Expr], extents: Mapping[sp.Symbol, sp.Integer]) -> tuple[int, ...]:
    """Sizes as numbers."""
    return tuple(int(s.xreplace(extents)) for s in sizes)


def _function(call: HostCall) -> Callable[..., Any]:
    from scipy import special

    names = ", ".join(f"a{n}" for n in range(len(call.operands)))
    space: dict[str, Any] = {"np": np, "special": special, "tails": tails}
    space["linalg"] = standard
    exec(f"def call({names}):\n    return {call.call}\n", space)  # our own generated source
    found: Callable[..., Any] = space["call"]
    return found
