"""Mean pooling, each window by its mean."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from backproof.theory.equations import Sum
from backproof.theory.layers.convolution import padded, windowed
from backproof.theory.layers.layer import Layer, Stage, at, entry_of, last_axes, total
from backproof.theory.normal import scaled
from backproof.theory.trace.values import Value
from backproof.theory.windows import PerAxis, Windows


@dataclass(frozen=True)
class MeanPool(Layer):
    """The mean of each window; windows stand side by side unless a stride is given.

        p[n,k,i,j] = (1 / k·l) Σ_u,v h[n,k,s·i+u,s·j+v]

    A window of one number is a square in two dimensions, of a tuple has one size an axis.
    Padding is by zeros, which count as entries of the mean.

    Shapes: (…, H, W) → (…, ⌊(H + 2p − k)/s⌋ + 1, …).  Raises `BackproofError` for windows that
    do not fit.

    Reference: Goodfellow, Bengio, Courville, Deep Learning (2016), section 9.3.

    >>> print(MeanPool(2).model("N c H W"))
    p0[n,k,i,j] = Σ_u,v x[n,k,2*i+u,2*j+v] / 4
    """

    window: PerAxis
    stride: int | tuple[int, ...] | None = None
    padding: int | tuple[int, ...] = 0

    def __post_init__(self) -> None:
        self.windows  # noqa: B018 - refuses bad numbers where they are written

    @property
    def windows(self) -> Windows:
        """Where the windows stand."""
        return Windows.side_by_side("MeanPool", self.window, self.stride, self.padding)

    @property
    def extents(self) -> tuple[sp.Expr, ...]:
        """The window's sizes."""
        return self.windows.size

    def state(self, stage: Stage, h: Value) -> Value:
        windows = self.windows
        last_axes("MeanPool", h, len(windows), f"{len(windows)} axes of places")
        if windows.single:
            return h
        h = padded(stage, windows, h)
        inner = windows.inner()
        places, read = windowed(windows, h, inner)
        front = h.indices[: -len(windows)]
        summed = total((*front, *places), (inner, (at(entry_of(h), read),)))
        mean: Sum = scaled(summed.rhs, 1 / sp.Mul(*windows.size))
        return stage.bind(Value(summed.axes, mean), "p")
