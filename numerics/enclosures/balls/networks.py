"""Networks over one box in ball arithmetic."""

from __future__ import annotations

from backproof.numerics.enclosures.balls.arithmetic import Ball, Matrix, arb, arb_mat, exactly, hull
from backproof.numerics.enclosures.balls.functions import CURVES
from backproof.numerics.enclosures.balls.model import (
    Box,
    Model,
    compose,
    constant,
    of_sign,
    relu,
    variable,
)
from backproof.numerics.enclosures.feedforward import FeedForward, Layer
from backproof.theory import scalars
from backproof.theory.errors import UnsupportedError

ZERO = arb(0)


def network(net: FeedForward, box: Box) -> Model:
    """One layer after the other."""
    h = [variable(box, axis) for axis in range(net.dimension)]
    for layer in net.layers:
        h = [activated(layer, box, z) for z in affine(layer, h, box)]
    return h[0]


_KEPT: dict[int, tuple[Layer, Matrix, list[Ball]]] = {}


def numbers(layer: Layer) -> tuple[Matrix, list[Ball]]:
    """Weights and bias of a layer as balls; those of the last layers seen are kept."""
    kept = _KEPT.get(id(layer))
    if kept is None or kept[0] is not layer:
        if len(_KEPT) > 64:
            _KEPT.clear()
        if layer.numbers is None or layer.times:
            raise UnsupportedError("ball engine", "rounded weights", "exact ones", "use float")
        every, bias = layer.numbers
        weights = arb_mat([[exactly(x) for x in row] for row in every])
        _KEPT[id(layer)] = kept = (layer, weights, [exactly(b) for b in bias])
    return kept[1:]


def affine(layer: Layer, h: list[Model], box: Box, shifted: bool = True) -> list[Model]:
    """W h + b, or W h alone: the product of the weights with the matrix of coefficients."""
    weights, bias = numbers(layer)
    size = max(len(model.c) for model in h)
    rows = [model.c + [ZERO] * (size - len(model.c)) for model in h]
    product = (weights * arb_mat(rows)).entries()
    models = []
    for n, shift in enumerate(bias):
        c = product[n * size : (n + 1) * size]
        if shifted:
            c[0] = c[0] + shift
        models.append(Model(box.basis, c))
    return models


def activated(layer: Layer, box: Box, z: Model) -> Model:
    """g(z)."""
    g = layer.activation
    if g is None:
        return z
    if g is scalars.relu:
        return relu(box, z)
    if g is scalars.step:
        return of_sign(box, 0.0, 0.0, 1.0, z)
    return saturated(g, box, z) or compose(CURVES[g], z)


def saturated(g: type, box: Box, z: Model) -> Model | None:
    """Far from zero the logistic function is a narrow ball, and one exponential is enough."""
    if g is not scalars.sigmoid or len(z.c) == 1:
        return None
    values = z.range()
    if not values.abs_lower() > 40:
        return None
    tail = hull(arb(0), arb("4.3e-18"))
    return constant(box, 1 - tail if values > 0 else tail)
