"""The check of the Kesten–Stigum threshold: recursions, enclosures and trees of 2²⁰ leaves."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.numerics.generative.beliefs import (
    density_evolution,
    evolved,
    law,
    second_moment,
    success,
)
from backproof.numerics.generative.census_law import (
    census_law,
    majority_success,
    squared_correlation,
)
from backproof.numerics.generative.proportions import clopper_pearson
from backproof.numerics.generative.trees import TreeModel, successes
from backproof.theory.generative import beliefs, census

LEVEL = 1e-7
ABOVE, BELOW = Fraction(4, 5), Fraction(3, 5)  # bθ² = 1.28 and 0.72 for b = 2
LARGE = 30  # trees of 2²⁰ leaves
SMALL = 1500  # trees of 2⁷ leaves


def agreement(what: str, predicted: float, right: int, trees: int) -> Row:
    """A probability against a count: within the exact bounds of Clopper and Pearson."""
    low, high = clopper_pearson(right, trees, LEVEL)
    share = right / trees
    return Row(
        what, predicted, "~", share, max(share - low, high - share), f"statistical at {LEVEL:g}"
    )


def derived_rows() -> list[Row]:
    """Threshold and limit, from the recursion of mean and variance."""
    b, theta = census.B, census.THETA
    stated = (b * theta**2 - 1) / (b * theta**2 - theta**2)
    thresholds = tuple(census.threshold(k) for k in (2, 3))
    flips = tuple(sp.expand(census.flip_threshold(k)) for k in (2, 3))
    half = sp.Rational(1, 2)
    rows = [
        Row("θ at the threshold, b = 2 and 3", (1 / sp.sqrt(2), 1 / sp.sqrt(3)), "=", thresholds),
        Row("flips there", tuple(half - t / 2 for t in thresholds), "=", flips),
        Row("lim ρ² − (bθ² − 1)/(bθ² − θ²)", 0, "=", sp.cancel(census.limit() - stated)),
        Row("… for q colours", 0, "=", sp.cancel(census.many_colours() - stated)),
    ]
    for theta_value in (ABOVE, BELOW):
        exact = squared_correlation(census_law(2, theta_value, 4))
        predicted = census.correlation(2, sp.Rational(theta_value), 4)
        rows.append(Row(f"ρ₄² for θ = {theta_value}", predicted, "=", exact, level="enumerated"))
    m1, m2 = beliefs.M1, beliefs.M2
    kept = m1**2 * m2**2 * (2 - m1**2 - m2**2) / (1 - m1**2 * m2**2)
    rows.append(
        Row("m₁² + m₂² − E M², less what is stated", 0, "=", sp.cancel(beliefs.loss() - kept))
    )
    return rows


def belief_rows() -> list[Row]:
    """ρ_n² ≤ E M² ≤ (bθ²)^n in fractions, and the enclosures that go on from there."""
    rows = []
    for theta in (ABOVE, BELOW):
        exact, counted = law(2, theta, 4), census_law(2, theta, 4)
        square, best = second_moment(exact), success(exact)
        bounds = density_evolution(2, float(theta), 4).success[4]
        at = f"at depth 4, θ = {theta}"
        between = squared_correlation(counted) <= square <= (2 * theta**2) ** 4
        rows += [
            Row(f"ρ² ≤ E M² ≤ (bθ²)^n {at}", True, "=", between),
            Row(f"majority ≤ beliefs {at}", True, "=", majority_success(counted) <= best),
            Row(f"density evolution below {at}", bounds[0], "≤", float(best), level="certified"),
            Row(f"density evolution above {at}", bounds[1], "≥", float(best), level="certified"),
        ]
    depth = 60
    low = density_evolution(2, float(ABOVE), depth, 300).success[depth, 0]
    high = density_evolution(2, float(BELOW), depth, 300).success[depth, 1]
    limit = census.limit().subs({census.B: 2, census.THETA: sp.Rational(ABOVE)})
    reached, gone = float(1 + limit) / 2, Fraction(502, 1000)
    at = f"at depth {depth}, θ ="
    return [
        *rows,
        Row(f"(1 + lim ρ²)/2 and beliefs {at} 4/5", reached, "≤", low, level="certified"),
        Row(f"0.502 and beliefs {at} 3/5", gone, "≥", high, level="certified"),
    ]


def simulated_rows(progress: Progress, workers: int = 1) -> list[Row]:
    """Beliefs and majority on trees of 2⁷ and of 2²⁰ leaves, on either side of the threshold."""
    rows = []
    for depth, trees in ((7, SMALL), (20, LARGE)):
        for theta in (ABOVE, BELOW):
            model = TreeModel(2, float(theta), depth)
            made = successes(
                model, ("beliefs",), trees=trees, seed=depth, workers=workers, progress=progress
            )
            middle = float(density_evolution(2, float(theta), depth).success[depth].mean())
            what = f"beliefs on {trees} trees of 2^{depth} leaves, θ = {theta}"
            rows.append(agreement(what, middle, made["beliefs"], trees))
    return rows


def curves() -> tuple[list[Curve], list[Axes]]:
    """Success over θ at several depths; correlation and beliefs over depth."""
    thetas = [k / 40 for k in range(20, 41)]
    made = [
        Curve(f"beliefs, depth {n}", thetas, evolved(2, thetas, n, 120).mean(axis=1).tolist())
        for n in (4, 10, 30)
    ]
    critical = float(census.threshold(2))
    made.append(Curve("bθ² = 1", [critical, critical], [0.5, 1.0]))
    depths = list(range(1, 16))
    for theta in (ABOVE, BELOW):
        exact = [float(census.correlation(2, sp.Rational(theta), n)) for n in depths]
        evolution = density_evolution(2, float(theta), 15, 200).second_moment[1:].mean(axis=1)
        made += [
            Curve(f"census, θ = {theta}", depths, exact, panel=1),
            Curve(f"beliefs, θ = {theta}", depths, evolution.tolist(), "points", panel=1),
        ]
    return made, [
        Axes("θ", "chance to read the root", title="b = 2"),
        Axes("depth", "squared correlation", log_y=True, title="either side of the threshold"),
    ]


def check(progress: Progress | None = None) -> Evidence:
    """The threshold derived, enclosed below and above, and seen on trees of a million leaves."""
    tell = progress or silent
    rows = derived_rows() + belief_rows() + simulated_rows(tell)
    drawn, axes = curves()
    return Evidence(
        rows,
        drawn,
        axes,
        "What the leaves say of the root of the binary tree: beliefs (enclosed by density "
        "evolution) and the census.",
    )
