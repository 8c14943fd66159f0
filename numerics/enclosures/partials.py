"""Partial derivatives of networks of any depth, by the chain rule on whatever an engine computes.

A unit h carries its scaled derivatives h_β = ∂^β h/β! for all β ≤ α, which multiply like power
series.  An affine map takes each for itself, and an activation

    g(h) = Σ_k g⁽ᵏ⁾(h_0)/k! (Σ_{β≠0} h_β s^β)^k        up to s^α,

which is the formula of Faà di Bruno.  The same lines serve Taylor models and balls.
Reference: Griewank and Walther, Evaluating Derivatives (2008), chapter 13.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from math import factorial, prod
from typing import Generic, Protocol, TypeVar

import numpy as np

from backproof.numerics.enclosures.composition import compose
from backproof.numerics.enclosures.feedforward import KINKED, FeedForward, Layer, whole
from backproof.numerics.enclosures.functions import BY_SYMBOL, Derivative
from backproof.numerics.enclosures.kinks import Boxes
from backproof.numerics.enclosures.rounding import Array
from backproof.numerics.enclosures.taylor import Taylor
from backproof.theory.errors import UnsupportedError

Units = TypeVar("Units")
Order = tuple[int, ...]


class Arithmetic(Protocol[Units]):
    """What an engine must be able to do with all the units of a layer."""

    def inputs(self) -> Units:
        """The variables."""

    def unit(self, axis: int) -> Units:
        """Their derivatives in one of them: one or zero."""

    def nothing(self) -> Units:
        """Zero, for one unit."""

    def affine(self, layer: Layer, h: Units, shifted: bool) -> Units:
        """W h, with the bias where it is asked for."""

    def curve(self, layer: Layer, times: int, z: Units) -> Units:
        """g⁽ᵏ⁾(z)/k!."""

    def product(self, p: Units, q: Units) -> Units:
        """p q, unit by unit."""

    def sum(self, p: Units, q: Units) -> Units:
        """p + q, unit by unit."""


@dataclass(frozen=True)
class Partial:
    """∂^α N for a network of smooth units, as a function to enclose.

    >>> import sympy as sp
    >>> from backproof.numerics.enclosures.certify import certify
    >>> from backproof.numerics.enclosures.feedforward import deep
    >>> net = deep([([[1.0]], [0.0]), ([[2.0]], [0.0]), ([[1.0]], [0.0])], "tanh")
    >>> slope = certify(net, 0, (-1, 1), derivatives=1, rtol=1e-6)  # tanh(2 tanh x)′ = 2 at 0
    >>> slope.lower <= 2 <= slope.upper
    True
    """

    network: FeedForward
    order: Order

    def __post_init__(self) -> None:
        kinked = [
            layer.activation.__name__
            for layer in self.network.layers
            if layer.activation is not None and layer.activation in KINKED
        ]
        if kinked:
            raise UnsupportedError(
                "derivatives", f"the activation {kinked[0]}", "a smooth one", "use derivatives=0"
            )

    @property
    def dimension(self) -> int:
        """The number of inputs."""
        return self.network.dimension

    @property
    def kinks(self) -> Array:
        """None."""
        return np.empty(0)

    @property
    def steepness(self) -> float:
        """That of the network."""
        return self.network.steepness

    def enclose(self, boxes: Boxes) -> Taylor:
        """The Taylor model over boxes."""
        h = derived(self.network, self.order, Floats(boxes))
        number = float(prod(map(factorial, self.order)))
        return Taylor(h.basis, h.degree, h.c[..., 0], h.e[..., 0]).times(number)


def derived(network: FeedForward, order: Order, engine: Arithmetic[Units]) -> Units:
    """∂^α/α! of the last layer."""
    series = _Series(order, engine)
    h = {(0,) * len(order): engine.inputs()}
    for axis, most in enumerate(order):
        if most:
            h[tuple(int(axis == n) for n in range(len(order)))] = engine.unit(axis)
    for layer in network.layers:
        h = {beta: engine.affine(layer, part, not any(beta)) for beta, part in h.items()}
        if layer.activation is not None:
            h = series.composed(layer, h)
    return h[order] if order in h else engine.nothing()


class _Series(Generic[Units]):
    """Power series in s, up to s^α."""

    def __init__(self, order: Order, engine: Arithmetic[Units]) -> None:
        self.order, self.engine = order, engine

    def composed(self, layer: Layer, h: dict[Order, Units]) -> dict[Order, Units]:
        """g(h)."""
        zero = (0,) * len(self.order)
        moved = {beta: part for beta, part in h.items() if beta != zero}
        result = {zero: self.engine.curve(layer, 0, h[zero])}
        power = moved
        for k in range(1, sum(self.order) + 1):
            slope = self.engine.curve(layer, k, h[zero])
            for beta, part in power.items():
                term = self.engine.product(slope, part)
                result[beta] = self.engine.sum(result[beta], term) if beta in result else term
            power = self.multiplied(power, moved)
        return result

    def multiplied(self, p: dict[Order, Units], q: dict[Order, Units]) -> dict[Order, Units]:
        """p q, without what is beyond s^α."""
        result: dict[Order, Units] = {}
        for (beta, a), (gamma, b) in itertools.product(p.items(), q.items()):
            total = tuple(m + n for m, n in zip(beta, gamma, strict=True))
            if all(m <= n for m, n in zip(total, self.order, strict=True)):
                term = self.engine.product(a, b)
                result[total] = self.engine.sum(result[total], term) if total in result else term
        return result


@dataclass(frozen=True)
class Floats:
    """Taylor models of all units at once."""

    boxes: Boxes

    def inputs(self) -> Taylor:
        """The coordinates."""
        return self.boxes.variables()

    def unit(self, axis: int) -> Taylor:
        """A column of the identity matrix."""
        c = np.zeros((1, *self.boxes.centre.shape))
        c[0, :, axis] = 1
        return Taylor(self.boxes.basis, 0, c, np.zeros(c.shape[1:]))

    def nothing(self) -> Taylor:
        """Zeros."""
        boxes = len(self.boxes.centre)
        return Taylor(self.boxes.basis, 0, np.zeros((1, boxes, 1)), np.zeros((boxes, 1)))

    def affine(self, layer: Layer, h: Taylor, shifted: bool) -> Taylor:
        """Rounded weights count as they do in the network itself."""
        return layer.before(whole(h), shifted)

    def curve(self, layer: Layer, times: int, z: Taylor) -> Taylor:
        """The Taylor model of g⁽ᵏ⁾, divided by k!."""
        assert layer.activation is not None
        g = BY_SYMBOL[layer.activation]
        if not times:
            return compose(g, z)
        return compose(Derivative(g, times), z).times(1 / factorial(times), 2.0**-53)

    def product(self, p: Taylor, q: Taylor) -> Taylor:
        """The product of models."""
        return p * q

    def sum(self, p: Taylor, q: Taylor) -> Taylor:
        """The sum of models."""
        return p + q
