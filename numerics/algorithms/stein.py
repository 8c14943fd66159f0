"""The check of Stein's identity: exactly where SymPy integrates, and sampled from a mixture."""

from __future__ import annotations

import numpy as np
import sympy as sp
from scipy.special import ndtri

from backproof.numerics.algorithms.score_kernel import score_kernel
from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.theory.algorithms.score import hermite, mixture, normal, score
from backproof.theory.algorithms.stein import stein

ALPHA = 1e-6
X, Y = sp.symbols("x y", real=True)
CENTRES = ((0, 0), (2, -1))
SHARES = (sp.Rational(1, 3), sp.Rational(2, 3))
PROBE = sp.sin(X + Y / 2) + X * Y


def quantile(entries: int, alpha: float = ALPHA) -> float:
    """The two-sided normal quantile for several tests together (Bonferroni).

    >>> round(quantile(1, 0.05), 3)
    1.96
    """
    return float(-ndtri(alpha / (2 * entries)))


def draw(points: int, seed: int) -> np.ndarray:
    """Points of the mixture ⅓ N((0, 0), I) + ⅔ N((2, −1), I)."""
    rng = np.random.default_rng(seed)
    which = rng.choice(len(SHARES), points, p=[float(s) for s in SHARES])
    return rng.normal(size=(points, 2)) + np.array(CENTRES, float)[which]


def deviations(order: int, points: int, seed: int = 0, shift: float = 0.0) -> np.ndarray:
    """Mean of G S_m − ∇^m G over its standard error, for each sorted entry of the mixture's score.

    ``shift`` displaces the points by as much along x: a wrong density, which the test has to see.
    """
    density = mixture(SHARES, [normal((X, Y), c) for c in CENTRES])
    kernel = score_kernel(score(density, (X, Y), order))
    at = draw(points, seed) + np.array([shift, 0.0])
    value = sp.lambdify((X, Y), PROBE)(*at.T)
    found = []
    for index, s in zip(kernel.indices, kernel(at), strict=True):
        slope = sp.diff(PROBE, *((X, Y)[i] for i in index))
        right = np.broadcast_to(sp.lambdify((X, Y), slope)(*at.T), len(at))
        gap = value * s - right
        found.append(float(gap.mean() / (gap.std(ddof=1) / np.sqrt(points))))
    return np.array(found)


def exact_rows() -> list[Row]:
    """E[G S_m] against E[∂^m G] in symbols, and what a boundary adds."""
    gauss = normal((X,))
    logistic = sp.exp(-X) / (1 + sp.exp(-X)) ** 2
    quartic = stein(X**4, gauss, X, 2)
    wave = stein(sp.sin(X), gauss, X, 3)
    two = mixture((sp.S.Half, sp.S.Half), [normal((X,)), normal((X,), [2])])
    mixed = sum(
        sp.integrate(sp.expand(X**3 * -sp.diff(p, X) / p) * p, (X, -sp.oo, sp.oo)) / 2
        for p in (normal((X,)), normal((X,), [2]))
    )
    slope = sum(
        sp.integrate(3 * X**2 * p, (X, -sp.oo, sp.oo)) / 2
        for p in (normal((X,)), normal((X,), [2]))
    )
    halt = stein(1 + X, sp.exp(-X), X, 1, (0, sp.oo))
    square = sp.cancel(score(two, (X,), 1)[(0,)] + sp.diff(two, X) / two)
    odd = score(logistic, (X,), 1)[(0,)].subs(X, 0)
    return [
        Row("E[x⁴ S₂] and E[(x⁴)″], x normal", quartic.by_derivative, "=", quartic.by_score),
        Row("E[sin x S₃] and E[sin‴ x], x normal", wave.by_derivative, "=", wave.by_score),
        Row("E[x³ S₁] and E[3x²], a mixture of two normals", slope, "=", mixed),
        Row("S₁ + p′/p of that mixture", 0, "=", square),
        Row("S₁ of the logistic density at its centre", 0, "=", odd),
        Row("an exponential: E[G′] − E[G S₁] is the boundary term",
            halt.boundary, "=", halt.by_derivative - halt.by_score),
        Row("S₃ of the normal is He₃", X**3 - 3 * X, "=", hermite(3, X)),
    ]  # fmt: skip


def check(progress: Progress | None = None) -> Evidence:
    """Exact identities, then a mixture sampled, then the power of that test."""
    tell = progress or silent
    rows = exact_rows()
    tell("exact integrals", 1, 3)
    points, curves = 1 << 17, []
    for order in (1, 2, 3):
        z = np.abs(deviations(order, points, seed=order))
        level = f"statistical at {ALPHA:g}"
        what = f"largest |z| of E[G S_{order}] − E[∇^{order} G], a mixture in the plane"
        rows.append(Row(what, quantile(len(z)), "≥", float(z.max()), 0, level))
        curves.append(Curve(f"order {order}", list(range(len(z))), z.tolist(), "points"))
    tell("mixture sampled", 2, 3)
    limit = quantile(4)
    shifts = np.linspace(0, 0.3, 7)
    power = [float(np.abs(deviations(3, 1 << 15, seed=7, shift=s)).max()) for s in shifts]
    rows.append(
        Row("the same for points displaced by 0.3: seen", limit, "≤", power[-1], 0, "computed")
    )
    tell("power", 3, 3)
    curves += [
        Curve("|z|, order 3, 2¹⁵ points", shifts.tolist(), power, "points", panel=1),
        Curve(f"limit at {ALPHA:g}", [0, 0.3], [limit, limit], panel=1),
        Curve(f"limit at {ALPHA:g}", [0, 3], [limit, limit]),
    ]
    return Evidence(
        rows,
        curves,
        (
            Axes("entry of the tensor", "|mean / standard error|", title="the right density"),
            Axes("displacement of the points", "largest |z|", title="a wrong density is seen"),
        ),
        "Stein's identity for the derived scores of a mixture of two normals in the plane.",
    )
