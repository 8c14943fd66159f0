"""Convolution, one small linear map at every place of an image."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from backproof.theory.declarations import read_size
from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.layers.layer import Layer, Stage, at, entry_of, last_axes, shifted, total
from backproof.theory.notation import (
    Delta,
    Entry,
    Index,
    Subscript,
    affine,
    fresh,
    indices_in,
    row_major,
)
from backproof.theory.trace.values import Value
from backproof.theory.windows import PerAxis, Windows


@dataclass(frozen=True)
class Convolution(Layer):
    """``channels`` filters, each the same at every place (a cross-correlation, as is usual).

        z[n,o,i,j] = Σ_c,u,v K[o,c,u,v] x[n,c,s·i+d·u,s·j+d·v] + b[o]

    A kernel of one number is a square in two dimensions; a tuple has one size an axis, so that
    ``(3,)`` slides along a sequence.  Sizes may be names; ``stride``, ``padding`` (by zeros) and
    ``dilation`` are numbers, one or one an axis.  With ``groups=g`` the channels are cut into g
    blocks, and filters of block a see the channels of block a only.

    Shapes: (…, c, H, W) → (…, channels, ⌊(H + 2p − d(k−1) − 1)/s⌋ + 1, …); ``K`` is
    (channels, c/groups, k, l), ``b`` (channels,).  Raises `BackproofError` for windows that do
    not fit and channels that cannot be cut.

    Reference: Goodfellow, Bengio, Courville, Deep Learning (2016), section 9.5, equation 9.8.

    >>> print(Convolution("o", 3).model("N c H W"))
    z1[n,l,i,j] = Σ_k,u,v K1[l,k,u,v] x[n,k,i+u,j+v] + b1[l]
    """

    channels: int | str
    kernel: PerAxis
    stride: int | tuple[int, ...] = 1
    padding: int | tuple[int, ...] = 0
    dilation: int | tuple[int, ...] = 1
    groups: int = 1
    bias: bool = True

    def __post_init__(self) -> None:
        self.windows  # noqa: B018 - refuses bad numbers where they are written

    @property
    def windows(self) -> Windows:
        """Where the kernel stands."""
        return Windows.of("Convolution", self.kernel, self.stride, self.padding, self.dilation)

    @property
    def extents(self) -> tuple[sp.Expr, ...]:
        """Channels and kernel sizes."""
        return (read_size(str(self.channels)), *self.windows.size)

    def state(self, stage: Stage, h: Value) -> Value:
        windows, rank = self.windows, len(self.windows)
        last_axes("Convolution", h, rank + 1, f"channels and {rank} axes of places")
        c = h.indices[-rank - 1]
        o, cut = stage.axis(read_size(str(self.channels))), self._cut(c.size)
        inner = windows.inner()
        kernel = stage.parameter("K", o, fresh(Index(c.letter, cut)), *inner)
        h = padded(stage, windows, h)
        places, read = windowed(windows, h, inner)
        *front, c = h.indices[:-rank]
        if self.groups == 1:
            factors = (at(kernel, {1: c}), at(entry_of(h), read))
            z = total((*front, o, *places), ((c, *inner), factors))
        else:
            z = self._grouped(stage, h, kernel, places, read)
        return stage.bind(shifted(stage, z, o) if self.bias else z, "z")

    def _cut(self, channels: sp.Expr) -> sp.Expr:
        """The channels of one group."""
        for size in (channels, read_size(str(self.channels))):
            if not (size / self.groups).is_integer:
                found = f"{size} channels in {self.groups} groups"
                move = f"write the channels as a multiple, such as '{self.groups}*c'"
                raise BackproofError("Convolution", found, "equal groups", move)
        return channels / self.groups

    def _grouped(
        self,
        stage: Stage,
        h: Value,
        kernel: Entry,
        places: tuple[Index, ...],
        read: dict[int, Subscript],
    ) -> Value:
        """Block a of the filters on block a of the channels, then the blocks side by side."""
        rank = len(places)
        front, (o, own, *inner) = h.indices[: -rank - 1], indices_in(kernel)
        a = fresh(Index("q", sp.Integer(self.groups)))
        b = fresh(Index(o.letter, o.size / self.groups))
        block = at(kernel, {0: row_major((a, b))})
        x = at(entry_of(h), {**read, -rank - 1: row_major((a, own))})
        blocks = stage.bind(total((*front, a, b, *places), ((own, *inner), (block, x))), "y")
        joined = Contraction(sp.S.One, (entry_of(blocks), Delta(o, row_major((a, b)))), (a, b))
        return Value((*front, o, *places), Sum((joined,)))


def padded(stage: Stage, windows: Windows, h: Value) -> Value:
    """The array with zeros on both sides of its last axes."""
    if not any(windows.padding):
        return h
    entry, indices = entry_of(h), list(h.indices)
    deltas, over = [], []
    for k, padding in enumerate(windows.padding, len(indices) - len(windows)):
        if padding:
            own = indices[k]
            indices[k] = fresh(Index(own.letter, sp.expand(own.size + 2 * padding)))
            deltas.append(Delta(indices[k], affine(sp.Integer(padding), [(own, sp.S.One)])))
            over.append(own)
    term = Contraction(sp.S.One, (entry, *deltas), tuple(over))
    return stage.bind(Value(tuple(indices), Sum((term,))), "pad")


def windowed(
    windows: Windows, h: Value, inner: tuple[Index, ...]
) -> tuple[tuple[Index, ...], dict[int, Subscript]]:
    """Indices of the windows, and what their inner places read of the last axes."""
    rank = len(windows)
    last = h.indices[-rank:]
    places = tuple(
        fresh(Index(index.letter, windows.along(k, index.size))) for k, index in enumerate(last)
    )
    return places, {k - rank: windows.place(k, places[k], inner[k]) for k in range(rank)}
