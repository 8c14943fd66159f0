"""The check of deep against shallow: bλ > 1 > bλ² on the tree with 32 children and 512 colours."""

from __future__ import annotations

from fractions import Fraction

import sympy as sp

from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.numerics.generative.kesten_stigum import agreement
from backproof.numerics.generative.proportions import clopper_pearson
from backproof.numerics.generative.trees import TreeModel, census_successes, successes
from backproof.theory.generative import census, percolation
from backproof.theory.generative.plurality import Plurality

LEVEL = 1e-7
B, COLOURS, COPIES = 32, 512, Fraction(1, 8)
KEPT = Fraction(37, 50)  # F(p) ≥ p there
TREES = 20  # of 2²⁰ leaves
CENSUSES = 300


def percolation_rows() -> list[Row]:
    """Survival at its fixed point, and the formula for two children."""
    lam = percolation.LAMBDA
    rows = [Row("survival for b = 2", (2 * lam - 1) / lam**2, "=", percolation.survival(2))]
    for b, lam_value, stated in (
        (2, "3/5", 5 / 9),
        (3, "1/2", 0.7639320225),
        (4, "3/10", 0.4016653388),
    ):
        found = float(percolation.survival(b, sp.Rational(lam_value)))
        rows.append(
            Row(f"survival, b = {b}, λ = {lam_value}", stated, "~", found, 1e-9, "computed")
        )
        run = float(percolation.reached(b, float(Fraction(lam_value)), 0))
        for _ in range(400):
            run = 1 - (1 - float(Fraction(lam_value)) * run) ** b
        rows.append(Row("… and its recursion after 400 levels", found, "~", run, 1e-9, "computed"))
    return rows


def deep_rows(rule: Plurality) -> list[Row]:
    """Recursive plurality reads the root at every depth, exactly."""
    low, high = rule.enclosed(60)[-1]
    return [
        Row("bλ", 4, "=", B * COPIES),
        Row("bλ²", Fraction(1, 2), "=", B * COPIES**2),
        Row("more votes win more often", True, "=", rule.increasing),
        Row("p and F(p): so every depth succeeds so often", KEPT, "≤", float(rule.step(KEPT))),
        Row("… and success at depth 60", KEPT, "≤", float(low)),
        Row("width of its enclosure", 1e-15, "≥", float(high - low)),
    ]


def shallow_rows(made: list[int]) -> list[Row]:
    """The census loses the root with depth."""
    level = f"statistical at {LEVEL:g}"
    depth = len(made) + 1
    upper = clopper_pearson(made[-1], CENSUSES, LEVEL)[1]
    correlation = census.correlation(B, sp.Rational(COPIES), depth)
    return [
        Row(f"(bλ²)^{depth} and ρ² of a census", (B * COPIES**2) ** depth, "≥", correlation),
        Row(
            f"deep at every depth; the census at depth {depth}, its error added",
            float(KEPT),
            "≥",
            upper,
            level=level,
        ),
        Row(f"a tenth; the census at depth {depth}, its error added", 0.1, "≥", upper, level=level),
    ]


def check(progress: Progress | None = None) -> Evidence:
    """Deep by exact recursion and on trees of 2²⁰ leaves; shallow down to 2⁵⁰ leaves."""
    tell = progress or silent
    rule = Plurality(B, COLOURS, COPIES)
    rows = percolation_rows() + deep_rows(rule)
    bounds = rule.enclosed(10)
    deep = []
    for depth, trees in ((1, 400), (2, 400), (3, 100), (4, TREES)):
        model = TreeModel(B, float(COPIES), depth, COLOURS)
        right = successes(model, ["plurality"], trees=trees, seed=depth, progress=tell)["plurality"]
        what = f"plurality on {trees} trees of 2^{5 * depth} leaves"
        rows.append(agreement(what, float(bounds[depth][0]), right, trees))
        deep.append(right / trees)
    depths = list(range(2, 11))
    shallow = []
    for depth in depths:
        tell("censuses", depth, depths[-1])
        model = TreeModel(B, float(COPIES), depth, COLOURS)
        shallow.append(census_successes(model, trees=CENSUSES, seed=depth))
    rows += shallow_rows(shallow)
    return Evidence(rows, *figure(bounds, deep, depths, shallow))


def figure(
    bounds: list[tuple[Fraction, Fraction]],
    deep: list[float],
    depths: list[int],
    shallow: list[int],
) -> tuple[list[Curve], list[Axes], str]:
    """Success over depth, and where deep is needed."""
    ends = [clopper_pearson(right, CENSUSES, 0.01) for right in shallow]
    every = list(range(1, 11))
    sizes = list(range(2, 65))
    curves = [
        Curve("recursive plurality, exact", every, [float(bounds[n][0]) for n in every]),
        Curve("… on whole trees", [1, 2, 3, 4], deep, "points"),
        Curve("census", depths, [right / CENSUSES for right in shallow], "points"),
        Curve("census, 99 %", depths, [low for low, _ in ends], "band", [high for _, high in ends]),
        Curve("chance", every, [1 / COLOURS] * len(every)),
        Curve("bλ² = 1", sizes, [float(census.threshold(b)) for b in sizes], panel=1),
        Curve("bλ = 1", sizes, [1 / b for b in sizes], panel=1),
        Curve("only deep", sizes, [1 / b for b in sizes], "band", [b**-0.5 for b in sizes], 1),
        Curve("shown on the left", [B], [float(COPIES)], "points", panel=1),
    ]
    axes = [
        Axes("depth", "chance to read the root", title="b = 32, q = 512, λ = 1/8"),
        Axes("children b", "copying λ", title="bλ > 1 > bλ²"),
    ]
    return curves, axes, "Deep reads the root at every depth; the census loses it."
