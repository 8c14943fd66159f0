"""Networks over one box in ball arithmetic."""

from __future__ import annotations

from backproof.numerics.enclosures.balls.arithmetic import Ball, arb, exactly, hull
from backproof.numerics.enclosures.balls.functions import CURVES
from backproof.numerics.enclosures.balls.model import (
    RULES,
    Box,
    Model,
    compose,
    constant,
    of_sign,
    relu,
    variable,
)
from backproof.numerics.enclosures.expressions import Expression, program
from backproof.numerics.enclosures.feedforward import FeedForward, Layer
from backproof.numerics.enclosures.search import Difference, Enclosed
from backproof.theory import scalars
from backproof.theory.errors import UnsupportedError


def enclose(q: Enclosed, box: Box) -> Model:
    """The ball model of whatever `certify` takes."""
    if isinstance(q, Difference):
        return enclose(q.p, box) - enclose(q.q, box)
    if isinstance(q, Expression):
        return program(q.expression, q.variables).run(RULES, box)
    if isinstance(q, FeedForward):
        return network(q, box)
    raise UnsupportedError(
        "ball engine", type(q).__name__, "a network or an expression", "use float"
    )


def network(net: FeedForward, box: Box) -> Model:
    """One layer after the other."""
    h = [variable(box, axis) for axis in range(net.dimension)]
    for layer in net.layers:
        h = [activated(layer, box, affine(row, bias, h, box)) for row, bias in rows(layer)]
    return h[0]


_KEPT: dict[int, tuple[Layer, list[tuple[list[Ball], Ball]]]] = {}


def rows(layer: Layer) -> list[tuple[list[Ball], Ball]]:
    """The weights of a layer as balls; those of the last layers seen are kept."""
    kept = _KEPT.get(id(layer))
    if kept is None or kept[0] is not layer:
        if len(_KEPT) > 64:
            _KEPT.clear()
        _KEPT[id(layer)] = kept = (layer, _rows(layer))
    return kept[1]


def _rows(layer: Layer) -> list[tuple[list[Ball], Ball]]:
    numbers = layer.numbers
    if numbers is None or layer.times:
        raise UnsupportedError("ball engine", "rounded derivatives", "derivatives=0", "use float")
    every, bias = numbers
    return [([exactly(x) for x in row], exactly(b)) for row, b in zip(every, bias, strict=True)]


def affine(weights: list[Ball], bias: Ball, h: list[Model], box: Box) -> Model:
    """w·h + b, coefficient by coefficient."""
    size = max(len(model.c) for model in h)
    c = [bias, *[arb(0)] * (size - 1)]
    for weight, model in zip(weights, h, strict=True):
        if not weight.is_zero():
            for n, a in enumerate(model.c):
                c[n] = c[n] + weight * a
    return Model(box.basis, c)


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
