"""The checks of Livni, Shalev-Shwartz and Shamir: the Basis Learner, sigmoid networks, GECO."""

from __future__ import annotations

import numpy as np
import sympy as sp

from backproof.numerics.complexity.approximated import approximate
from backproof.numerics.complexity.basis_learner import generic_points, learn, monomial_rank
from backproof.numerics.complexity.chebyshev import certified, coefficients
from backproof.numerics.complexity.geco import Array, bound, geco, loss, units_enough
from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.theory.complexity import greedy, sigmoid
from backproof.theory.complexity.monomials import dimension, generic_rank, layers
from backproof.theory.complexity.squares import layers_of_squares, polynomial

RANKS = ((12, 2, 3), (8, 2, 3), (12, 3, 2), (30, 3, 3))
FITS = ((12, 2), (20, 3), (30, 4), (10, 1))
DEGREES = {1: (3, 7, 11), 2: (3, 7, 11, 15), 4: (7, 15, 23)}  # by radius
NETWORKS = ((3, 1), (5, 2), (9, 2), (13, 2))  # degree and depth


def basis_learner(progress: Progress | None = None) -> Evidence:
    """Exact ranks of monomials, and exact fits of random labels."""
    tell = progress or silent
    rows = [
        Row(
            f"rank of degree ≤ {t} on {m} points in ℝ^{d}",
            generic_rank(m, d, t),
            "=",
            monomial_rank(generic_points(m, d), t),
        )
        for m, d, t in RANKS
    ]
    curves = []
    for done, (m, d) in enumerate(FITS, 1):
        points = generic_points(m, d)
        labels = [int(v) for v in np.random.default_rng(m).integers(0, 2, m)]
        found = learn(points, labels)
        wrong = sum(found(p) != y for p, y in zip(points, labels, strict=True))
        what = f"{m} random labels in ℝ^{d}"
        rows += [
            Row(f"{what}: training errors", 0, "=", wrong),
            Row(f"{what}: layers", layers(m, d), "=", found.depth),
            Row(f"{what}: at most m − 1 layers", m - 1, "≥", found.depth),
        ]
        steps = list(range(len(found.ranks)))
        curves.append(Curve(f"units, {m} points in ℝ^{d}", steps, found.ranks, "points"))
        predicted = [min(m, dimension(d, t)) for t in steps]
        curves.append(Curve(f"min({m}, C({d}+t, t))", steps, predicted))
        tell("fits", done, len(FITS))
    line = [(i, 2 * i) for i in range(9)]
    rows.append(
        Row("9 points on a line in ℝ²: layers", 8, "=", learn(line, [0, 1] * 4 + [0]).depth)
    )
    return Evidence(
        rows,
        curves,
        Axes("layers t", "independent units"),
        "The Basis Learner on random labels: exact ranks layer by layer.",
    )


def sigmoid_networks(progress: Progress | None = None) -> Evidence:
    """Certified errors of units and of networks against their bounds, and squares for powers."""
    tell = progress or silent
    rows, curves = [], []
    for done, (radius, degrees) in enumerate(DEGREES.items(), 1):
        claims = [certified(degree, radius) for degree in degrees]
        bounds = [sigmoid.bound(degree, radius) for degree in degrees]
        for degree, claim, predicted in zip(degrees, claims, bounds, strict=True):
            what = f"sup |σ − P| on [−{radius}, {radius}], degree {degree}"
            rows.append(Row(what, predicted, "≥", claim.upper, 0, "certified"))
        curves.append(
            Curve(f"certified, R = {radius}", degrees, [c.upper for c in claims], "points")
        )
        curves.append(Curve(f"bound, R = {radius}", degrees, bounds))
        tell("units", done, len(DEGREES))
    for done, (degree, depth) in enumerate(NETWORKS, 1):
        found = approximate(degree, depth)
        what = f"a network of {depth} layers of 3 units, degree {degree}"
        rows.append(Row(what, found.predicted, "≥", found.claim.upper, 0, "certified"))
        tell("networks", done, len(NETWORKS))
    x = sp.Symbol("x", real=True)
    for degree in (3, 7, 11):
        c = coefficients(degree, 2)
        net = polynomial(c)
        gap = sp.expand(net(x) - sum(v * x**k for k, v in enumerate(c)))
        rows += [
            Row(f"squared units for P of degree {degree}: difference", 0, "=", gap),
            Row(f"squared units for P of degree {degree}: layers",
                layers_of_squares(degree), "=", net.depth),
            Row(f"squared units for P of degree {degree}: width",
                2 * degree + 2, "≥", net.width),
        ]  # fmt: skip
    return Evidence(
        rows,
        curves,
        Axes("degree D", "sup |σ − P|", log_y=True),
        "Chebyshev's truncation of the logistic function: certified error and proved bound.",
    )


def planted(d: int, points: int, noise: float, seed: int) -> tuple[Array, Array, Array]:
    """Points, labels ⟨A*, x xᵀ⟩ + noise, and A* = Σ of three rank-one terms of trace norm 3.5."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(points, d))
    basis = np.linalg.qr(rng.normal(size=(d, d)))[0][:3]
    matrix = (basis.T * np.array([2.0, -1.0, 0.5])) @ basis
    y = np.einsum("ni,ij,nj->n", x, matrix, x) + noise * rng.normal(size=points)
    return x, y, matrix


def geco_bound(progress: Progress | None = None) -> Evidence:
    """GECO on planted data with and without noise, at every step beside its bound."""
    tell = progress or silent
    recursion = sp.expand(
        greedy.recursion() - greedy.EPS + greedy.gain().subs(greedy.G, greedy.EPS / greedy.TAU)
    )
    rows = [Row("ε′ − ε + gain, in symbols", 0, "=", recursion)]
    curves, steps, units = [], np.arange(25), 24
    for done, noise in enumerate((0.0, 0.5), 1):
        x, y, matrix = planted(6, 300, noise, seed=1)
        fitted = geco(x, y, units)
        trace_norm = float(np.abs(np.linalg.eigvalsh(matrix)).sum())
        excess = fitted.losses - loss(x, y, matrix)
        limit = bound(float(excess[0]), fitted.beta, trace_norm, steps)
        what = f"noise {noise:g}"
        rows += [
            Row(f"{what}: largest ε_r/bound, 1 ≤ r ≤ 24",
                1.0, "≥", float((excess / limit)[1:].max()), 1e-9, "computed"),
            Row(f"{what}: largest growth of the loss in a step",
                0.0, "≥", float(np.diff(fitted.losses).max()), 1e-9, "computed"),
        ]  # fmt: skip
        along = float(((x @ fitted.units.T) ** 4).mean(axis=0).max())
        rows.append(Row(f"{what}: β and the curvature along the units",
                        fitted.beta, "≥", along, 0, "computed"))  # fmt: skip
        target = 0.5 * float(excess[0])
        first = int(np.argmax(excess <= target))
        enough = units_enough(target, fitted.beta, trace_norm)
        rows.append(Row(f"{what}: units for half of ε_0", enough, "≥", first, 0, "computed"))
        curves.append(Curve(f"ε_r, {what}", steps, np.maximum(excess, 1e-16).tolist(), "points"))
        curves.append(Curve(f"bound, {what}", steps, limit.tolist()))
        tell("GECO", done, 2)
    return Evidence(
        rows,
        curves,
        Axes("units r", "excess loss over A*", log_y=True),
        "GECO's excess over a planted network of three squared units, and its bound.",
    )
