"""Regularisers: penalties, gradients with their conventions, and proximal maps that are derived."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import mpmath
import pytest
import sympy as sp

from backproof.theory.calculus.derivation import derive
from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.evaluation.exact import evaluate
from backproof.theory.gates import CLOSED, density, gate, open_probability
from backproof.theory.networks import mlp
from backproof.theory.proximal import CENTRE, SCALE, Proximal, proximal
from backproof.theory.regularisers import (
    REGULARISERS,
    Regulariser,
    elastic_net,
    group_lasso,
    hard_concrete,
    l0,
    l1,
    l2,
)
from backproof.theory.scalars import absolute, defined, nonzero, relu, sgn
from laws.proximal import (
    DIGITS,
    PENALTIES,
    it_minimises,
    moreau_decomposition,
    nothing_is_moved_apart,
    ties_go_to_zero,
)

CONVEX = (l2, l1, elastic_net)
CLOSED_FORM = (*CONVEX, l0)
WEIGHTS = [mpmath.mpf("-1.25"), mpmath.mpf("0.5"), mpmath.mpf(2)]


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    with mpmath.workdps(DIGITS):
        yield


def name(thing: Any) -> str:
    return getattr(thing, "name", getattr(thing, "__name__", ""))


# Proximal maps -----------------------------------------------------------------------------


@pytest.mark.parametrize("regulariser", CLOSED_FORM, ids=name)
def test_the_map_minimises(regulariser: Regulariser, tally: Callable[[str, int], None]) -> None:
    compared = it_minimises(regulariser.derived_proximal(), regulariser)
    assert compared >= 36
    tally("proximal maps against minimisation", compared)


@pytest.mark.parametrize("regulariser", CONVEX, ids=name)
@pytest.mark.parametrize("law", [moreau_decomposition, nothing_is_moved_apart], ids=name)
def test_laws_of_convex_penalties(law: Callable[..., None], regulariser: Regulariser) -> None:
    law(regulariser.derived_proximal(), regulariser)


def test_ties() -> None:
    assert [r.name for r in CLOSED_FORM if r.derived_proximal().jumps] == ["l0"]
    ties_go_to_zero(l0.derived_proximal(), l0)


def test_moreau_needs_convexity() -> None:
    with pytest.raises(AssertionError):
        moreau_decomposition(l0.derived_proximal(), l0)


v, t, λ, μ = CENTRE, SCALE, *sp.symbols("λ μ", positive=True)
FORMS = {
    "l2": v / (1 + 2 * t * λ),
    "l1": sgn(v) * relu(absolute(v) - t * λ),
    "elastic_net": sgn(v) * relu(absolute(v) - t * λ) / (1 + 2 * t * μ),
}


@pytest.mark.parametrize("regulariser", CONVEX, ids=name)
def test_the_form_of_the_books(regulariser: Regulariser) -> None:
    """Parikh and Boyd, Proximal Algorithms (2014), sections 6.1.3 and 6.5.2."""
    assert sp.factor(regulariser.derived_proximal().map - FORMS[regulariser.name]) == 0


@pytest.mark.parametrize(
    ("penalty", "threshold"),
    [
        (lambda w, λ, μ: λ * nonzero(w) + μ * w**2, "2*sqrt(t*λ*(1+2*t*μ)/2)"),
        (lambda w, λ, μ: λ * nonzero(w) + μ * absolute(w), "sqrt(2*t*λ)+t*μ"),
    ],
)
def test_the_derivation_is_general(penalty: Callable[..., Any], threshold: str) -> None:
    """Penalties that nobody listed: L0 with a ridge, and L0 with a lasso."""
    both = replace(elastic_net, name="both", penalty=penalty)
    derived = both.derived_proximal()
    assert (
        sp.expand(derived.threshold**2 - sp.sympify(threshold, {"λ": λ, "μ": μ, "t": t}) ** 2) == 0
    )
    plain = {
        nonzero: lambda w, λ, μ: λ * (w != 0) + μ * w * w,
        absolute: lambda w, λ, μ: λ * (w != 0) + μ * abs(w),
    }
    PENALTIES["both"] = plain[absolute if both.expression().has(absolute) else nonzero]
    try:
        it_minimises(derived, both)
    finally:
        del PENALTIES["both"]


@pytest.mark.parametrize(
    ("penalty", "words"),
    [
        (lambda w, λ: λ * relu(w), "not even"),
        (lambda w, λ: λ * w**4, "no one closed form"),
        (hard_concrete.penalty, "not even"),
    ],
)
def test_what_has_no_closed_form_is_refused(penalty: Callable[..., Any], words: str) -> None:
    with pytest.raises(UnsupportedError, match=words):
        replace(l1, penalty=penalty).proximal("n")


WRONG: tuple[tuple[Regulariser, sp.Expr], ...] = (
    (l2, v / (1 + t * λ)),
    (l2, v / (1 + 2 * λ)),
    (l1, sgn(v) * relu(absolute(v) - λ)),
    (l1, sgn(v) * relu(absolute(v) - 2 * t * λ)),
    (l1, relu(absolute(v) - t * λ)),
    (l1, v - t * λ * sgn(v)),
    (l0, v * sp.Piecewise((1, absolute(v) > t * λ), (0, True))),
    (l0, v * sp.Piecewise((1, v**2 > t * λ), (0, True))),
    (l0, sgn(v) * relu(absolute(v) - sp.sqrt(2 * t * λ))),
    (elastic_net, sgn(v) * relu(absolute(v) - t * λ) / (1 + t * μ)),
    (elastic_net, sgn(v) * relu(absolute(v) / (1 + 2 * t * μ) - t * λ)),
)


@pytest.mark.parametrize(("regulariser", "wrong"), WRONG)
def test_a_wrong_map_is_found(regulariser: Regulariser, wrong: sp.Expr) -> None:
    with pytest.raises(AssertionError):
        it_minimises(Proximal(wrong, FORMS.get(regulariser.name), False, ()), regulariser)


def test_a_tie_the_other_way_is_found() -> None:
    other = v * sp.Piecewise((1, v**2 >= 2 * t * λ), (0, True))
    with pytest.raises(AssertionError):
        ties_go_to_zero(replace(l0.derived_proximal(), map=other), l0)


def test_the_steps_say_how() -> None:
    steps = proximal(λ * absolute(sp.Symbol("w", real=True)), sp.Symbol("w", real=True)).steps
    assert [s.rule for s in steps] == [
        "one side",
        "stationary point",
        "gain of leaving 0",
        "threshold",
        "both sides",
    ]
    assert str(l1.proximal("n").steps[1]).startswith("stationary point: x + t λ - v  →  v - t λ")


# Penalties and gradients -------------------------------------------------------------------


@pytest.mark.parametrize("regulariser", [r for r in REGULARISERS if r is not l0], ids=name)
def test_gradients_against_differences(regulariser: Regulariser) -> None:
    model = regulariser.model("n")
    strengths = {s: mpmath.mpf(n + 2) / 7 for n, s in enumerate(regulariser.strengths)}
    gradient = derive(model, "w")
    found = evaluate(gradient, {"w": WEIGHTS, **strengths})["dw"]
    step = mpmath.mpf(10) ** -12
    for place, slope in enumerate(found):
        ends = []
        for sign in (1, -1):
            moved = [w + sign * step * (n == place) for n, w in enumerate(WEIGHTS)]
            ends.append(evaluate(model, {"w": moved, **strengths})["Ω"])
        assert abs((ends[0] - ends[1]) / (2 * step) - slope) < 1e-20


@pytest.mark.parametrize("regulariser", CLOSED_FORM, ids=name)
def test_the_penalty_is_the_plain_sum(regulariser: Regulariser) -> None:
    strengths = {s: mpmath.mpf(n + 2) / 7 for n, s in enumerate(regulariser.strengths)}
    weights = [*WEIGHTS, mpmath.mpf(0)]
    found = evaluate(regulariser.model("n"), {"w": weights, **strengths})["Ω"]
    penalty = PENALTIES[regulariser.name]
    assert abs(found - sum(penalty(w, *strengths.values()) for w in weights)) < 1e-30


def test_conventions_at_the_kink() -> None:
    assert l1.conventions == elastic_net.conventions == ("|x|′(0) = 0",)
    assert l2.conventions == ()
    found = evaluate(derive(l1.model("n"), "w"), {"w": [0, -1, 2], "λ": 3})["dw"]
    assert found == (0, -3, 3)


def test_l0_has_no_gradient() -> None:
    with pytest.raises(UnsupportedError, match="derivative is 0 wherever there is one") as refused:
        derive(l0.model("n"), "w")
    assert "l0.proximal" in refused.value.move
    assert "hard_concrete" in refused.value.move
    assert evaluate(derive(l0.model("n"), "λ"), {"w": [0, 3, -1], "λ": 2})["dλ"] == 2


def test_l0_of_a_network() -> None:
    model = mlp([2, 2], likelihood="gaussian", penalty={"l0": "λ"})
    assert str(model["J_Ω"]) == "J_Ω = J + Ω"
    assert derive(model, "b1")["b1"]
    with pytest.raises(UnsupportedError, match="L0"):
        derive(model)


@pytest.mark.parametrize(
    ("penalty", "words"),
    [
        ({"l3": 1.0}, "one of l2, l1, l0, elastic_net"),
        ({"hard_concrete": 1.0}, "one of l2, l1, l0, elastic_net"),
        ({"elastic_net": 1.0}, "2: λ, μ"),
        ({"l2": (1.0, 2.0)}, "1: λ"),
        ({"l2": -1.0}, "a number ≥ 0"),
        ({"l2": float("nan")}, "a number ≥ 0"),
        ({"l2": "x"}, "a free name"),
        ({"l2": "2x"}, "a free name"),
    ],
)
def test_penalties_that_do_not_fit(penalty: Any, words: str) -> None:
    with pytest.raises(BackproofError, match=words):
        mlp([2, 2], penalty=penalty)


@pytest.mark.parametrize("strength", ["w", "n", "a b", (1.0, 2.0), -1.0])
def test_strengths_that_do_not_fit(strength: Any) -> None:
    with pytest.raises(BackproofError, match="strength"):
        l1.model("n", strength)


def test_the_objective_prints_as_in_a_book() -> None:
    """J̃(θ) = J(θ) + Ω(θ): Goodfellow, Bengio, Courville, Deep Learning (2016), equation 7.1."""
    model = mlp(["d", "c"], likelihood="gaussian", penalty={"l2": "λ", "l1": "μ"})
    assert str(model).splitlines()[-3:] == [
        "J = Σ_n nll[n] / N",
        "Ω = Σ_i,j (λ W1[j,i]**2 + μ |W1[j,i]|)",
        "J_Ω = J + Ω",
    ]
    assert mlp(["d", "c"], likelihood="gaussian").output.name == "J"


# Groups ------------------------------------------------------------------------------------


def test_the_group_lasso_minimises() -> None:
    """The optimality conditions, sufficient for a convex objective, group by group.

    Where p is not 0 it is p − v + t λ p/|p| = 0, and where it is 0 it is |v| ≤ t λ.
    """
    v = [[mpmath.mpf(a) for a in row] for row in ((3, -4), ("0.3", "0.4"), (0, 0), (-1, "0.5"))]
    model, t, strength = group_lasso.proximal("m n"), mpmath.mpf(2), mpmath.mpf("0.25")
    found = evaluate(model, {"v": v, "t": t, "λ": strength})["p"]
    for group, p in zip(v, found, strict=True):
        size = mpmath.sqrt(mpmath.fsum(e**2 for e in p))
        if size == 0:
            assert mpmath.sqrt(mpmath.fsum(e**2 for e in group)) <= t * strength
            continue
        for a, b in zip(group, p, strict=True):
            assert abs(b - a + t * strength * b / size) < 1e-30
    assert [any(e != 0 for e in p) for p in found] == [True, False, False, True]


def test_a_group_at_the_threshold_goes_to_zero() -> None:
    found = evaluate(group_lasso.proximal("n"), {"v": [3, 4], "t": 2, "λ": sp.Rational(5, 2)})
    assert found["p"] == (0, 0)


def test_the_gradient_of_a_group_that_is_zero() -> None:
    """w/|w| for a group that is not zero, and zero, the shortest subgradient, for one that is."""
    result = derive(group_lasso.model("m n"), "w")
    found = evaluate(result, {"w": [[3, 4], [0, 0]], "λ": 10})["dw"]
    assert found == ((6, 8), (0, 0))
    assert group_lasso.conventions == ("(√x)′ = 0 at x = 0",)


def test_groups_are_vectors() -> None:
    with pytest.raises(BackproofError, match="vectors along the last axis"):
        group_lasso.model("")


# Gates -------------------------------------------------------------------------------------


def published_density(s: Any, a: Any) -> Any:
    """The binary concrete density, Louizos, Welling, Kingma (2018), equation 24."""
    β, α = mpmath.mpf(2) / 3, mpmath.exp(a)
    below = (α * s ** (-β) + (1 - s) ** (-β)) ** 2
    return β * α * s ** (-β - 1) * (1 - s) ** (-β - 1) / below


@pytest.mark.parametrize("a", ["-3", "-0.5", "0", "1.25"])
def test_the_probability_is_the_integral_of_the_density(a: str) -> None:
    s, symbol = sp.symbols("s a", real=True)
    derived = sp.lambdify([s, symbol], defined(density(s, symbol)), "mpmath")
    stated = sp.lambdify(symbol, defined(open_probability(symbol)), "mpmath")
    at = mpmath.mpf(a)
    for point in map(mpmath.mpf, ("0.05", "0.4", "0.9")):
        assert abs(derived(point, at) - published_density(point, at)) < 1e-30
    low = mpmath.mpf(CLOSED.p) / CLOSED.q
    total = mpmath.quad(lambda x: published_density(x, at), [low, 0.3, 0.6, 0.9, 0.999, 1])
    assert abs(total - stated(at)) < 1e-10


def test_gates_are_closed_where_the_uniform_number_is_small() -> None:
    """z = 0 exactly for u up to 1 − P(z ≠ 0): the inverse of the distribution function."""
    for a in map(mpmath.mpf, ("-1", "0.5")):
        symbol = sp.Symbol("a", real=True)
        p = sp.lambdify(symbol, defined(open_probability(symbol)), "mpmath")(a)
        below, above = (
            evaluate(gate("n"), {"a": [a], "u": [1 - p + d]})["z"][0] for d in (-1e-9, 1e-9)
        )
        assert below == 0 < above < 1e-6
