"""The checks of periodic targets and of parities: closed forms, and descent watched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from scipy.special import ndtri

from backproof.numerics.complexity import sphere
from backproof.numerics.complexity.parities import tanh_unit
from backproof.numerics.complexity.periodic_training import train, watched
from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.theory.complexity import orthonormal

ALPHA = 1e-6
Number = Any  # mpmath.mpf, for which there are no types
Integrand = Callable[[Number], Number]
DIMENSIONS = (2, 4, 8, 16, 24)
DIGITS = mpmath.mpf(10) ** -30


def on_the_line(function: Integrand) -> Number:
    """E f(x) over x ~ N(0, 1) by the trapezoidal rule, in 90 digits.

    For f of frequencies up to c it errs by e^{−(2π/h − c)²/2}, and by e^{−L²/2} at the ends: with
    h = 1/12 and L = 22 by less than 1e-100.
    """
    with mpmath.workdps(90):
        h = mpmath.mpf(1) / 12
        return h * mpmath.fsum(function(k * h) * mpmath.npdf(k * h) for k in range(-264, 265))


def _with(parameter: Number, function: Callable[[Number, Number], Number]) -> Integrand:
    """The function of one variable that is left."""
    return lambda x: function(parameter, x)


def by_harmonics(d: int, kappa: Number) -> Number:
    """λ₂ by quadrature against the zonal harmonic (d t² − 1)/(d − 1)."""

    def zonal(t: Number) -> Number:
        return mpmath.exp(-kappa) * mpmath.cosh(kappa * t) * (d * t * t - 1) / (d - 1)

    return sphere.average(d, zonal, 40)


def closed_forms() -> list[Row]:
    """Gaussian and spherical means against quadrature, as relative errors below 1e-30."""
    rows = []

    def row(what: str, derived: Number, direct: Number) -> None:
        rows.append(Row(what, direct, "~", derived, abs(direct) * DIGITS, "computed"))

    with mpmath.workdps(80):
        for r in (mpmath.mpf(1) / 2, mpmath.mpf(1), mpmath.mpf(2)):
            c, name = 2 * mpmath.pi * r, mpmath.nstr(r, 2)
            wave = on_the_line(_with(c, lambda c, x: mpmath.cos(c * x)))
            row(f"E cos(2πrx), r = {name}", sphere.cosine(r), wave)
            wave = on_the_line(_with(c, lambda c, x: x * mpmath.sin(c * x)))
            row(f"E x sin(2πrx), r = {name}", sphere.sine(r), wave)
        for d in (3, 10, 50):
            k = mpmath.mpf(d)
            direct = sphere.average(d, _with(k, lambda k, t: mpmath.exp(k * t)))
            row(f"E e^(κt), d = κ = {d}", sphere.mean(d, k), direct)
            row(f"λ₂, d = κ = {d}", sphere.eigenvalue(d, k), by_harmonics(d, k))
        r, u = mpmath.mpf(3) / 10, mpmath.mpf(2) / 5
        damped = mpmath.exp(-2 * mpmath.pi**2 * (r * r + u * u))

        def kernel(t: Number) -> Number:
            return damped * mpmath.cosh(4 * mpmath.pi**2 * r * u * t)

        mean = sphere.average(6, kernel, 40)
        direct = sphere.average(6, lambda t: kernel(t) ** 2, 40) - mean**2
        row("Var over the sphere of E cos·cos, d = 6", sphere.variance(6, r, u), direct)
        half = mpmath.mpf(1) / 2
        spectrum = sum(sphere.multiplicity(5, l) * sphere.eigenvalue(5, half, l) for l in (0, 2, 4))
        trace = mpmath.exp(-half) * mpmath.cosh(half)
        rows.append(
            Row("trace of the overlap, d = 5, ℓ ≤ 4", trace, "~", spectrum, 1e-5, "computed")
        )
        for ratio in (1, 2):
            step = mpmath.log(sphere.eigenvalue(401, 401 * ratio)) - mpmath.log(
                sphere.eigenvalue(400, 400 * ratio)
            )
            what = f"log λ₂(401)/λ₂(400), κ = {ratio}·d, against the limit"
            rows.append(Row(what, sphere.rate(ratio), "~", float(step), 1e-4, "computed"))
    return rows


def periodic(progress: Progress | None = None) -> Evidence:
    """Closed forms, decay in d, and gradient descent on the exact loss in growing dimension."""
    tell = progress or silent
    rows, curves = closed_forms(), []
    tell("closed forms", 1, 1 + len(DIMENSIONS))
    dims = list(range(2, 61, 2))
    for ratio in (1, 2):
        values = [sphere.eigenvalue(d, d * ratio) for d in dims]
        slope = sphere.rate(ratio)
        guide = [values[-1] * mpmath.exp(slope * (d - dims[-1])) for d in dims]
        curves.append(Curve(f"λ₂, κ = {ratio}·d", dims, values, "points"))
        curves.append(Curve(f"slope {slope:.3f}", dims, guide))
    limit = float(-ndtri(ALPHA))
    for done, d in enumerate(DIMENSIONS, 2):
        run = train(d)
        seen = watched(run)
        what = f"d = {d}: λ₂ E‖∂p/∂θ‖² and the gradients' variance over 400 targets"
        rows.append(
            Row(
                what,
                seen.bound,
                "≥",
                seen.variance,
                limit * seen.error,
                f"statistical at {ALPHA:g}",
            )
        )
        if d in (2, 4):
            rows.append(Row(f"d = {d}: share of the loss left after 400 steps",
                            0.01, "≥", float(run.left[-1]), 0, "computed"))  # fmt: skip
        if d >= 16:
            rows.append(Row(f"d = {d}: share of the loss left after 400 steps",
                            0.999, "≤", float(run.left[-1]), 0, "computed"))  # fmt: skip
        steps = np.arange(0, len(run.left), 4)
        left = np.maximum(run.left[::4], 1e-12).tolist()
        curves.append(Curve(f"d = {d}", steps, left, panel=1))
        tell(f"descent, d = {d}", done, 1 + len(DIMENSIONS))
    return Evidence(
        rows,
        curves,
        (
            Axes("dimension d", "λ₂", log_y=True, title="largest variance that a gradient sees"),
            Axes("step", "share of the loss left", log_y=True, title="descent on the exact loss"),
        ),
        "Periodic targets of radius r with 4π²r² = κ: the signal in the gradient falls "
        "exponentially with the dimension, and descent stands still.",
    )


def parities(progress: Progress | None = None) -> Evidence:
    """Every parity and every corner, the bound, and the equation that sharpens it."""
    tell = progress or silent
    rows, found = [], []
    sizes = tuple(range(2, 13))
    for done, d in enumerate(sizes, 1):
        values = tanh_unit(np.random.default_rng(3).normal(size=d))
        found.append(values)
        if d in (3, 5, 8, 12):
            slack = 1e-12 * values.bound
            rows += [
                Row(f"d = {d}: E‖∂p/∂w‖²/2^d and the variance over all parities",
                    values.bound, "≥", values.enumerated, slack, "enumerated"),
                Row(f"d = {d}: the sharper equation",
                    values.sharp, "~", values.enumerated, slack, "enumerated"),
            ]  # fmt: skip
        tell("parities", done, len(sizes))
    symbols = {x: sp.Symbol(f"g{n}") for n, x in enumerate(orthonormal.corners(3))}
    exact, _, sharp = orthonormal.variance(symbols, 3)
    rows.append(
        Row("d = 3, any g: variance less the sharper form", 0, "=", sp.expand(exact - sharp))
    )
    return Evidence(
        rows,
        (
            Curve("all parities", sizes, [v.enumerated for v in found], "points"),
            Curve("bound", sizes, [v.bound for v in found]),
        ),
        Axes("dimension d", "variance of the gradient", log_y=True),
        "One tanh unit, the squared loss, every parity as the target.",
    )
