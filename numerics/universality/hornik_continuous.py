"""Hornik's theorem in C(X), computed: smoothing, the ideal, and units that are no staircase."""

from __future__ import annotations

import mpmath
import numpy as np
import sympy as sp

from backproof.numerics.enclosures.certify import certify
from backproof.numerics.enclosures.feedforward import FeedForward, shallow
from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.numerics.universality.target import TARGETS, X
from backproof.theory.universality import fourier, smoothing

WIDTHS = (sp.Rational(1, 10), sp.Rational(1, 2), sp.Integer(2))
FREQUENCIES = ("1/2", "1", "3")
WANTED = 1e-3
UNITS = {"sigmoid": 20.0, "tanh": 10.0, "erf": 8.0, "atan": 12.0, "sin": 5.0}  # name: slope
COUNT = 24
LINKS = ("beta integral", "gamma function", "reflection")
# Two intervals, and a target that is another function on each.
PARTS = ((-2, -1), (sp.S.Half, 1))
TWO_PARTS = sp.Piecewise((sp.sin(3 * X), X < 0), (sp.exp(-X), True))


def check(progress: Progress | None = None) -> Evidence:
    """Each step that computes, and a network of each kind of unit within a given distance."""
    report = progress or silent
    rows = _smoothing() + _change()
    links = fourier.chain()
    for number, text in enumerate(FREQUENCIES, 1):
        report("frequencies", number, len(FREQUENCIES))
        with mpmath.workdps(25):
            direct = transform(mpmath.mpf(sp.Rational(text).p) / sp.Rational(text).q)
            for name, link in zip(LINKS, links[2:], strict=True):
                value = sp.re(link.value.subs(fourier.XI, sp.Rational(text)).evalf(20))
                what = f"∫ σ′(t) e^(−iξt) dt at ξ = {text}, by the {name}"
                rows.append(Row(what, float(value), "~", float(direct), 1e-13, "computed"))
    wave = TARGETS[0].expression
    for number, name in enumerate(UNITS, 1):
        report("units", number, len(UNITS))
        found = certify(fitted(name, wave, ((0, 1),)), wave, rtol=1e-2)
        what = f"sup |N − sin 2πx| on [0, 1], {COUNT} units {name}"
        rows.append(Row(what, WANTED, "≥", found.upper, level="certified"))
    found = certify(fitted("tanh", TWO_PARTS, PARTS), TWO_PARTS, PARTS, rtol=1e-2)
    what = f"sup |N − f| on [−2, −1] ∪ [1/2, 1], another f on each, {COUNT} units tanh"
    rows.append(Row(what, WANTED, "≥", found.upper, level="certified"))
    grid = np.linspace(0.05, 6, 120)
    curves = [
        Curve("πξ/sinh πξ", grid, np.pi * grid / np.sinh(np.pi * grid)),
        Curve(
            "by quadrature",
            grid[::12],
            [float(transform(mpmath.mpf(x))) for x in grid[::12]],
            "points",
        ),
    ]
    caption = "The Fourier transform of σ′ has no zero: the ideal of its translates is all of L¹."
    return Evidence(rows, curves, Axes("ξ", "∫ σ′(t) cos ξt dt", log_y=True), caption)


def transform(xi: mpmath.mpf) -> mpmath.mpf:
    """∫ σ′(t) cos ξt dt by quadrature, the sine part being odd."""

    def density(t: mpmath.mpf) -> mpmath.mpf:
        return mpmath.sech(t / 2) ** 2 / 4

    ends = list(range(0, 72, 6))
    return 2 * mpmath.quad(lambda t: density(t) * mpmath.cos(xi * t), ends)


def _smoothing() -> list[Row]:
    """E|f(x + hZ) − f(x)| ≤ L h √(2/π), with equality for |x| at zero."""
    rows = [Row("E|Z|", sp.sqrt(2) / sp.sqrt(sp.pi), "=", smoothing.mean_distance())]
    for h in WIDTHS:
        bound = float(smoothing.bound(1, h))
        for name, f, place in (
            ("|x|", abs, 0.0),
            ("sin x", mpmath.sin, 0.3),
            ("tanh x", mpmath.tanh, 0.1),
        ):
            width = mpmath.mpf(float(h))

            def distance(
                z: mpmath.mpf, f: object = f, x: float = place, h: object = width
            ) -> object:
                return abs(f(x + h * z) - f(x)) * mpmath.npdf(z)  # type: ignore[operator]

            mean = mpmath.quad(distance, [-12, -3, -1, 0, 1, 3, 12])
            what = f"E|f(x + hZ) − f(x)| for {name} at {place}, h = {h}"
            rows.append(Row(what, bound, "≥", float(mean), 1e-12, "computed"))
    return rows


def _change() -> list[Row]:
    """∫ h(t) σ(wt + b) dt = 1/|w| ∫ h((s − b)/w) σ(s) ds, for a Gaussian h."""
    rows = []
    for w, b in ((2, 1), (-3, 0.5)):
        left = mpmath.quad(
            lambda t, w=w, b=b: mpmath.npdf(t) * mpmath.tanh(w * t + b), [-12, -1, 0, 1, 12]
        )
        ends = sorted(w * t + b for t in (-12, -1, 0, 1, 12))
        right = mpmath.quad(
            lambda s, w=w, b=b: mpmath.npdf((s - b) / w) * mpmath.tanh(s), ends
        ) / abs(w)
        what = f"both sides of the change of variables, σ = tanh, w = {w}, b = {b}"
        rows.append(Row(what, float(left), "~", float(right), 1e-10, "computed"))
    return rows


def fitted(name: str, target: sp.Expr, parts: tuple[tuple[object, object], ...]) -> FeedForward:
    """Least squares over units spread over the parts; only what is certified counts."""
    low, high = float(parts[0][0]), float(parts[-1][1])  # type: ignore[arg-type]
    grid = np.concatenate([np.linspace(float(a), float(b), 200) for a, b in parts])  # type: ignore[arg-type]
    slope = UNITS[name] / (high - low)
    centres = np.linspace(low - 0.2, high + 0.2, COUNT)
    slopes = np.full(COUNT, slope)
    if name == "sin":  # a translate is a combination of two others: other frequencies instead
        slopes = np.repeat(np.arange(1, COUNT // 2 + 1), 2) * np.pi / (1.25 * (high - low))
        centres = np.tile([0.0, 0.5], COUNT // 2) * np.pi / slopes
    network = shallow(np.ones(COUNT), slopes, -slopes * centres, 0.0, name)
    hidden = network.layers[0]
    columns = [
        shallow([1.0], hidden.weights[j], hidden.bias[j : j + 1], 0.0, name)(grid)
        for j in range(COUNT)
    ]
    values = np.broadcast_to(sp.lambdify(X, target, "numpy")(grid), grid.shape)
    design = np.column_stack([np.ones_like(grid), *columns])
    c0, *c = np.linalg.lstsq(design, values, rcond=1e-9)[0]
    return shallow(c, slopes, -slopes * centres, c0, name)
