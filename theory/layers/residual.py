"""The residual block, what layers make of an array added to the array."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from backproof.theory.errors import BackproofError
from backproof.theory.layers.layer import Layer, Stage
from backproof.theory.trace.values import Value


@dataclass(frozen=True)
class Residual(Layer):
    """An array plus what some layers make of it.

        h' = h + F(h)

    Shapes: any, unchanged.  Raises `BackproofError` where F changes the shape.

    Reference: K. He et al., Deep residual learning for image recognition (arXiv:1512.03385), eq. 1.

    >>> from backproof.theory.layers import Activation, Dense
    >>> print(Residual((Dense("d"), Activation("tanh"))).model("N d"))
    z1[n,j] = Σ_i W1[j,i] x[n,i] + b1[j]
    h1[n,j] = tanh(z1[n,j])
    r1[n,j] = h1[n,j] + x[n,j]
    """

    layers: tuple[Layer, ...]

    @property
    def extents(self) -> tuple[sp.Expr, ...]:
        """The sizes that its layers state."""
        return tuple(size for layer in self.layers for size in layer.extents)

    def state(self, stage: Stage, h: Value) -> Value:
        inner = h
        for layer in self.layers:
            inner = stage.apply(layer, inner)
        if inner.shape != h.shape:
            found = f"shape ({', '.join(map(str, inner.shape))})"
            expected = f"({', '.join(map(str, h.shape))}), that of the input"
            raise BackproofError("Residual", found, expected, "change the last layer's width")
        return stage.bind(stage.statement.add(inner, h), "r")
