"""Entries as arrays of a framework: axes laid out, sliced and read in windows without copying."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import sympy as sp

from backproof.numerics.contraction_code import Operand
from backproof.numerics.frameworks.dialect import Dialect
from backproof.numerics.operand_code import Operands
from backproof.theory.notation import (
    POSITION,
    Affine,
    Entry,
    Index,
    Subscript,
    bounds,
    distinct,
    indices_in,
)


@dataclass(frozen=True)
class Array(Operand):
    """An operand whose code stands alone in a product.

    A ``mask`` holds truth values; a ``view`` is memory that something else owns; ``matrices`` are
    the two of which the code is the product.
    """

    mask: bool = False
    view: bool = False
    matrices: tuple[str, str] | None = None


def bare(code: str) -> str:
    """A code without the brackets around all of it.

    >>> bare("(a + b)"), bare("(a)*(b)")
    ('a + b', '(a)*(b)')
    """
    depth = 0
    for place, letter in enumerate(code):
        depth += (letter in "([") - (letter in ")]")
        if depth == 0:
            whole = place == len(code) - 1 and code.startswith("(") and place > 1
            return code[1:-1] if whole and not code.endswith(",)") else code
    return code


def tiles(subscript: Affine, size: sp.Expr) -> tuple[Index, ...] | None:
    """The indices, slowest first, that count an axis through: ``16 q + 4 i + j`` of 64 or so.

    Then the axis is theirs laid out one behind the other, and to read it so moves nothing.
    """
    left = [(i, c) for i, c in subscript.terms if isinstance(i, Index)]
    if subscript.offset != 0 or not left or len(left) < len(subscript.terms):
        return None
    found: list[Index] = []
    run = sp.S.One
    while left:
        term = next((t for t in left if sp.expand(t[1] - run) == 0), None)
        if term is None:
            return None
        left.remove(term)
        found.insert(0, term[0])
        run *= term[0].size
    return tuple(found) if sp.expand(run - size) == 0 else None


class Views(Operands):
    """What of a tensor an entry reads."""

    reserved: ClassVar[frozenset[str]] = frozenset(
        {
            "torch",
            "jax",
            "jnp",
            "lax",
            "special",
            "linalg",
            "functional",
            "device",
            "kernel",
            "float",
        }
        | {"LAYOUTS"}
    )

    def __init__(
        self, dialect: Dialect, dtype: str, names: Iterable[str], sizes: Iterable[sp.Symbol]
    ) -> None:
        super().__init__(names, sizes)
        self.dialect, self.dtype = dialect, dtype

    def shape(self, sizes: Iterable[sp.Expr]) -> str:
        """Code of a shape."""
        inner = ", ".join(self.size(s) for s in sizes)
        return f"({inner},)" if inner and "," not in inner else f"({inner})"

    def permuted(self, operand: Operand, axes: Sequence[Index]) -> str:
        """The operand with its axes in another order."""
        order = tuple(operand.axes.index(i) for i in axes)
        if order == tuple(range(len(order))):
            return operand.code
        if order == (1, 0):
            return f"{operand.code}.T"
        return self.dialect.permute.format(bare(operand.code), order)

    def aligned(self, operand: Operand, axes: Sequence[Index]) -> str:
        """The operand as a view that broadcasts against an array with these axes."""
        own = [i for i in axes if i in operand.axes]
        base = self.permuted(operand, own)
        missing = [i not in operand.axes for i in axes]
        while missing and missing[0]:
            missing.pop(0)
        if not any(missing):
            return base
        return f"{base}[{', '.join('None' if m else ':' for m in missing)}]"

    def cast(self, code: str) -> str:
        """Numbers or truth values as the kernel's type."""
        return self.dialect.cast.format(code, self.dtype)

    def position(self, subscript: Subscript, axes: tuple[Index, ...]) -> str:
        """A subscript as an integer array that broadcasts against the axes."""
        if isinstance(subscript, Index):
            own = self.dialect.position.format(self.size(subscript.size))
            return self.aligned(Operand(own, (subscript,)), axes)
        if isinstance(subscript, Entry):
            return self.aligned(self.entry(subscript), axes)
        parts = [
            self.position(i, axes) if c == 1 else f"{self.size(c)}*{self.position(i, axes)}"
            for i, c in subscript.terms
        ]
        if subscript.offset != 0 or not parts:
            parts.append(self.size(subscript.offset))
        return parts[0] if len(parts) == 1 else f"({' + '.join(parts)})"

    def entry(self, entry: Entry) -> Array:
        """The entry as an array with one axis an index."""
        axes = distinct(indices_in(entry))
        if entry.tensor.name == POSITION:
            return Array(self.position(entry.subscripts[0], axes), axes)
        name = self.code_name[entry.tensor.name]
        parts = [
            i
            for s in entry.subscripts
            for i in ([s] if not isinstance(s, Affine) else [p for p, _ in s.terms])
        ]
        if all(isinstance(i, Index) for i in parts) and len(set(parts)) == len(parts):
            return self._viewed(name, entry)
        places = (self.position(s, axes) for s in entry.subscripts)
        return Array(f"{name}[{', '.join(places)}]", axes)

    def _viewed(self, name: str, entry: Entry) -> Array:
        """Fixed positions, then axes laid out, then slices, then windows."""
        pairs = list(zip(entry.subscripts, entry.tensor.shape, strict=True))
        code = _indexed(
            name, [self.size(s.offset) if _fixed(s) else ":" for s, _ in pairs]  # type: ignore[union-attr]
        )  # fmt: skip
        kept: list[tuple[Index | Affine, sp.Expr]] = []
        laid_out = False
        for subscript, size in pairs:
            found = tiles(subscript, size) if isinstance(subscript, Affine) else None
            if found and len(found) > 1:
                kept += [(i, i.size) for i in found]
                laid_out = True
            elif not _fixed(subscript):
                assert not isinstance(subscript, Entry)
                kept.append((subscript, size))
        if laid_out:
            code = f"{code}.reshape({self.shape(size for _, size in kept)})"
        code = _indexed(code, [self._slice(s, size) for s, size in kept])
        axes: list[Index] = []
        windows: list[Index] = []
        for subscript, _ in kept:
            if isinstance(subscript, Index):
                axes.append(subscript)
            elif self._sliced(subscript):
                axes += [i for i, _ in subscript.terms if isinstance(i, Index)]
            elif self._windowed(subscript):
                (i, step), (u, pace) = self._paces(subscript)
                extent = self.size(sp.expand(pace * (u.size - 1) + 1))
                assert self.dialect.window is not None
                code = self.dialect.window.format(code, len(axes), extent, self.size(step))
                if pace != 1:
                    code = f"{code}[..., ::{self.size(pace)}]"
                axes.append(i)
                windows.append(u)
            else:
                own = tuple(i for i, _ in subscript.terms if isinstance(i, Index))
                places = bare(self.position(subscript, own))
                code = f"{code}[{':, ' * len(axes)}{places}]"
                axes += own
        return Array(code, (*axes, *windows), view=True)

    def _slice(self, subscript: Index | Affine, size: sp.Expr) -> str:
        """The part of an axis that is read: all of it, or from the first position to the last."""
        if isinstance(subscript, Index) or not (
            self._sliced(subscript) or self._windowed(subscript)
        ):
            return ":"
        low, high = bounds(subscript)
        step = subscript.terms[0][1] if len(subscript.terms) == 1 else sp.S.One
        start = "" if low == 0 else self.size(low)
        stop = "" if sp.expand(size - 1 - high) == 0 else self.size(sp.expand(high + 1))
        return f"{start}:{stop}" + ("" if step == 1 else f":{self.size(step)}")

    @staticmethod
    def _sliced(subscript: Affine) -> bool:
        return len(subscript.terms) == 1 and bool(subscript.terms[0][1].is_positive)

    def _windowed(self, subscript: Affine) -> bool:
        return (
            self.dialect.window is not None
            and len(subscript.terms) == 2
            and all(c.is_positive for _, c in subscript.terms)
        )

    @staticmethod
    def _paces(subscript: Affine) -> tuple[tuple[Index, sp.Expr], tuple[Index, sp.Expr]]:
        """Where windows begin, and where a window is read: the shorter pace."""
        (a, s), (b, t) = subscript.terms
        assert isinstance(a, Index)
        assert isinstance(b, Index)
        return ((b, t), (a, s)) if (t - s).is_positive else ((a, s), (b, t))


def _fixed(subscript: Subscript) -> bool:
    return isinstance(subscript, Affine) and not subscript.terms


def _indexed(code: str, places: list[str]) -> str:
    return code if all(p == ":" for p in places) else f"{code}[{', '.join(places)}]"
