"""Flattening, all axes after the first ones as one."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.layers.layer import Layer, Stage, entry_of, last_axes
from backproof.theory.notation import Delta, row_major
from backproof.theory.trace.values import Value


@dataclass(frozen=True)
class Flatten(Layer):
    """The last ``axes`` axes as one, in row-major order; all but the first axis by default.

        v[n, h·w·k + w·i + j] = x[n,k,i,j]

    Shapes: (N, c, h, w) → (N, c·h·w), the sizes multiplied as symbols.

    >>> print(Flatten().model("N c H W"))
    v0[n,l] = Σ_i,j,k x[n,k,i,j] δ[l,H*W*k+W*i+j]
    """

    axes: int | None = None

    def state(self, stage: Stage, h: Value) -> Value:
        axes = len(h.axes) - 1 if self.axes is None else self.axes
        if not isinstance(axes, int) or axes < 1:
            raise BackproofError("Flatten", f"axes={self.axes!r}", "1 or more", "write axes=3")
        last_axes("Flatten", h, axes, f"{axes} axes or more")
        if axes == 1:
            return h
        own = h.indices[-axes:]
        r = stage.axis(sp.expand(sp.Mul(*(i.size for i in own))))
        term = Contraction(sp.S.One, (entry_of(h), Delta(r, row_major(own))), own)
        return stage.bind(Value((*h.axes[:-axes], r), Sum((term,))), "v")
