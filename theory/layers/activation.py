"""The activation, one function of every entry."""

from __future__ import annotations

from dataclasses import dataclass

from backproof.theory.activations import ACTIVATIONS
from backproof.theory.errors import BackproofError
from backproof.theory.layers.layer import Layer, Stage
from backproof.theory.trace.values import Value


@dataclass(frozen=True)
class Activation(Layer):
    """A function of `backproof.theory.activations`, entry by entry.

        h[n,i] = g(z[n,i])

    Shapes: any, unchanged.  Raises `BackproofError` for a name that is no activation.

    Reference: Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.3.

    >>> print(Activation("tanh").model("N d"))
    h0[n,i] = tanh(x[n,i])
    """

    name: str

    def __post_init__(self) -> None:
        if self.name not in ACTIVATIONS:
            known = ", ".join(ACTIVATIONS)
            raise BackproofError("activation", repr(self.name), f"one of {known}", "pick one")

    def state(self, stage: Stage, h: Value) -> Value:
        return stage.bind(stage.statement.elementwise(ACTIVATIONS[self.name], h), "h")
