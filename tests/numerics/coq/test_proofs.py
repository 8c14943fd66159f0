"""Proofs that Coq checks; where Coq is missing they skip and say so.

A statement that is wrong must come back as not proved, with the goal that is left.
"""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp

import backproof as bp
from backproof.numerics.coq import checker, conditionals
from backproof.numerics.coq import development as development_module
from backproof.numerics.coq.development import Development, Lemma
from backproof.numerics.coq.gradients import gradients
from backproof.numerics.coq.printing import UNFOLDED, term
from backproof.numerics.coq.prove import development
from backproof.numerics.coq.suprema import supremum
from backproof.numerics.coq.theorems import THEOREMS
from backproof.numerics.enclosures.feedforward import shallow
from backproof.theory.scalars import relu, sigmoid, softplus, step

needs_coq = pytest.mark.skipif(bool(checker.missing()), reason=checker.missing() or "Coq is here")
CASES = Path(__file__).parents[2] / "cases"
x = sp.Symbol("x", real=True)
REALS = {
    "ClassicalDedekindReals.sig_not_dec",
    "ClassicalDedekindReals.sig_forall_dec",
    "FunctionalExtensionality.functional_extensionality_dep",
    "Classical_Prop.classic",
}


@needs_coq
@pytest.mark.parametrize("name", THEOREMS)
def test_theorems_of_the_library(name: str) -> None:
    proof = bp.prove(name).require()
    assert proof.rests_on == {"machine-checked"}
    assert set(proof.axioms) <= REALS
    assert len(proof.lemmas) >= 3


WRONG = [
    ("backpropagation", "=> c j * slope_at k x j * W k j i)", "=> c j * W k j i)"),
    ("backpropagation", "(cotangent l y p * d)", "(cotangent l y 0%nat * d)"),
    ("boltzmann", "= sigmoid (field v g j).", "= sigmoid (2 * field v g j)."),
    ("boltzmann", "sum_n (fun j => softplus (phi j)) k.", "sum_n (fun j => sigmoid (phi j)) k."),
    ("symbolic_size", "(a k * slope (w k * x + b k) * x)", "(a k * slope (w k * x + b k))"),
    ("triangle", "(/ 4) ^ m * gap", "(/ 2) ^ m * gap"),
    ("activations", "is_derive tanh x (1 - tanh x ^ 2)", "is_derive tanh x (1 - tanh x)"),
]


@needs_coq
@pytest.mark.parametrize(("file", "right", "wrong"), WRONG, ids=[wrong for *_, wrong in WRONG])
def test_a_wrong_theorem_is_not_proved(
    file: str, right: str, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = development_module.library
    monkeypatch.setattr(
        development_module,
        "library",
        lambda name: texts(name).replace(right, wrong) if name == file else texts(name),
    )
    assert right in texts(file)
    proof = checker.check(THEOREMS[file.replace("_", "-")])
    assert proof.verdict == "not proved"
    assert proof.rests_on == set()
    assert all(proof.unproved.values())


@needs_coq
@pytest.mark.parametrize(
    ("sizes", "activation", "likelihood"),
    [
        ([2, 2, 1], "sigmoid", "gaussian"),
        ([2, 2, 2, 1], "tanh", "bernoulli"),
        ([1, 2, 3], "softplus", "categorical"),
    ],
    ids=str,
)
def test_every_derivative_of_a_network(sizes: list[int], activation: str, likelihood: str) -> None:
    gradient = bp.derive(bp.networks.mlp(sizes, activation=activation, likelihood=likelihood))
    proof = bp.prove(gradient).require()
    assert len(proof.lemmas) == sum((m + 1) * n for m, n in pairwise(sizes))
    assert set(proof.axioms) <= REALS


@needs_coq
@pytest.mark.sweep
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softplus"])
@pytest.mark.parametrize(
    ("sizes", "likelihood"),
    [
        ([4, 8, 1], "gaussian"),
        ([2, 2, 2, 2, 1], "gaussian"),
        ([2, 3, 3, 1], "bernoulli"),
        ([3, 3, 4], "categorical"),
    ],
    ids=str,
)
def test_larger_networks(sizes: list[int], activation: str, likelihood: str) -> None:
    model = bp.networks.mlp(sizes, activation=activation, likelihood=likelihood)
    bp.prove(bp.derive(model), timeout=600).require()


@needs_coq
def test_a_wrong_derivative_is_not_proved_and_shows_its_goal() -> None:
    right = gradients(bp.derive(bp.networks.mlp([1, 1, 1], "sigmoid", "gaussian")), {"N": 1})
    first, second, *rest = right.lemmas
    head, _, variable_and_slope = second.statement.rpartition(") b1_0 ")
    wrong = replace(second, statement=f"{head}) b1_0 (2 * {variable_and_slope})")
    proof = checker.check(replace(right, lemmas=(first, wrong, *rest)))
    assert proof.verdict == "not proved"
    assert list(proof.unproved) == [second.name]
    assert "goal" in proof.unproved[second.name]
    assert "sigmoid" in proof.unproved[second.name]
    assert proof.rests_on == set()
    with pytest.raises(AssertionError, match="not proved"):
        proof.require()


def machine() -> tuple[sp.Expr, list[sp.Symbol]]:
    """A Boltzmann machine of layers v, h, g: the middle layer has neighbours on both sides."""
    v1, v2, h1, h2, g = sp.symbols("v1 v2 h1 h2 g", real=True)
    w11, w12, w21, w22, u1, u2, a, b1, b2, c = sp.symbols(
        "w11 w12 w21 w22 u1 u2 a b1 b2 c", real=True
    )
    energy = -a * v1 - a * v2 - b1 * h1 - b2 * h2 - c * g
    energy -= v1 * (w11 * h1 + w12 * h2) + v2 * (w21 * h1 + w22 * h2) + g * (u1 * h1 + u2 * h2)
    return energy, [v1, h1, h2, g]


def test_the_field_of_a_unit() -> None:
    energy, (v1, h1, *_) = machine()
    names = {s.name: s for s in energy.free_symbols}
    expected = (
        names["b1"] + names["w11"] * v1 + names["w21"] * names["v2"] + names["u1"] * names["g"]
    )
    assert bp.Conditional(energy, h1).field == expected
    with pytest.raises(bp.BackproofError, match="energy without"):
        bp.Conditional(energy, sp.Symbol("nobody"))


@needs_coq
def test_conditionals_of_a_deep_boltzmann_machine() -> None:
    energy, units = machine()
    proof = bp.prove([bp.Conditional(energy, unit) for unit in units]).require()
    assert len(proof.lemmas) == 4


@needs_coq
@pytest.mark.parametrize(
    ("stated", "sizes", "units"),
    [
        (bp.energy.rbm("n", "m"), {"n": 2, "m": 3}, 5),
        (bp.energy.dbm([2, 1, 2]), {}, 5),
        (bp.energy.rbm("n", 2, visible_unit="gaussian"), {"n": 1}, 2),
    ],
    ids=["rbm", "dbm", "gaussian"],
)
def test_conditionals_of_a_machine(stated: Any, sizes: dict[str, int], units: int) -> None:
    proof = bp.prove(stated, sizes=sizes).require()
    assert len(proof.lemmas) == units
    assert set(proof.axioms) <= REALS


@needs_coq
def test_a_conditional_that_was_derived_wrongly_is_not_proved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The biases are lost on the way from the energy to the field."""
    right = conditionals.conditional

    def losing(machine: Any, group: str) -> Any:
        model = right(machine, group)
        (field, *rest) = model.equations
        kept = [t for t in field.rhs.terms if len(t.factors) > 1]
        return replace(model, equations=(replace(field, rhs=replace(field.rhs, terms=kept)), *rest))

    monkeypatch.setattr(conditionals, "conditional", losing)
    proof = bp.prove(bp.energy.rbm(1, 1))
    assert proof.verdict == "not proved"
    assert set(proof.unproved) == {"conditional_v_0", "conditional_h_0"}
    assert "b_h_0" in proof.unproved["conditional_h_0"]


@needs_coq
def test_a_wrong_conditional_is_not_proved() -> None:
    energy, (_, h1, *_) = machine()
    right = development(bp.Conditional(energy, h1))
    (lemma,) = right.lemmas
    assert "sigmoid (b1 +" in lemma.statement
    wrong = replace(lemma, statement=lemma.statement.replace("sigmoid (b1 +", "sigmoid (- b1 +"))
    assert checker.check(replace(right, lemmas=(wrong,))).verdict == "not proved"


def small() -> bp.Certificate:
    """Two units against x(1 − x)."""
    network = shallow([0.5, -1.25], [3.0, -2.0], [-1.0, 0.5], 0.125)
    return bp.certify(network, x * (1 - x), (0, 1), rtol=0.02)


@needs_coq
def test_a_distance_is_proved() -> None:
    """By way of `certify`, on two intervals: the claim rests on Coq alone."""
    network = shallow([0.5, -1.25], [3.0, -2.0], [-1.0, 0.5], 0.125)
    claim = bp.certify(network, sp.Max(x, 1 - x), [(0, 1), (2, 3)], 0.1, engine="coq")
    assert claim.engine == "coq"
    assert claim.rests_on == {"machine-checked"}
    assert claim.met
    assert {"upper_bound_0", "upper_bound_1", "lower_bound"} <= set(claim.proof.lemmas)
    assert claim.to_dict()["proof"]["verdict"] == "proved"
    assert "machine integers" in str(claim)


@needs_coq
@pytest.mark.sweep
@pytest.mark.parametrize("d", [2, 3])
def test_a_distance_in_space_is_proved(d: int, tmp_path: Path) -> None:
    weights = np.array([[3.0, -1.0, 0.5], [-2.0, 2.0, 1.0]])[:, :d]
    network = shallow([0.5, -1.25], weights, [-1.0, 0.5], 0.125)
    target = sp.prod(sp.symbols("x y z")[:d])
    claim = bp.certify(network, target, [(0, 0.5), (0, 1), (0, 0.25)][:d], 0.1)
    proof = bp.prove(replace(claim, upper=claim.lower * 1.1), to=tmp_path / "space.v").require()
    assert proof.file is not None
    assert proof.file.read_text("utf-8") == proof.source


@needs_coq
@pytest.mark.sweep
def test_a_box_that_is_missing_is_not_proved() -> None:
    """The boxes that are left do not cover the domain, and the union has no proof."""
    claim = bp.certify(x**2 + x, 0, (0, 1), 0.1)
    whole = supremum(claim)
    short = supremum(replace(claim, low=claim.low[1:], high=claim.high[1:]))
    (union,) = [lemma for lemma in short.lemmas if lemma.name == "upper_bound"]
    proof = checker.check(replace(whole, lemmas=(*short.lemmas[: len(claim.low) - 1], union)))
    assert list(proof.unproved) == ["upper_bound"]
    assert "0 <= x" in proof.unproved["upper_bound"]


@needs_coq
def test_a_certificate_that_is_wrong_is_not_proved() -> None:
    claim = small()
    assert claim.point is not None
    at = claim.point[0]
    wrong = supremum(replace(claim, upper=claim.lower * 0.999), depth=3)
    box = int(np.nonzero(np.sort(claim.low[:, 0]) <= at)[0][-1])
    proof = checker.check(replace(wrong, lemmas=wrong.lemmas[box : box + 1]))
    assert list(proof.unproved) == [f"box_{box}"]


@needs_coq
@pytest.mark.sweep
@pytest.mark.parametrize("name", ["ls_sin2pi_10", "st_sq_10", "ls_absx_10"])
def test_networks_on_file(name: str) -> None:
    case = json.loads((CASES / "networks.json").read_text("utf-8"))[name]
    target = {"sin2pi": sp.sin(2 * sp.pi * x), "sq": x**2, "absx": sp.Abs(x - sp.S.Half)}
    network = shallow(case["c"], case["w"], case["b"], case["c0"])
    bp.prove(bp.certify(network, target[case["target"]])).require()


def test_without_coq_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(checker, "missing", lambda: "coqc is not installed")
    proof = bp.prove("triangle", to=tmp_path / "triangle.v")
    assert proof.verdict == "not checked"
    assert proof.rests_on == set()
    assert "coqc is not installed" in str(proof)
    assert (tmp_path / "triangle.v").is_file()
    with pytest.raises(TypeError, match="no yes or no"):
        bool(proof)


@needs_coq
def test_a_file_that_cannot_be_read_is_not_checked() -> None:
    nonsense = Development("nonsense", preamble="Definition f := nobody.\n")
    assert checker.check(nonsense).verdict == "not checked"
    slow = Development(
        "slow",
        lemmas=(Lemma("a", "exists n : nat, n = n", ("do 1000000000 idtac", "exists O; trivial")),),
    )
    assert "no answer" in checker.check(slow, timeout=1).reason


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("nobody", "nobody"),
        (3, "int"),
        (bp.networks.mlp([1, 1], "tanh", "gaussian"), "Model"),
        (bp.derive(bp.networks.mlp([1, 1, 1], "relu", "gaussian")), "kinks"),
        (bp.derive(bp.networks.mlp([1, 1, 1], "tanh", "gaussian"), order=2), "no gradient"),
        (bp.energy.rbm(1, 1, visible_unit="gaussian", hidden_unit="gaussian"), "binary units"),
        (bp.certify(x**2, x, norm=2), "L\\^2"),
        (bp.certify(x, x**2, derivatives=1), "C\\^1"),
        (bp.certify(sp.Piecewise((x, x < 1), (1, True)), 0), "no pieces"),
        (bp.certify(step(x), 0, (-1, 1)), "no jumps"),
    ],
    ids=str,
)
def test_refusals(subject: Any, words: str) -> None:
    with pytest.raises(bp.BackproofError, match=words):
        bp.prove(subject)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (x - 2, "(x - 2)"),
        (-x / 3, "((- (1 / 3)) * x)"),
        (sigmoid(-x) ** 2, "(sigmoid (- x) ^ 2)"),
        (softplus(x) * sp.exp(x), "(exp x * softplus x)"),
        (1 / (1 + x) ** 2, "(/ ((x + 1) ^ 2))"),
        (sp.sqrt(x) + sp.pi, "(sqrt x + PI)"),
        (sp.Symbol("at"), "at_"),
    ],
    ids=str,
)
def test_terms(expression: sp.Expr, expected: str) -> None:
    assert term(expression) == expected


def test_unfolded_terms() -> None:
    assert term(relu(x), UNFOLDED) == "((x + Rabs x) / 2)"
    with pytest.raises(bp.BackproofError, match="gamma"):
        term(sp.gamma(x))
