"""Theorems: hypotheses decided for many activations against a table made by hand, and proofs."""

from __future__ import annotations

import importlib
from typing import Any

import mpmath
import pytest
import sympy as sp

import backproof as bp
from backproof.theory.hypotheses.activation import NAMES, T
from backproof.theory.hypotheses.limits import (
    bounded,
    derivatives_bounded,
    nonconstant,
    not_polynomial,
    sigmoidal,
)
from backproof.theory.hypotheses.smoothness import continuous, differentiable
from backproof.theory.scalars import sigmoid, softplus
from backproof.theory.theorems import BY_NAME, THEOREMS
from backproof.theory.universality import fourier, smoothing, steepening

MORE: dict[str, sp.Expr] = {
    "elu": sp.Piecewise((T, T > 0), (sp.exp(T) - 1, True)),
    "gauss": sp.exp(-(T**2)),
    "const": sp.Integer(3),
    "t sin t": T * sp.sin(T),
    "hard sigmoid": sp.Min(1, sp.Max(0, T)),
    "swish": T * sigmoid(T),
    "cubic": T**3 - T,
    "squares": sp.Piecewise((T**2, T > 0), (-(T**2), True)),
    "bump": 1 / (1 + T**2),
    "leaky": sp.Max(T, T / 10),
    "shifted step": sp.Heaviside(T - 1),
    "mish": T * sp.tanh(softplus(T)),
}
# h holds, f fails, ? unknown: sigmoidal, bounded, continuous, C², bounded to order 2, nonconstant,
# no polynomial.  By hand.
TABLE = {
    "sigmoid": "hhhhhhh",
    "tanh": "fhhhhhh",
    "softplus": "ffhhfhh",
    "relu": "ffhffhh",
    "step": "hhfffhh",
    "sin": "fhhhhhh",
    "cos": "fhhhhhh",
    "exp": "ffhhfhh",
    "erf": "fhhhhhh",
    "atan": "fhhhhhh",
    "linear": "ffhhfhf",
    "square": "ffhhfhf",
    "elu": "ffhffhh",
    "gauss": "fhhhhhh",
    "const": "fhhhhff",
    "t sin t": "f?hh?h?",
    "hard sigmoid": "hhhffhh",
    "swish": "ffhhfhh",
    "cubic": "ffhhfhf",
    "squares": "ffhffhh",
    "bump": "fhhhhhh",
    "leaky": "ffhffhh",
    "shifted step": "hhfffhh",
}
DECIDERS = (
    sigmoidal,
    bounded,
    continuous,
    lambda e: differentiable(e, 2),
    lambda e: derivatives_bounded(e, 2),
    nonconstant,
    not_polynomial,
)


@pytest.mark.parametrize("name", TABLE)
def test_hypotheses_are_decided(name: str) -> None:
    e = (NAMES | MORE)[name]
    found = [decide(e) for decide in DECIDERS]
    assert (
        "".join({"holds": "h", "fails": "f", "unknown": "?"}[v.status] for v in found)
        == TABLE[name]
    )
    assert all(v.reason for v in found)


def test_elu_is_once_differentiable() -> None:
    assert differentiable(MORE["elu"], 1).status == "holds"
    verdict = differentiable(MORE["elu"], 2)
    assert verdict.status == "fails"
    assert "order 2" in verdict.reason


APPLIES = {
    "cybenko": {"sigmoid": "applies", "tanh": "does not apply", "step": "does not apply"},
    "hornik-lp": {
        "step": "applies",
        "relu": "does not apply",
        "const": "does not apply",
        "t sin t": "unknown",
    },
    "hornik-continuous": {"tanh": "applies", "step": "does not apply", "sin": "applies"},
    "hornik-smooth": {"sigmoid": "applies", "hard sigmoid": "does not apply"},
    "hornik-weighted": {"gauss": "applies", "softplus": "does not apply"},
    "leshno-pinkus": {
        "relu": "applies",
        "square": "does not apply",
        "t sin t": "unknown",
        "exp": "applies",
    },
}


@pytest.mark.parametrize("name", APPLIES)
def test_theorems_are_judged(name: str) -> None:
    for activation, status in APPLIES[name].items():
        judged = BY_NAME[name].judge((NAMES | MORE)[activation], order=2)
        assert judged.status == status, str(judged)


@pytest.mark.parametrize("theorem", THEOREMS, ids=lambda t: t.name)
def test_a_theorem_is_whole(theorem: bp.theorems.Theorem) -> None:
    assert theorem.hypotheses
    assert theorem.proof
    assert theorem.reference
    assert "sampled" not in theorem.rests_on
    assert "Proof" in str(theorem)
    for step in theorem.proof:
        assert step.because
        if step.shown_by:
            assert named(step.shown_by) is not None


def named(path: str) -> Any:
    """The module of a dotted name, or what a module holds."""
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError:
        inside, _, name = path.rpartition(".")
        return getattr(named(inside), name)


def test_a_steeper_unit_tends_to_a_step() -> None:
    above, at, below = steepening.limits("sigmoid")
    assert (above, at, below) == (1, sigmoid(steepening.PHI), 0)
    assert steepening.limits("tanh")[::2] == (1, -1)


def _transform(xi: mpmath.mpf) -> mpmath.mpc:
    """∫ σ′(t) e^{−iξt} dt by quadrature."""

    def density(t: mpmath.mpf) -> mpmath.mpf:
        return mpmath.sech(t / 2) ** 2 / 4

    return mpmath.quad(lambda t: density(t) * mpmath.expj(-xi * t), [-70, -9, 0, 9, 70])


def test_the_transform_of_the_logistic_density() -> None:
    """Every link of the chain against quadrature in 30 digits."""
    with mpmath.workdps(30):
        for xi in map(mpmath.mpf, ("0.3", "1", "2.5")):
            direct = _transform(xi)
            assert abs(direct - mpmath.pi * xi / mpmath.sinh(mpmath.pi * xi)) < 1e-15
            for link in fourier.chain()[2:]:
                value = link.value.subs(fourier.XI, sp.Float(str(xi), 30)).evalf(25)
                assert abs(complex(value) - complex(direct)) < 1e-15, link.rule
    assert fourier.transform(sp.S.Zero) == 1


def test_smoothing_by_a_gaussian() -> None:
    assert smoothing.mean_distance() == sp.sqrt(2 / sp.pi)
    x, h = sp.symbols("x h", positive=True)
    assert sp.expand(smoothing.smoothed(x**4, x, h) - (x**4 + 6 * x**2 * h**2 + 3 * h**4)) == 0
    numeric = mpmath.quad(lambda z: abs(0.1 * z) * mpmath.npdf(z), [-12, 0, 12])
    assert abs(float(smoothing.bound(1, sp.Rational(1, 10))) - numeric) < 1e-12


@pytest.mark.parametrize("activation", ["nobody", 3, T + sp.Symbol("q")], ids=str)
def test_refusals(activation: Any) -> None:
    with pytest.raises(bp.BackproofError, match="activation"):
        BY_NAME["cybenko"].judge(activation)
    with pytest.raises(bp.BackproofError, match="order"):
        BY_NAME["hornik-smooth"].judge("tanh", order=-1)
