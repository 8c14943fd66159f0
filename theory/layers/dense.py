"""The dense layer, an affine map of the last axis."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from backproof.theory.declarations import read_size
from backproof.theory.layers.layer import Layer, Stage, entry_of, last_axes, shifted, total
from backproof.theory.trace.values import Value


@dataclass(frozen=True)
class Dense(Layer):
    """``units`` sums of all entries of the last axis, each with weights of its own.

        z[n,j] = Σ_i W[j,i] h[n,i] + b[j]

    Shapes: (…, d) → (…, units); ``W`` is (units, d), ``b`` (units,), left out by ``bias=False``.

    Reference: Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.4, equation 6.40.

    >>> print(Dense(10).model("N d"))
    z1[n,j] = Σ_i W1[j,i] x[n,i] + b1[j]
    """

    units: int | str
    bias: bool = True

    @property
    def extents(self) -> tuple[sp.Expr, ...]:
        """The number of units."""
        return (read_size(str(self.units)),)

    def state(self, stage: Stage, h: Value) -> Value:
        (i,) = last_axes("Dense", h, 1, "an axis of features")
        j = stage.axis(*self.extents)
        z = total((*h.indices[:-1], j), ((i,), (stage.parameter("W", j, i), entry_of(h))))
        return stage.bind(shifted(stage, z, j) if self.bias else z, "z")
