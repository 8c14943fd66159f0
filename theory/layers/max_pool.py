"""Max pooling, each window by its largest entry."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.layers.convolution import windowed
from backproof.theory.layers.layer import Layer, Stage, at, entry_of, last_axes, total
from backproof.theory.notation import Affine, Delta, Index, Subscript, affine, fresh
from backproof.theory.trace.values import Value
from backproof.theory.windows import PerAxis, Windows


@dataclass(frozen=True)
class MaxPool(Layer):
    """The largest entry of each window; windows stand side by side unless a stride is given.

        p[n,k,i,j] = max_u,v h[n,k,s·i+u,s·j+v]

    Of equal entries the first in row-major order counts, and the derivative goes to it alone.
    A window of one number is a square in two dimensions, of a tuple has one size an axis.
    Padding repeats the edge: that leaves the maximum of every window what it is, and the entry
    that attains it, as long as each window holds an entry of the image (padding below the size).

    Shapes: (…, H, W) → (…, ⌊(H + 2p − k)/s⌋ + 1, …).  Raises `BackproofError` for windows that
    do not fit or that would hold padding alone.

    Reference: Goodfellow, Bengio, Courville, Deep Learning (2016), section 9.3.

    >>> print(MaxPool(2).model("N c H W"))
    p0[n,k,i,j] = max_u,v x[n,k,2*i+u,2*j+v]
    """

    window: PerAxis
    stride: int | tuple[int, ...] | None = None
    padding: int | tuple[int, ...] = 0

    def __post_init__(self) -> None:
        windows = self.windows
        for size, padding in zip(windows.size, windows.padding, strict=True):
            if padding and (size - padding).is_positive is not True:
                found, expected = f"padding {padding} of windows of {size}", f"less than {size}"
                raise BackproofError("MaxPool", found, expected, "write a smaller number")

    @property
    def windows(self) -> Windows:
        """Where the windows stand."""
        return Windows.side_by_side("MaxPool", self.window, self.stride, self.padding)

    @property
    def extents(self) -> tuple[sp.Expr, ...]:
        """The window's sizes."""
        return self.windows.size

    def state(self, stage: Stage, h: Value) -> Value:
        windows = self.windows
        rank = len(windows)
        last_axes("MaxPool", h, rank, f"{rank} axes of places")
        if windows.single:
            return h
        for k, padding in enumerate(windows.padding):
            if padding:
                h = stage.bind(_repeated(h, len(h.axes) - rank + k, padding), "pad")
        inner = windows.inner()
        places, read = windowed(windows, h, inner)
        front = h.indices[:-rank]
        window = total((*front, *places, *inner), ((), (at(entry_of(h), read),)))
        largest = stage.statement.reduce("max", window, inner, f"p{stage.number}")
        return total((*front, *places), ((), (largest,)))


def _repeated(h: Value, axis: int, padding: int) -> Value:
    """The array with the edges of one axis repeated on both sides.

    pad[r] = Σ_i h[i] δ[r, i+p] + Σ_l h[0] δ[r, l] + Σ_l h[H−1] δ[r, p+H+l]
    """
    entry, index = entry_of(h), h.indices[axis]
    wide = fresh(Index(index.letter, sp.expand(index.size + 2 * padding)))
    extra = fresh(Index("l", sp.Integer(padding)))
    parts: list[tuple[Index, Subscript, sp.Expr]] = [
        (index, index, sp.Integer(padding)),
        (extra, Affine(sp.S.Zero), sp.S.Zero),
        (extra, Affine(sp.expand(index.size - 1)), sp.expand(padding + index.size)),
    ]
    terms = [
        Contraction(
            sp.S.One,
            (at(entry, {axis: read}), Delta(wide, affine(start, [(summed, sp.S.One)]))),
            (summed,),
        )
        for summed, read, start in parts
    ]
    axes = tuple(wide if n == axis else i for n, i in enumerate(h.indices))
    return Value(axes, Sum(tuple(terms)))
