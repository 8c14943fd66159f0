"""The lecture's convolution, a 2 × 2 filter with four named parameters."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from backproof.theory.layers.convolution import windowed
from backproof.theory.layers.layer import Layer, Stage, at, entry_of, last_axes, total
from backproof.theory.notation import Affine
from backproof.theory.trace.values import Value
from backproof.theory.windows import Windows

CORNERS = {"a": (0, 0), "b": (1, 0), "c": (0, 1), "d": (1, 1)}


@dataclass(frozen=True)
class Filter2x2(Layer):
    """Each place from four neighbours, by the same four numbers everywhere.

        z[i,j] = a h[i,j] + b h[i+1,j] + c h[i,j+1] + d h[i+1,j+1]

    Shapes: (…, H, W) → (…, H − 1, W − 1); ``a``, ``b``, ``c``, ``d`` are numbers.

    Reference: E. Mossel, Mathematics of Deep Learning (MIT, 2017), lecture 1, convolution.

    >>> print(Filter2x2().model("H W"))
    z1[i,j] = a1 x[i,j] + b1 x[i+1,j] + c1 x[i,j+1] + d1 x[i+1,j+1]
    """

    def state(self, stage: Stage, h: Value) -> Value:
        last_axes("Filter2x2", h, 2, "two axes of places")
        windows = Windows.of("Filter2x2", 2)
        places, _read = windowed(windows, h, windows.inner())
        terms = []
        for name, corner in CORNERS.items():
            moved = zip(places, corner, strict=True)
            where = [Affine(sp.Integer(step), ((i, sp.S.One),)) for i, step in moved]
            read = at(entry_of(h), dict(zip((-2, -1), where, strict=True)))
            terms.append(((), (stage.parameter(name), read)))
        return stage.bind(total((*h.indices[:-2], *places), *terms), "z")
