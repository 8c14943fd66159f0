"""The check of Hardt, Recht and Singer: derived bounds beside coupled runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from backproof.numerics.algorithms.constants import LossConstants, ridge_constants
from backproof.numerics.algorithms.coupled import (
    CoupledRuns,
    coupled_runs,
    exact_expectation,
    expected_bound,
    mean_with_error,
    path_bound,
)
from backproof.numerics.evidence import Axes, Curve, Evidence, Progress, Row, silent
from backproof.numerics.kernel import compile
from backproof.theory.algorithms import expansivity, growth
from backproof.theory.algorithms.expansivity import ALPHA, BETA, GAMMA
from backproof.theory.model import Model
from backproof.theory.trace.tracing import trace

Array = np.ndarray[Any, np.dtype[Any]]
LEVEL = 1e-7
RUNS = 400
PENALTY = 0.5
LOGISTIC = "np.logaddexp(0, -y*(w @ x))"
RIDGE = LOGISTIC + f" + {PENALTY}/2*np.sum(w**2)"
SQUARED = "(special.expit(w @ x) - (1 + y)/2)**2 / 2"  # in [0, 1/2], not convex


@dataclass(frozen=True)
class Setting:
    """A loss, its constants, the steps and the number of examples of one experiment."""

    name: str
    model: Model
    constants: LossConstants
    steps: tuple[float, ...]
    examples: int
    radius: float

    @property
    def factors(self) -> list[float]:
        """η_t, the least factor of each step."""
        beta, gamma = self.constants.smoothness, self.constants.convexity
        return [float(expansivity.factor(sp.Rational(a), beta, gamma)) for a in self.steps]


def settings() -> tuple[Setting, ...]:
    """Logistic regression without and with a penalty, and a bounded loss that is not convex."""
    made = []
    for name, source, radius, examples, steps in (
        ("convex", LOGISTIC, 4, 10, (1.0,) * 40),
        ("strongly convex", RIDGE, 2, 10, (0.5,) * 40),
        ("not convex", SQUARED, 4, 40, tuple(8.0 / t for t in range(1, 41))),
    ):
        model = trace(source, w="d", x="d", y="")
        constants = ridge_constants(model, radius=radius, norm=1, values={"y": (-1, 1)})
        made.append(Setting(name, model, constants, steps, examples, float(radius)))
    return tuple(made)


def neighbours(examples: int, dimension: int, seed: int) -> tuple[list[dict[str, Any]], ...]:
    """Two data sets on the unit sphere with labels ±1; one label differs."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(examples, dimension))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    x = x.round(6) * (1 - 1e-5)  # inside the ball that the constants are for
    y = rng.choice([-1.0, 1.0], size=examples)
    first = [{"x": row, "y": label} for row, label in zip(x, y, strict=True)]
    second = [*first[:-1], {"x": x[-1], "y": -y[-1]}]
    return first, second


def run(setting: Setting, runs: int = RUNS, seed: int = 20160619) -> CoupledRuns:
    """The coupled runs of one experiment, in five dimensions."""
    first, second = neighbours(setting.examples, 5, seed)
    return coupled_runs(
        setting.model,
        first,
        second,
        setting.steps,
        runs=runs,
        seed=seed,
        radius=setting.radius,
        dimension=5,
    )


def loss_gap(model: Model, last: Array) -> Array:
    """The largest |f(w; z) − f(w′; z)| found, for each run: at x along w − w′, w and w′."""
    kernel = compile(model)
    gaps = []
    for w, v in last:
        worst = 0.0
        for direction in (w - v, w, v):
            size = np.linalg.norm(direction)
            x = direction / size if size else direction
            for y in (-1.0, 1.0):
                worst = max(worst, abs(float(kernel(w=w, x=x, y=y)) - float(kernel(w=v, x=x, y=y))))
        gaps.append(worst)
    return np.array(gaps)


def derived_rows() -> list[Row]:
    """What is proved in symbols."""
    short, long = expansivity.short_steps(), expansivity.long_steps()
    remainders = (short.remainder(), long.remainder())
    loose, loose_squared = expansivity.looseness()
    published = expansivity.published_factor()
    gap = ALPHA * GAMMA**2 / (BETA + GAMMA)
    record = growth.strongly_convex(1, sp.Rational(1, 10), 1000)
    squared_gap = gap * (2 - ALPHA * (BETA + GAMMA))
    twice = growth.strongly_convex_limit(published) / growth.strongly_convex_limit()
    return [
        Row("least factor of a step, α ≤ 2/(β+γ)", 1 - ALPHA * GAMMA, "=", short.factor),
        Row("least factor of a step, α ≥ 2/(β+γ)", ALPHA * BETA - 1, "=", long.factor),
        Row("what their certificates leave over", (0, 0), "=", remainders),
        Row("published factor − least factor", gap, "=", loose),
        Row("… before √(1 − 2x) ≤ 1 − x", 0, "=", sp.cancel(loose_squared - squared_gap)),
        Row("its bound / 2L²/(γn)", 1 + GAMMA / BETA, "=", sp.expand(twice)),
        Row("2L²/(γn) for L = 1, γ = 1/10, n = 1000", Fraction(1, 50), "=", record),
        Row("slope of the trade-off at t₀ (log ratio)", 0, "=", growth.is_stationary()),
        Row("bound at t₀ / published form (log)", 0, "=", growth.published_nonconvex()),
    ]


def attained_rows() -> list[Row]:
    """Losses for which the bounds are equalities: every path of a small run, in fractions."""
    half, third, one = Fraction(1, 2), Fraction(1, 3), Fraction(1)
    steps = [half, third, third, half]
    linear = exact_expectation(lambda w, z: z, [one, -one, one], [one, -one, -one], steps)
    bound = growth.convex(1, 3, sum(steps, Fraction(0)))
    alpha, gamma, length = half, third, 5
    curved = exact_expectation(
        lambda w, z: gamma * w + z, [one, -one, one], [one, -one, -one], [alpha] * length
    )
    values = {growth.LIPSCHITZ: 1, growth.EXAMPLES: 3, ALPHA: alpha, growth.STEPS: length}
    least = expansivity.short_steps().factor
    predicted = growth.distance_after(least).subs({**values, GAMMA: gamma})
    w = sp.Symbol("w")
    moved = sp.diff(w - ALPHA * sp.diff(GAMMA * w**2 / 2, w), w)
    return [
        Row("f = wz attains 2L²/n Σα", bound, "=", linear, level="enumerated"),
        Row("½γw² + wz attains E δ_T with D for 2L", predicted, "=", curved, level="enumerated"),
        Row("½γw² attains the least factor", least, "=", moved),
    ]


def constant_rows(made: Sequence[Setting]) -> list[Row]:
    """L, β and γ against what one finds by hand: sup σ = σ(rR), sup σ′ = ¼."""
    convex, strong, bounded = (setting.constants for setting in made)
    slope = 1 / (1 + np.exp(-made[0].radius))
    smooth, steep = float(convex.smoothness), float(convex.lipschitz)
    level = "certified"
    return [
        Row("β of the logistic loss, |x| ≤ 1", Fraction(1, 4), "≤", smooth, level=level),
        Row("… and no more than 0.001 above", Fraction(1, 4), "~", smooth, 1e-3, level),
        Row("L of the logistic loss, |w| ≤ 4", slope, "~", steep, 1e-3, level),
        Row("γ with a penalty of ½", Fraction(1, 2), "=", strong.convexity, level=level),
        Row("γ of the squared loss is negative", 0, "≥", float(bounded.convexity), level=level),
    ]


def run_rows(setting: Setting, made: CoupledRuns) -> list[Row]:
    """Coupled runs against the bound of each path, and their mean against its expectation."""
    constants, spread = setting.constants, float(setting.constants.spread)
    paths = path_bound(made.hits, setting.steps, setting.factors, spread)
    violations = int((made.distance > paths * (1 + 1e-9) + 1e-12).sum())
    above = f"{setting.name}: δ_t above the bound of its path"
    rows = [Row(above, 0, "=", violations, level="computed")]
    bound = float(stability(setting))
    gaps = loss_gap(setting.model, made.last)
    lipschitz = float(constants.lipschitz)
    largest = lipschitz * spread * float(sum(setting.steps))
    largest = min(largest, 2 * lipschitz * setting.radius)
    if setting.name == "not convex":
        largest = min(largest, 0.5)  # all of its range
    mean, error = mean_with_error(gaps, largest, LEVEL)
    rows.append(
        Row(
            f"{setting.name}: bound, and E|f(w; z) − f(w′; z)| + its error",
            bound,
            "≥",
            mean + error,
            level=f"statistical at {LEVEL:g}",
        )
    )
    return rows


def stability(setting: Setting) -> sp.Expr:
    """The bound of the theorem for a setting."""
    constants, n = setting.constants, setting.examples
    if setting.name == "convex":
        return growth.convex(constants.lipschitz, n, sp.Rational(sum(setting.steps)))
    if setting.name == "strongly convex":
        return growth.strongly_convex(constants.lipschitz, constants.convexity, n)
    rate = sp.Rational(setting.steps[0])
    return growth.nonconvex(constants.lipschitz, constants.smoothness, rate, n, len(setting.steps))


def curves_of(setting: Setting, made: CoupledRuns, panel: int) -> list[Curve]:
    """Bound and actual: L E δ_t over the steps."""
    lipschitz = float(setting.constants.lipschitz)
    when = list(range(len(setting.steps) + 1))
    doubled = expected_bound(setting.steps, setting.factors, 2 * lipschitz, setting.examples)
    sharper = expected_bound(
        setting.steps, setting.factors, float(setting.constants.spread), setting.examples
    )
    mean = (lipschitz * made.distance.mean(0)).tolist()
    curves = [
        Curve("bound with 2L", when, (lipschitz * doubled).tolist(), panel=panel),
        Curve("mean of the runs", when, mean, "points", panel=panel),
    ]
    if not np.allclose(doubled, sharper, rtol=1e-3):
        curves.insert(1, Curve("bound with D", when, (lipschitz * sharper).tolist(), panel=panel))
    if setting.name == "strongly convex":
        limit = float(stability(setting))
        curves.insert(0, Curve("2L²/(γn)", when, [limit] * len(when), panel=panel))
    return curves


def factor_curves(panel: int) -> list[Curve]:
    """The published factor and the least one for α = 1/β, over γ/β."""
    ratios = [Fraction(k, 20) for k in range(21)]
    values = [{ALPHA: 1, BETA: 1, GAMMA: sp.Rational(r)} for r in ratios]
    least, published = expansivity.short_steps().factor, expansivity.published_factor()
    x = [float(r) for r in ratios]
    return [
        Curve(
            "1 − αβγ/(β+γ), published", x, [float(published.subs(v)) for v in values], panel=panel
        ),
        Curve("1 − αγ, least", x, [float(least.subs(v)) for v in values], panel=panel),
    ]


def check(progress: Progress | None = None) -> Evidence:
    """The bounds derived, attained, and held against coupled runs on neighbouring data sets."""
    tell = progress or silent
    rows = derived_rows() + attained_rows()
    made = settings()
    rows += constant_rows(made)
    curves = factor_curves(0)
    axes = [Axes("γ/β", "factor of a step", title="Expansivity for α = 1/β")]
    for n, setting in enumerate(made):
        tell("coupled runs", n, len(made))
        runs = run(setting)
        rows += run_rows(setting, runs)
        curves += curves_of(setting, runs, n + 1)
        axes.append(Axes("step", "L E δ", title=setting.name))
    tell("coupled runs", len(made), len(made))
    return Evidence(
        rows,
        curves,
        axes,
        f"Bounds of L E δ and the mean of {RUNS} coupled runs on data sets that differ in a label.",
    )
