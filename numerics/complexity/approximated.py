"""A sigmoid network beside the polynomial network that takes its place, both in closed form.

Reference: `backproof.theory.complexity.sigmoid`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import sympy as sp

from backproof.numerics.complexity.chebyshev import T, polynomial
from backproof.numerics.enclosures.certificate import Certificate
from backproof.numerics.enclosures.certify import certify
from backproof.theory.complexity.sigmoid import bound, propagated
from backproof.theory.errors import BackproofError
from backproof.theory.scalars import sigmoid

X = sp.Symbol("x", real=True)
Layer = tuple[list[list[sp.Rational]], list[sp.Rational]]  # rows of weights, and biases


@dataclass(frozen=True)
class Approximated:
    """Both networks on [−1, 1]; the predicted distance and the certified one."""

    degree: int
    radius: int
    network: sp.Expr
    polynomial: sp.Expr
    predicted: float
    claim: Certificate


def random_layers(depth: int, width: int, weights: int, seed: int) -> list[Layer]:
    """Rational weights with Σ|w| = L into every unit, and biases of at most ½ in size."""
    rng = np.random.default_rng(seed)
    layers = []
    for k in range(depth):
        rows = []
        for _ in range(width):
            raw = rng.integers(-20, 21, 1 if k == 0 else width)
            raw[raw == 0] = 1
            total = int(np.abs(raw).sum())
            rows.append([sp.Rational(int(v) * weights, total) for v in raw])
        biases = [sp.Rational(int(v), 10) for v in rng.integers(-5, 6, width)]
        layers.append((rows, biases))
    return layers


def composed(layers: list[Layer], unit: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
    """The mean of the last layer's units, as an expression in x."""
    below: list[sp.Expr] = [X]
    for rows, biases in layers:
        inner = [
            sp.Add(b, *(w * h for w, h in zip(row, below, strict=True)))
            for row, b in zip(rows, biases, strict=True)
        ]
        below = [unit(z) for z in inner]
    return sp.Add(*below) / len(below)


def approximate(
    degree: int, depth: int, width: int = 3, weights: int = 2, seed: int = 0
) -> Approximated:
    """Replace every σ of a random network on [−1, 1] by P_D on [−R, R].

    Inputs of a unit are at most R = L + 1 in size: |h| ≤ 1 below, |b| ≤ ½, and ½ is left for the
    error.  The prediction is `propagated` at the bound of one unit.  Raises `BackproofError`
    where it does not fit into that half.
    """
    radius = weights + 1
    layers = random_layers(depth, width, weights, seed)
    replacement = polynomial(degree, radius)
    error = bound(degree, radius)
    predicted = float(propagated(depth, sp.Integer(weights), sp.Float(error)))
    if 2 * weights * predicted > 1:
        raise BackproofError(
            "degree", f"{degree}, an error of {predicted:.2g}", "units that stay in the radius",
            "take a larger degree",
        )  # fmt: skip
    net = composed(layers, sigmoid)
    poly = composed(layers, lambda t: replacement.subs(T, t))
    return Approximated(degree, radius, net, poly, predicted, certify(net, poly, (-1, 1), 0.05))
