"""Barron's theorem, computed: constants by SymPy, and networks compared with the bound.

On an interval steps are certified in L²; in the plane and in space units are chosen greedily on
points of the ball, as the theorem holds for every probability on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.feedforward import FeedForward, shallow
from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.numerics.universality.greedy import Run, relaxed
from backproof.numerics.universality.witnesses.witness import Witness
from backproof.theory.universality import barron

X, Y, Z = sp.symbols("x y z", real=True)
DIMENSIONS = (1, 2, 3, 4, 10)
UNITS = (7, 31, 127)
STEPS = 40
POINTS = 300
DIRECTIONS = 40
THRESHOLDS = 24


@dataclass(frozen=True)
class Spectral:
    """A target on the ball of radius r, with its constant."""

    name: str
    expression: sp.Expr
    variables: tuple[sp.Symbol, ...]
    radius: sp.Expr
    constant: sp.Expr


def targets() -> tuple[Spectral, ...]:
    """Gaussians, waves and polynomials, with constants that are derived."""
    half, one, two = sp.S.Half, sp.S.One, sp.Integer(2)
    wave, tilted = sp.sin(2 * sp.pi * X), sp.cos(3 * X - 2 * Y) + sp.sin(X + Y)
    cubic, product = X**3 - X, X * Y
    radial = -(X**2 + Y**2 + Z**2) / 2
    return (
        Spectral("sin 2πx", wave, (X,), half, barron.sinusoid(wave, (X,))),
        Spectral("exp(−x²/2)", sp.exp(-(X**2) / 2), (X,), two, barron.gaussian(1)),
        Spectral("x²", X**2, (X,), one, barron.polynomial(X**2, (X,), one)),
        Spectral("x³ − x", cubic, (X,), one, barron.polynomial(cubic, (X,), one)),
        Spectral("cos(3x − 2y) + sin(x + y)", tilted, (X, Y), one, barron.sinusoid(tilted, (X, Y))),
        Spectral("xy", product, (X, Y), one, barron.polynomial(product, (X, Y), one)),
        Spectral("exp(−|x|²/2), d = 2", sp.exp(radial).subs(Z, 0), (X, Y), two, barron.gaussian(2)),
        Spectral("exp(−|x|²/2), d = 3", sp.exp(radial), (X, Y, Z), one, barron.gaussian(3)),
    )


def check(progress: Progress | None = None) -> Evidence:
    """The constants C_f, certified steps on intervals, and greedy units on balls."""
    report = progress or silent
    rows = _constants()
    every = targets()
    curves = []
    for number, target in enumerate(every, 1):
        report("targets", number, len(every))
        if len(target.variables) == 1:
            for units in UNITS:
                found = certified(target, units)
                bound = float(barron.bound(target.constant, target.radius, units))
                what = f"mean square error of {units} steps for {target.name}"
                rows.append(Row(what, bound, "≥", found, level="certified"))
            continue
        run = chosen(target)
        worst = float((run.errors / run.bounds).max())
        what = f"largest error over (2rC)²/n, n ≤ {STEPS}, for {target.name}"
        rows.append(Row(what, 1.0, "≥", worst, level="computed"))
        n = np.arange(1, STEPS + 1)
        curves.append(Curve(f"{target.name}", n, run.errors / run.bounds))
    caption = "Errors of greedy networks of n units in two and three dimensions, over (2 r C)²/n."
    return Evidence(rows, curves, Axes("units n", "error over bound", True, True), caption)


def _constants() -> list[Row]:
    rows = []
    for d in DIMENSIONS:
        stated = sp.sqrt(2) * sp.gamma(sp.Rational(d + 1, 2)) / sp.gamma(sp.Rational(d, 2))
        same = sp.expand((barron.gaussian(d) / stated) ** 2)
        rows.append(Row(f"(C_f of the Gaussian / √2 Γ((d+1)/2)/Γ(d/2))², d = {d}", 1, "=", same))
    wave = barron.sinusoid(sp.sin(2 * sp.pi * X), (X,))
    rows.append(Row("C_f of sin 2πx", 2 * sp.pi, "=", wave))
    # C_f is at least sup|f′|, and for x² on [−1, 1] the extension attains that.
    rows.append(Row("C of x² on [−1, 1]: sup|f′|", 2, "=", barron.monomial(2)))
    for k in (3, 4, 5):
        least, found = sp.Integer(k), barron.monomial(k)
        rows.append(Row(f"C of x^{k} on [−1, 1] is at least sup|f′|", least, "≤", found))
    return rows


def steps(target: Spectral, units: int) -> FeedForward:
    """Values at midpoints of equal pieces."""
    r, pieces = float(target.radius), units + 1
    f = sp.lambdify(X, target.expression, "numpy")
    values = f(r * ((2 * np.arange(pieces) + 1) / pieces - 1)) * np.ones(pieces)
    knots = r * (2 * np.arange(1, pieces) / pieces - 1)
    return shallow(np.diff(values), np.ones(units), -knots, values[0], "step")


def on_intervals() -> tuple[Spectral, ...]:
    """The targets in one dimension."""
    return tuple(t for t in targets() if len(t.variables) == 1)


def witness(target: Spectral, units: int) -> Witness:
    """Steps on [−r, r], in L² of the Lebesgue measure: √(2r) times what the theorem says."""
    r = target.radius
    bound = sp.sqrt(2 * r * barron.bound(target.constant, r, units))
    predicted = float(sp.N(bound, 20)) * (1 + 1e-12)
    network, because = steps(target, units), "√(2r) 2rC/√n"
    return Witness(
        "barron", network, target.expression, units, predicted, because, norm=2, domain=(-r, r)
    )


def certified(target: Spectral, units: int) -> float:
    """∫ (f − N)² dμ for the uniform μ on [−r, r], an upper bound."""
    found = witness(target, units).claim
    return found.upper**2 / (2 * float(target.radius)) * (1 + 1e-12)


def ball(dimension: int, points: int, radius: float) -> np.ndarray:
    """Points of a ball: a lattice that is irrational, and no random numbers."""
    turns = np.sqrt(np.array([2.0, 3.0, 5.0, 7.0])[:dimension])
    found = np.empty((0, dimension))
    count = points
    while len(found) < points:
        cube = 2 * np.mod(np.arange(1, count + 1)[:, None] * turns, 1) - 1
        found = radius * cube[(cube**2).sum(1) <= 1]
        count *= 2
    return found[:points]


def chosen(target: Spectral) -> Run:
    """Relaxed greedy steps 1[a·x > t], K = 2 r C, for f − f(0)."""
    d, r = len(target.variables), float(target.radius)
    places = ball(d, POINTS, r)
    values = sp.lambdify(target.variables, target.expression, "numpy")(*places.T)
    origin = float(target.expression.subs(dict.fromkeys(target.variables, 0)))
    directions = ball(d, DIRECTIONS, 1.0)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    thresholds = np.linspace(-r, r, THRESHOLDS, endpoint=False)
    along = places @ directions.T
    dictionary = (along.T[:, None, :] > thresholds[None, :, None]).reshape(-1, POINTS)
    total = float(2 * target.radius * target.constant)
    return relaxed(dictionary.astype(float), values - origin, total, STEPS)
