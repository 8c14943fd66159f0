"""Hornik's theorem with derivatives for a finite measure on the whole line: a Gaussian.

Inside [−R, R] the distance is certified. Outside it is bounded by what the hypothesis gives, the
derivatives of the units being bounded:

    |∂^i(N − f)| ≤ Σ|c_j||w_j|^i sup|σ⁽ⁱ⁾| + sup|f⁽ⁱ⁾| =: B_i,

    ‖N − f‖^p in C^{m,p}(γ) ≤ Σ_i ( (sup over [−R, R] of |∂^i(N − f)|)^p + B_i^p γ{|x| > R} ).
"""

from __future__ import annotations

from dataclasses import dataclass

import mpmath
import numpy as np
import sympy as sp

from backproof.numerics.enclosures.certify import certify
from backproof.numerics.enclosures.feedforward import FeedForward, shallow
from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.numerics.universality.target import X
from backproof.theory.scalars import sigmoid
from backproof.theory.theorems.universality.hornik_weighted import HORNIK_WEIGHTED
from backproof.theory.universality.slopes import supremum

REACH = 8
ORDER = 2
UNITS = (10, 20, 40)
WANTED = (1.0, 0.05, 0.001)
# Targets with the suprema of |f|, |f′| and |f″| over the whole line.
BELL = sp.exp(-(X**2) / 2)
TARGETS = (
    ("exp(−x²/2)", BELL, (1.0, 1.0, 1.0)),
    ("sin x", sp.sin(X), (1.0, 1.0, 1.0)),
    ("x exp(−x²/2)", X * BELL, (1.0, 1.0, 2.0)),
)


@dataclass(frozen=True)
class Distance:
    """A bound of the distance in C^{m,p}(γ), and its part from outside [−R, R]."""

    whole: float
    outside: float


def check(progress: Progress | None = None) -> Evidence:
    """Networks for a Gaussian weight, in C^{2,2}(γ)."""
    report = progress or silent
    expected = {"sigmoid": "applies", "softplus": "does not apply"}
    rows = []
    for name, status in expected.items():
        judged = HORNIK_WEIGHTED.judge(name, ORDER)
        rows.append(Row(f"the theorem for σ = {name}, m = 2", status, "=", judged.status))
    for order in (1, 2, 3):
        found = certify(sp.diff(sigmoid(X), X, order), 0, (-30, 30), 1e-6)
        limit = float(sp.N(supremum(order), 17))
        rows.append(Row(f"sup|σ^({order})|", limit, "~", found.upper, 1e-6, "certified"))
    curves = []
    for number, (name, target, sizes) in enumerate(TARGETS, 1):
        report("targets", number, len(TARGETS))
        reach = [distance(fitted(target, units), target, sizes) for units in UNITS]
        for units, wanted, reached in zip(UNITS, WANTED, reach, strict=True):
            what = f"‖N − f‖ in C^{{2,2}}(γ) for {name}, {units} units"
            rows.append(Row(what, wanted, "≥", reached.whole, level="certified"))
        what = f"of that, outside [−{REACH}, {REACH}], {UNITS[-1]} units"
        rows.append(Row(what, reach[-1].whole, "≥", reach[-1].outside, level="certified"))
        curves.append(Curve(name, UNITS, [d.whole for d in reach]))
    caption = "Distance in C^{2,2}(γ), γ the standard normal law on the whole line."
    return Evidence(rows, curves, Axes("units", "‖N − f‖", True, True), caption)


def fitted(target: sp.Expr, units: int) -> FeedForward:
    """Least squares in value and two derivatives, weighted by γ; a ridge keeps c small."""
    grid = np.linspace(-REACH, REACH, 600)
    # In float64 the density at 8 is e^{−32}: a floor keeps the fit honest in the tails.
    weight = np.sqrt(np.exp(-(grid**2) / 2) + 1e-6)
    centres = np.linspace(-REACH, REACH, units)
    slope = 0.4 * units / REACH
    z = slope * (grid[:, None] - centres)
    s = 1 / (1 + np.exp(-z))
    designs = [s, slope * s * (1 - s), slope**2 * s * (1 - s) * (1 - 2 * s)]
    blocks, values = [], []
    for order, design in enumerate(designs):
        constant = np.full((len(grid), 1), float(order == 0))
        blocks.append(np.hstack([constant, design]) * weight[:, None])
        derivative = sp.lambdify(X, sp.diff(target, X, order), "numpy")
        values.append(derivative(grid) * weight)
    blocks.append(1e-5 * np.eye(units + 1))
    values.append(np.zeros(units + 1))
    c0, *c = np.linalg.lstsq(np.vstack(blocks), np.concatenate(values), rcond=None)[0]
    return shallow(c, np.full(units, slope), -slope * centres, c0)


def distance(
    network: FeedForward, target: sp.Expr, sizes: tuple[float, ...], p: int = 2
) -> Distance:
    """The bound above, from certified suprema on strips that follow the Gaussian.

    On each strip γ is at most its normal probability, enclosed to twelve digits by erfc.
    """
    hidden, last = network.layers
    c, w = np.abs(last.weights[0]), np.abs(hidden.weights[:, 0])
    ends = range(-REACH, REACH + 1)
    inside = 0.0
    for low, high in zip(ends, list(ends)[1:], strict=False):
        mass = gaussian_mass(low) - gaussian_mass(high)
        claim = certify(network, target, (low, high), norm="sup", derivatives=ORDER)
        inside += (ORDER + 1) * claim.upper**p * mass * (1 + 1e-9)
    tail = 2 * gaussian_mass(REACH) * (1 + 1e-9)
    outside = 0.0
    for i in range(ORDER + 1):
        steep = float(sp.N(supremum(i), 20)) if i else 1.0
        size = float((c * w**i).sum()) * steep + (abs(float(last.bias[0])) if i == 0 else 0.0)
        outside += (size * (1 + 1e-9) + sizes[i]) ** p * tail
    return Distance((inside + outside) ** (1 / p), outside ** (1 / p))


def gaussian_mass(low: float) -> float:
    """γ(low, ∞)."""
    return float(mpmath.erfc(low / mpmath.sqrt(2)) / 2)
