"""The ball engine: what it holds, what it verifies, and a mutant of it that is refuted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from oracles.networks_in_mpmath import densely, exactly, value

import backproof as bp
from backproof.numerics.enclosures.basis import basis
from backproof.numerics.enclosures.expressions import Expression
from backproof.numerics.enclosures.feedforward import deep, shallow
from backproof.numerics.enclosures.search import Difference
from backproof.theory.scalars import absolute, relu, sigmoid, softplus, step
from laws.enclosures import lower_is_attained, no_sample_exceeds

flint = pytest.importorskip("flint", reason="the ball engine needs python-flint")
from backproof.numerics.enclosures.balls import enclosing, functions, integrals  # noqa: E402
from backproof.numerics.enclosures.balls.arithmetic import Precision, arb  # noqa: E402
from backproof.numerics.enclosures.balls.model import Box  # noqa: E402
from backproof.numerics.enclosures.balls.verification import verified  # noqa: E402

NETWORKS = json.loads((Path(__file__).parents[2] / "cases" / "networks.json").read_text("utf-8"))
x, y = sp.symbols("x y")
TARGETS = {"sin2pi": sp.sin(2 * sp.pi * x), "sq": x**2, "absx": sp.Abs(x - sp.S.Half)}
EXPRESSIONS: list[sp.Expr] = [
    sp.sin(2 * sp.pi * x) * sp.exp(-x * y) / 3 + sp.log(3 + x),
    (x + y) ** 7 - x**3 * y / 7,
    sigmoid(3 * x - y) * sp.tanh(x * y) + softplus(x**2 - 5 * y),
    1 / (2 + x + y**2) - sp.sqrt(3 + x * y) + (4 + x) ** sp.Rational(1, 3),
    sp.atan(x - y) * sp.erf(x) - sp.cosh(x) + sp.tan(y / 3) + sp.cos(sp.sqrt(2)),
    1 / (x - 5) + (y - 4) ** -3 * sp.sqrt(y + 2),
    sp.Abs(x - y / 2) + relu(x + y) - absolute(y),
    sp.Max(x, y, x * y) - sp.Min(x, sp.Rational(1, 3)),
    step(x) + sp.sign(y) * x,
    sp.Piecewise((x**2, x < y), (x * y, y > sp.S.Half), (sp.cos(x), True)),
    sp.Piecewise((sp.exp(x), sp.And(x > 0, y > 0)), (1 + x, sp.Or(x < -1, y > 0)), (0, True)),
]


def holds(expression: sp.Expr, degree: int, seed: int = 0) -> None:
    """Σ C_α t^α holds f(m + r t), by SymPy's evaluation in 50 digits."""
    random = np.random.default_rng(seed)
    for _ in range(6):
        centre, radius = random.uniform(-1, 1, 2), 10.0 ** random.uniform(-6, -0.5, 2)
        with Precision(degree + 2):
            box = Box(basis(2, degree), tuple(map(arb, centre)), tuple(map(arb, radius)))
            model = enclosing.enclose(Expression(expression, (x, y)), box)
            for t in [*np.array([[1, 1], [-1, 1], [1, -1], [-1, -1.0]]), random.uniform(-1, 1, 2)]:
                point = [
                    sp.Rational(m) + sp.Rational(r) * sp.Rational(s)
                    for m, r, s in zip(centre, radius, t, strict=True)
                ]
                exact = arb(
                    str(sp.N(expression.subs(dict(zip((x, y), point, strict=True))), 50)), 1e-40
                )
                total = arb(0)
                for exponent, c in zip(box.basis.exponents, model.c, strict=False):
                    for s, k in zip(t, exponent, strict=True):
                        c = c * arb(s) ** k
                    total = total + c
                assert total.overlaps(exact), (expression, centre, radius, t)


@pytest.mark.parametrize("degree", [0, 1, 3])
@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_a_model_holds_its_function(expression: sp.Expr, degree: int) -> None:
    holds(expression, degree)


def test_a_remainder_that_is_dropped_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    curve = functions.CURVES[sigmoid]
    broken = replace(curve, bound=lambda z, order: curve.bound(z, order) / 16)
    monkeypatch.setitem(functions.CURVES, sigmoid, broken)
    with pytest.raises(AssertionError):
        holds(sigmoid(x), 1)


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_on_file(name: str) -> None:
    case = NETWORKS[name]
    network, target = shallow(case["c"], case["w"], case["b"], case["c0"]), TARGETS[case["target"]]
    claim = bp.certify(network, target, engine="ball")
    assert claim.rests_on == {"enclosed"}
    assert claim.met
    assert claim.lower <= case["E"] * (1 + 1e-6)
    assert claim.upper >= case["E"] * (1 - 1e-6)
    float_claim = bp.certify(network, target)
    assert claim.upper <= float_claim.upper * (1 + 1e-9)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softplus", "relu", "step"])
@pytest.mark.parametrize("d", [1, 2])
def test_random_networks(activation: str, d: int, tally: Callable[[str, int], None]) -> None:
    random = np.random.default_rng([d, *map(ord, activation)])
    for depth in (1, 2):
        sizes = [d, *random.integers(1, 5, depth), 1]
        layers = [(random.normal(0, 2, (m, n)), random.normal(0, 1, m)) for n, m in pairwise(sizes)]
        target = sp.sin(x) if d == 1 else x * y
        claim = bp.certify(
            deep(layers, activation), target, (-1, 1), rtol=0.1, engine="ball", most=2000
        )
        points = random.uniform(-1, 1, (5000, d)).astype(np.longdouble)
        f = np.sin(points[:, 0]) if d == 1 else points[:, 0] * points[:, 1]
        no_sample_exceeds(claim, densely(layers, activation, points) - f)
        lower_is_attained(
            claim,
            lambda p, l=layers, a=activation, f=target: exactly(l, a, p) - value(f, (x, y)[:d], p),
        )
        tally("random networks verified in ball arithmetic", 1)


def test_a_wrong_certificate_is_mended() -> None:
    """A claim whose upper bound is too small gets the one that the balls show."""
    claim = bp.certify(x**2, x)
    wrong = replace(claim, upper=0.2)
    right = verified(wrong, Difference(Expression(x**2, (x,)), Expression(x, (x,))))
    assert right.upper >= 0.25
    assert not right.met


def test_the_coq_engine_has_no_mean_distances() -> None:
    with pytest.raises(bp.BackproofError, match="engine"):
        bp.certify(x**2, x, engine="coq", norm=2)


def test_a_constant_that_balls_do_not_have() -> None:
    with pytest.raises(bp.BackproofError, match="constant"):
        bp.certify(x * sp.zeta(3), 0, engine="ball")


@pytest.mark.parametrize("p", [1, 2, 3, sp.Rational(3, 2)])
def test_mean_distances(p: Any) -> None:
    """‖x − 1/3‖_p on [0, 1] by hand: ((1/3)^{p+1} + (2/3)^{p+1})/(p + 1)."""
    third, p = sp.Rational(1, 3), sp.sympify(p)
    exact = (((third ** (p + 1) + (2 * third) ** (p + 1)) / (p + 1)) ** (1 / p)).evalf(40)
    claim = bp.certify(x, third, (0, 1), norm=p, rtol=1e-3, engine="ball")
    assert claim.rests_on == {"enclosed"}
    assert claim.met
    assert claim.lower <= exact <= claim.upper


def test_an_integral_that_loses_a_box_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """∫∫ (xy)² over [0, 1] × [0, 2] is 8/9."""
    exact = sp.sqrt(sp.Rational(8, 9)).evalf(40)
    domain = [(0, 1), (0, 2)]
    claim = bp.certify(x * y, 0, domain, norm=2, rtol=1e-3, engine="ball")
    assert claim.lower <= exact <= claim.upper
    whole = integrals.integrated
    monkeypatch.setattr(
        integrals, "integrated", lambda q, low, high, *a: whole(q, low[1:], high[1:], *a)
    )
    claim = bp.certify(x * y, 0, domain, norm=2, rtol=1e-3, engine="ball")
    assert not claim.lower <= exact <= claim.upper
