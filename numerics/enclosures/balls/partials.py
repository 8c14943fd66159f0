"""Partial derivatives of networks over one box, in ball arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, factorial, prod

from backproof.numerics.enclosures.balls.arithmetic import Ball, arb
from backproof.numerics.enclosures.balls.functions import CURVES, Curve
from backproof.numerics.enclosures.balls.model import Box, Model, compose, constant, variable
from backproof.numerics.enclosures.balls.networks import affine
from backproof.numerics.enclosures.feedforward import Layer
from backproof.numerics.enclosures.partials import Partial, derived

Units = list[Model]


def partial(q: Partial, box: Box) -> Model:
    """∂^α N; the power series of a unit must reach |α| terms farther than the model."""
    (scaled,) = derived(q.network, q.order, Balls(box))
    number = prod(map(factorial, q.order))
    return Model(scaled.basis, [number * c for c in scaled.c])


@dataclass(frozen=True)
class Balls:
    """The units of a layer, one by one."""

    box: Box

    def inputs(self) -> Units:
        """The coordinates."""
        return [variable(self.box, axis) for axis in self.box.basis.linear_axes]

    def unit(self, axis: int) -> Units:
        """A column of the identity matrix."""
        return [constant(self.box, arb(int(n == axis))) for n in self.box.basis.linear_axes]

    def nothing(self) -> Units:
        """Zero."""
        return [constant(self.box, arb(0))]

    def affine(self, layer: Layer, h: Units, shifted: bool) -> Units:
        """The product with the matrix of weights."""
        return affine(layer, h, self.box, shifted)

    def curve(self, layer: Layer, times: int, z: Units) -> Units:
        """g⁽ᵏ⁾/k!, whose j-th coefficient is binomial(j + k, k) times the (j + k)-th of g."""
        assert layer.activation is not None
        return [compose(Raised(CURVES[layer.activation], times), model) for model in z]

    def product(self, p: Units, q: Units) -> Units:
        """Unit by unit."""
        return [a * b for a, b in zip(p, q, strict=True)]

    def sum(self, p: Units, q: Units) -> Units:
        """Unit by unit."""
        return [a + b for a, b in zip(p, q, strict=True)]


@dataclass(frozen=True)
class Raised:
    """g⁽ᵏ⁾/k!, k = ``times``."""

    curve: Curve
    times: int

    def jets(self, z: Ball, degree: int) -> list[Ball]:
        """The coefficients to that degree."""
        found = self.curve.jets(z, degree + self.times)[self.times :]
        return [comb(j + self.times, self.times) * c for j, c in enumerate(found)]

    def bound(self, z: Ball, order: int) -> Ball:
        """The coefficient of that order over a ball."""
        return comb(order + self.times, self.times) * self.curve.bound(z, order + self.times)
