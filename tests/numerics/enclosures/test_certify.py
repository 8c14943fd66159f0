"""`bp.certify` is never wrong: random networks against dense sampling in extended precision.

A sample that exceeds `upper`, or a point where |N − f| is below `lower`, would refute it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp
from oracles.networks_in_mpmath import Weights, densely, exactly, value

import backproof as bp
from backproof.numerics.enclosures import search as searching
from backproof.numerics.enclosures.feedforward import FeedForward, deep, shallow
from backproof.theory.scalars import relu, sigmoid, softplus, step
from laws.enclosures import cover_is_whole, lower_is_attained, no_sample_exceeds

CASES = Path(__file__).parents[2] / "cases"
NETWORKS = json.loads((CASES / "networks.json").read_text("utf-8"))
RESULTS = {case["id"]: case for case in json.loads((CASES / "results.json").read_text("utf-8"))}
SYMBOLS = sp.symbols("x y z")
x, y, z = SYMBOLS
ACTIVATIONS = ("sigmoid", "tanh", "softplus", "relu", "step")
TARGETS: dict[int, list[tuple[sp.Expr, Callable[..., Any]]]] = {
    1: [
        (sp.sin(3 * x), lambda x: np.sin(3 * x)),
        (sp.Abs(x - sp.Rational(1, 3)), lambda x: abs(x - np.longdouble(1) / 3)),
        (sp.exp(-(x**2)), lambda x: np.exp(-(x**2))),
        (sp.Piecewise((x, x < sp.S.Half), (1 - x, True)), lambda x: np.where(x < 0.5, x, 1 - x)),
    ],
    2: [
        (x * y, lambda x, y: x * y),
        (sp.cos(x - 2 * y), lambda x, y: np.cos(x - 2 * y)),
        (sp.Max(x, y), lambda x, y: np.maximum(x, y)),
    ],
    3: [(x * y * z, lambda x, y, z: x * y * z)],
}


def random_network(
    random: np.random.Generator, d: int, activation: str
) -> tuple[Weights, FeedForward]:
    """One or two hidden layers, with steep and with gentle units."""
    widths = [int(random.integers(1, 9)) for _ in range(random.integers(1, 3))]
    sizes, layers = [d, *widths, 1], []
    for fan_in, units in pairwise(sizes):
        scale = 10.0 ** random.uniform(-0.5, 1.2)
        layers.append((random.normal(0, scale, (units, fan_in)), random.normal(0, scale, units)))
    return layers, deep(layers, activation)


def check(seed: int, samples: int, rtol: float = 0.05) -> None:
    """One random network against one target."""
    random = np.random.default_rng(seed)
    d = int(random.choice([1, 1, 1, 2, 2, 3]))
    activation = ACTIVATIONS[seed % len(ACTIVATIONS)]
    layers, network = random_network(random, d, activation)
    target, sampled = TARGETS[d][seed % len(TARGETS[d])]
    domain = [tuple(sorted(random.uniform(-1.5, 1.5, 2))) for _ in range(d)]
    claim = bp.certify(network, target, domain if d > 1 else domain[0], rtol, most=20_000)
    low, high = np.array(domain).T
    points = random.uniform(low, high, (samples, d))
    points[: 2**d] = np.array(np.meshgrid(*domain)).reshape(d, -1).T
    got = densely(layers, activation, points) - sampled(*points.astype(np.longdouble).T)
    no_sample_exceeds(claim, got)
    cover_is_whole(claim.low, claim.high, domain)
    lower_is_attained(
        claim,
        lambda p: exactly(layers, activation, p) - value(target, SYMBOLS[:d], p),
    )
    assert all(a <= c <= b for (a, b), c in zip(domain, claim.point or (), strict=True))


def several(networks: int) -> None:
    """As many random networks."""
    for seed in range(networks):
        check(seed, 200)


@pytest.mark.parametrize("first", range(0, 250, 50))
def test_random_networks(first: int, tally: Callable[[str, int], None]) -> None:
    for seed in range(first, first + 50):
        check(seed, 2000)
    tally("random networks certified and compared with samples", 50)


@pytest.mark.sweep
@pytest.mark.parametrize("first", range(1000, 6000, 250))
def test_many_random_networks(first: int) -> None:
    for seed in range(first, first + 250):
        check(seed, 20_000)


# Known answers -----------------------------------------------------------------------------

FITTED = {"sin2pi": sp.sin(2 * sp.pi * x), "sq": x**2, "absx": sp.Abs(x - sp.S.Half)}


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_on_file(name: str) -> None:
    case = NETWORKS[name]
    network = shallow(case["c"], case["w"], case["b"], case["c0"])
    claim = bp.certify(network, FITTED[case["target"]], (0, 1), rtol=0.01)
    assert claim.met
    assert claim.lower * (1 - 1e-9) <= case["E"] <= claim.upper * (1 + 1e-3)
    layers = [(np.array(case["w"])[:, None], case["b"]), ([case["c"]], [case["c0"]])]
    lower_is_attained(
        claim, lambda p: exactly(layers, "sigmoid", p) - value(FITTED[case["target"]], (x,), p)
    )
    if f"supnorm-{name}" in RESULTS:
        expected = RESULTS[f"supnorm-{name}"]["expected"]
        assert claim.lower <= expected["U"]
        assert claim.upper >= expected["L"]
        assert claim.upper / claim.lower <= 1.01


KNOWN: list[tuple[Any, Any, Any, float]] = [
    (x**2, x, (0, 1), 0.25),
    (sp.Abs(x), 0, (-2, 1), 2.0),
    (sp.sqrt(x), x, (0, 1), 0.25),
    (sp.Heaviside(x - sp.Rational(1, 3)), x, (0, 1), 2 / 3),
    (sp.sin(x) ** 2 + sp.cos(x) ** 2, sp.Rational(1, 2), (0, 7), 0.5),
    (x * (1 - x) * y * (1 - y), 0, (0, 1), 1 / 16),
    (sp.exp(-(x**2) - y**2 - z**2), 0, (-1, 1), 1.0),
    (x, 0, [(0, 1), (2, sp.pi)], float(sp.pi)),
    (sp.Abs(x - y), sp.Max(x, y), [[(0, 1), (0, 1)], [(2, 3), (0, 1)]], 1.0),
    (sigmoid(x) * (1 - sigmoid(x)), 0, (-3, 4), 0.25),
    (relu(x) - relu(x - 1), step(x), (-1, 2), 1.0),
    (softplus(x), relu(x), (-5, 5), float(sp.log(2))),
]


@pytest.mark.parametrize(("f", "g", "domain", "expected"), KNOWN, ids=str)
def test_known_distances(f: Any, g: Any, domain: Any, expected: float) -> None:
    claim = bp.certify(f, g, domain, rtol=1e-4)
    assert claim.met
    assert claim.lower <= expected * (1 + 1e-9)
    assert expected * (1 - 1e-9) <= claim.upper
    assert claim.rests_on == {"enclosed", "assumed"}


@pytest.mark.parametrize("p", [1, 2, 3, sp.Rational(3, 2), 4])
def test_mean_distances(p: Any) -> None:
    """‖x − 1/3‖_p on [0, 1] by hand: ((1/3)^{p+1} + (2/3)^{p+1})/(p + 1)."""
    claim = bp.certify(x, sp.Rational(1, 3), (0, 1), norm=p, rtol=1e-3)
    third = sp.Rational(1, 3)
    exact = float(((third ** (p + 1) + (2 * third) ** (p + 1)) / (p + 1)) ** (1 / sp.sympify(p)))
    assert claim.met
    assert claim.lower <= exact <= claim.upper


@pytest.mark.parametrize("engine", ["float", "ball"])
def test_a_domain_of_few_floats(engine: str) -> None:
    """∫ 1 over [1/3, 1/3 + 2⁻⁵⁰], whose ends are no floats: their rounding is a tenth of it."""
    if engine == "ball":
        pytest.importorskip("flint", reason="the ball engine needs python-flint")
    ends = sp.Rational(1, 3), sp.Rational(1, 3) + sp.Rational(1, 2**50)
    claim = bp.certify(1 + 0 * x, 0, ends, norm=1, engine=engine)
    assert sp.Rational(claim.lower) <= ends[1] - ends[0] <= sp.Rational(claim.upper)
    assert claim.lower > 0


def test_mean_distances_of_the_plane() -> None:
    claim = bp.certify(x * y, 0, [(0, 1), (0, 2)], norm=2, rtol=1e-3)
    assert claim.lower <= (8 / 9) ** 0.5 <= claim.upper


def test_derivatives_too() -> None:
    """sin 2x and its first two derivatives against zero: 4; a shallow network: by SymPy."""
    claim = bp.certify(sp.sin(2 * x), 0, (0, 3), derivatives=2, rtol=1e-4)
    assert claim.lower <= 4 <= claim.upper
    network = shallow([1.0, -2.0], [3.0, -1.0], [0.5, 0.25], activation="tanh")
    formula = sp.tanh(3 * x + 0.5) - 2 * sp.tanh(-x + 0.25)
    claim = bp.certify(network, 0, (-1, 1), derivatives=2, rtol=1e-3)
    same = bp.certify(formula, 0, (-1, 1), derivatives=2, rtol=1e-3)
    assert claim.lower <= same.upper
    assert same.lower <= claim.upper
    plane = shallow([1.0], [[2.0, 3.0]], [0.0], activation="sigmoid")
    claim = bp.certify(plane, sp.S.Half, (-1, 1), derivatives=1, rtol=1e-3)  # 3 σ′(0)
    assert claim.lower <= 0.75 <= claim.upper


def test_two_networks() -> None:
    one = shallow([2.0], [2.0], [0.0], -1.0, activation="sigmoid")  # 2 σ(2x) − 1 = tanh x
    two = shallow([1.0], [1.0], [0.0], activation="tanh")
    claim = bp.certify(one, two, (-3, 3))
    assert claim.lower == 0
    assert claim.upper < 1e-12
    assert not claim.met


@dataclasses.dataclass(frozen=True)
class Numbers(bp.Model):
    """A model that knows the numbers of its one hidden layer, as those of `bp.networks` do."""

    c: tuple[sp.Expr, ...] = ()
    w: tuple[tuple[sp.Expr, ...], ...] = ()
    b: tuple[sp.Expr, ...] = ()
    c0: sp.Expr = sp.S.Zero
    activation: str = "sigmoid"


def test_models() -> None:
    third = sp.Rational(1, 3)  # no float: its rounding is counted
    traced = bp.trace("np.exp(-x**2)", x="")
    model = Numbers(
        **vars(traced),
        c=(third, -third),
        w=((sp.Integer(2),), (third,)),
        b=(third, sp.S.One),
        c0=third,
    )
    formula = third + third * sigmoid(2 * x + third) - third * sigmoid(x / 3 + 1)
    assert bp.certify(model, formula, (-2, 2)).upper < 1e-12
    claim = bp.certify(model, traced, (-2, 2), rtol=1e-3)
    same = bp.certify(formula, sp.exp(-(x**2)), (-2, 2), rtol=1e-3)
    assert claim.lower <= same.upper
    assert same.lower <= claim.upper
    plane = bp.trace("x[0]*x[1]", x="2")
    assert bp.certify(plane, 0, (0, 1)).point == (1.0, 1.0)
    with pytest.raises(bp.BackproofError, match="symbols for weights"):
        bp.certify(dataclasses.replace(model, c=(sp.Symbol("c"), third)), 0)
    with pytest.raises(bp.BackproofError, match="parameters W1"):
        bp.certify(bp.networks.mlp([1, 1], "tanh", "gaussian"), 0)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softplus", "relu"])
def test_models_with_arrays(activation: str) -> None:
    """A deep network as `bp.networks` states it, against its kernel at many points."""
    sizes, random = [2, 4, 3, 1], np.random.default_rng(3)
    model = bp.networks.mlp(sizes, activation=activation, likelihood="gaussian").up_to("z3")
    numbers = {n: random.normal(size=tuple(map(int, t.shape))) for n, t in model.parameters.items()}
    claim = bp.certify(model, x * y, (0, 1), parameters=numbers)
    points = random.uniform(0, 1, (4000, 2))
    values = bp.compile(model)(x=points, **numbers)[:, 0] - points[:, 0] * points[:, 1]
    assert np.abs(values).max() <= claim.upper * (1 + 1e-12)
    layers = [(numbers[f"W{n}"], numbers[f"b{n}"]) for n in (1, 2, 3)]
    lower_is_attained(claim, lambda p: exactly(layers, activation, p) - value(x * y, (x, y), p))
    with pytest.raises(bp.BackproofError, match="no numbers for b3"):
        bp.certify(model, 0, parameters={n: a for n, a in numbers.items() if n != "b3"})
    whole = bp.networks.mlp(sizes, activation=activation, likelihood="gaussian")
    with pytest.raises(bp.BackproofError, match="inputs x, y"):
        bp.certify(whole, 0, parameters=numbers)


# Mutants -----------------------------------------------------------------------------------


def test_a_box_that_is_skipped_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = searching.cut

    def skipping(*arguments: Any) -> Any:
        low, high = cut(*arguments)
        return low[1:], high[1:]

    monkeypatch.setattr(searching, "cut", skipping)
    with pytest.raises(AssertionError):
        several(20)


def test_a_lower_bound_that_is_not_attained_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    at = searching.at
    monkeypatch.setattr(searching, "at", lambda *a: at(*a) * (1 + 1e-9))
    with pytest.raises(AssertionError):
        several(20)


# Refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((sp.gamma(x), 0), "function gamma"),
        ((x, sp.Symbol("q") + y, (0, 1), 2), "rtol"),
        ((shallow([1.0], [1.0], [0.0]), x + y), "variables x, y"),
        ((x, 0, (1, 0)), "domain"),
        ((x, 0, "0,1"), "domain"),
        ((x, 0, (0, sp.oo)), "domain"),
        ((x, 0, [(0, 1, 2)]), "pairs"),
        (("x", 0), "type str"),
        ((sp.symbols("a:4")[0] + sum(sp.symbols("a:4")), 0), "4 dimensions"),
        ((x + sp.I, 0), "constant"),
    ],
    ids=str,
)
def test_refusals(arguments: tuple[Any, ...], words: str) -> None:
    with pytest.raises(bp.BackproofError, match=words):
        bp.certify(*arguments)


def test_weights_are_checked() -> None:
    with pytest.raises(bp.BackproofError, match="not finite"):
        shallow([1.0], [np.nan], [0.0])
    with pytest.raises(bp.BackproofError, match="layer 2"):
        shallow([1.0, 2.0], [1.0], [0.0])
    with pytest.raises(bp.BackproofError, match="activation"):
        shallow([1.0], [1.0], [0.0], activation="swish")


def test_fifty_digits_are_fifty() -> None:
    with mpmath.workdps(50):
        assert abs(exactly([([[1.0]], [0.0])], "tanh", [0.1]) - mpmath.mpf(0.1)) == 0
