"""Layer normalisation, each example by its own mean and variance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from backproof.theory.equations import Contraction, Sum
from backproof.theory.errors import BackproofError
from backproof.theory.layers.layer import Layer, Stage, last_axes, mean
from backproof.theory.notation import Index
from backproof.theory.trace.values import Value, number


@dataclass(frozen=True)
class LayerNorm(Layer):
    """The last ``axes`` axes brought to mean 0 and variance 1, then scaled and shifted.

        mu[n] = mean_i h[n,i]    var[n] = mean_i (h[n,i] − mu[n])²
        z[n,i] = gamma[i] (h[n,i] − mu[n]) / √(var[n] + ε) + beta[i]

    Shapes: any, unchanged; ``gamma`` and ``beta`` have the shape of the last axes.

    Reference: J. L. Ba, J. R. Kiros, G. E. Hinton, Layer normalization (arXiv:1607.06450), eq. 4.

    >>> print(LayerNorm().model("N d"))
    mu1[n] = Σ_i x[n,i] / d
    dev1[n,i] = x[n,i] - mu1[n]
    var1[n] = Σ_i dev1[n,i]**2 / d
    r1[n,i] = dev1[n,i] / sqrt(var1[n] + 0.00001)
    z1[n,i] = gamma1[i] r1[n,i] + beta1[i]
    """

    axes: int = 1
    epsilon: float = 1e-5

    def state(self, stage: Stage, h: Value) -> Value:
        own = last_axes("LayerNorm", h, self.axes, f"{self.axes} axes or more")
        return normalised(stage, h, own, own, self.epsilon)


def normalised(
    stage: Stage, h: Value, over: Sequence[Index], own: Sequence[Index], epsilon: float
) -> Value:
    """The array less its mean, over its standard deviation, both over some indices.

    Gain and shift are parameters with the indices ``own``.
    """
    if not epsilon > 0:
        raise BackproofError("epsilon", repr(epsilon), "a positive number", "write 1e-5")
    statement = stage.statement
    gamma, beta = (stage.parameter(name, *own, weight=False) for name in ("gamma", "beta"))
    mu = stage.bind(mean(h, over), "mu")
    dev = stage.bind(statement.add(h, statement.multiply(number(-1), mu)), "dev")
    square = statement.multiply(dev, dev)
    reduced = [square.indices[h.indices.index(i)] for i in over]
    var = stage.bind(mean(square, reduced), "var")
    small = sp.Rational(repr(epsilon))
    ratio = statement.elementwise(lambda d, v: d / sp.sqrt(v + small), dev, var)
    r = stage.bind(ratio, "r")
    indices = dict(zip(h.indices, r.indices, strict=True))
    there = [gamma, beta]
    moved = [Value(r.axes, Sum((Contraction(sp.S.One, (e,)),)).renamed({**indices})) for e in there]
    return stage.bind(statement.add(statement.multiply(moved[0], r), moved[1]), "z")
