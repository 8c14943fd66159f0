"""The pages of machines: what they hold, and that their evidence is exact and sees mistakes."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import backproof as bp
from backproof.commands.statements import Statement
from backproof.documents import belief as belief_page
from backproof.documents.documenting import compose
from backproof.documents.machine_chapters import evidence
from backproof.documents.machine_chapters.evidence import rows, small, small_values
from backproof.documents.machine_chapters.learning import differences
from backproof.numerics.exact import joint as joint_module
from backproof.numerics.exact.joint import Joint

MACHINES = {
    "rbm": (bp.energy.rbm(), 5),
    "dbm": (bp.energy.dbm(), 8),
    "deep": (bp.energy.dbm(["n", "m", "l", "k"], ["spin", "binary", "categorical", "spin"]), 9),
    "real middle": (bp.energy.dbm(units=["binary", "gaussian", "binary"]), 6),
    "boltzmann": (bp.energy.boltzmann(), 3),
    "ising": (bp.energy.ising(), 1),
    "dual": (bp.energy.hopfield_dual(), 3),
}


@pytest.mark.parametrize("name", MACHINES)
def test_the_evidence_is_exact(name: str) -> None:
    machine, count = MACHINES[name]
    instance = small(machine)
    found = list(rows(instance, small_values(instance)))
    assert [row.verdict for row in found] == ["verified"] * count
    assert all(row.rests_on for row in found)


def refuted(name: str) -> list[str]:
    instance = small(MACHINES[name][0])
    return [r.statement for r in rows(instance, small_values(instance)) if r.verdict == "refuted"]


def test_the_evidence_sees_a_wrong_conditional(monkeypatch: pytest.MonkeyPatch) -> None:
    """h1 that does not hear h2."""
    machine = bp.energy.dbm()
    deaf = bp.energy.Machine(machine.groups, machine.couplings[:1], machine.visible)

    def wrong(given: Any, group: str) -> Any:
        whole = bp.energy.conditional(given, group)
        return bp.energy.conditional(small(deaf), group) if group == "h1" else whole

    monkeypatch.setattr(evidence, "conditional", wrong)
    assert [s.partition(":")[0] for s in refuted("dbm")] == ["`h1`"]


def test_the_evidence_sees_a_wrong_free_energy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The energy of hidden units that are all off in the place of the sum over them."""

    def wrong(given: Any, over: Any) -> Any:
        kept = bp.energy.Machine(
            tuple(g for g in given.groups if g.name not in over), (), given.visible
        )
        return bp.energy.free_energy(kept, over=())

    monkeypatch.setattr(evidence, "free_energy", wrong)
    assert any("free energy" in s for s in refuted("rbm"))


def test_the_evidence_sees_wrong_bounds_and_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    """L without its last term (minus Σ η m), and ⟨·⟩model − ⟨·⟩data."""
    right = bp.energy.mean_field

    def wrong(machine: Any) -> Any:
        model = right(machine)
        last = model.equations[-1]
        cut = type(last.rhs)(last.rhs.terms[:-1])
        shorter = type(last)(last.tensor, last.indices, cut)
        return bp.Model(
            (*model.equations[:-1], shorter), model.inputs, model.parameters, last.tensor
        )

    monkeypatch.setattr(evidence, "mean_field", wrong)
    score = Joint.score
    monkeypatch.setattr(Joint, "score", lambda self, v: {k: -x for k, x in score(self, v).items()})
    found = refuted("dbm")
    assert any("bound" in s for s in found)
    assert any("⟨·⟩data" in s for s in found)


# Exact joint -------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["W1 transposed", "no bias", "W2 doubled"])
def test_a_wrong_sampler_drifts(change: str) -> None:
    machine = bp.energy.dbm([2, 2, 2])
    random = np.random.default_rng(3)
    values = {
        n: random.normal(size=tuple(map(int, t.shape))) for n, t in machine.parameters.items()
    }
    joint = Joint(machine, values)
    assert joint.drift() < 1e-15
    assert joint.probability.sum() == pytest.approx(1, abs=1e-14)
    wrong = {
        "W1 transposed": {"W1": values["W1"].T},
        "no bias": {"b_h1": np.zeros(2)},
        "W2 doubled": {"W2": 2 * values["W2"]},
    }[change]
    joint.conditionals = joint_module.Conditionals(machine, {**values, **wrong})
    assert joint.drift() > 1e-3


def test_what_has_no_joint_is_refused() -> None:
    real = small(bp.energy.rbm(hidden_unit="gaussian"))
    with pytest.raises(bp.BackproofError, match="real units"):
        Joint(real, small_values(real))
    with pytest.raises(bp.BackproofError, match="coupled among themselves"):
        Joint(bp.energy.ising(2), {"J": np.zeros((2, 2)), "b_s": np.zeros(2)})
    with pytest.raises(bp.BackproofError, match="at most 4096"):
        Joint(bp.energy.rbm(9, 9), {"W": np.zeros((9, 9)), "b_v": np.zeros(9), "b_h": np.zeros(9)})


# Derived parts -----------------------------------------------------------------------------


def test_the_learning_rule_reads_as_in_books() -> None:
    found = dict(differences(bp.energy.rbm()))
    assert found["$W_{ij}$"] == (
        r"$\left\langle v_{i} h_{j} \right\rangle_{\text{data}}"
        r" - \left\langle v_{i} h_{j} \right\rangle_{\text{model}}$"
    )
    assert len(found) == 3


def alone(equation: Any) -> Any:
    """A model of one equation."""
    return bp.Model((equation,), {}, {t.name: t for t in equation.operands}, equation.tensor)


def run(model: Any, known: Any) -> np.ndarray:
    """The kernel of a model on those of the arrays that it takes."""
    return np.asarray(bp.compile(model)(**{n: known[n] for n in model.arguments}))


@pytest.mark.parametrize("units", [["binary"] * 3, ["spin", "gaussian", "binary"]], ids="-".join)
def test_the_bound_is_stationary_at_the_mean_field_equations(units: list[str]) -> None:
    """Solved by going round, the equations make the derivative of the bound vanish."""
    machine = small(bp.energy.dbm(units=units))
    values = small_values(machine)
    bound = bp.energy.mean_field(machine)
    slope = bp.compile(bp.derive(bound, wrt=("eta_h1", "eta_h2")))
    equations = bp.energy.mean_field_equations(machine)
    eta = {"eta_h1": np.zeros(2), "eta_h2": np.zeros(2)}
    v = np.array([1.0, 0.0]) if units[0] == "binary" else np.array([1.0, -1.0])
    steps = {e.tensor.name: alone(e) for e in equations}
    for _ in range(200):
        for name, kernel in steps.items():
            known = {**values, **eta}
            means = {f"m_{g}": run(bound.up_to(f"m_{g}"), known) for g in ("h1", "h2")}
            eta[name] = run(kernel, {**values, **means, "v": v})
    out = slope(v=v, **eta, **{k: x for k, x in values.items() if k in slope.arguments.names})
    assert max(np.abs(out[name]).max() for name in eta) < 1e-12


# Pages -------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["dbn:n,m,l", "dbn:784,500,500,2000", "dbn:n,m"])
def test_a_belief_network_has_a_page(said: str, tmp_path: Path) -> None:
    network = Statement(said).stated
    assert isinstance(network, bp.energy.DeepBelief)
    (file,) = bp.document(network, to=tmp_path / "page.html")
    page = file.read_text("utf-8")
    for title in ("The network", "Why the two forms agree", "Sampling", "Inference"):
        assert title in page
    assert ("Below: directed layers" in page) == (len(network.layers) > 2)
    assert [r.verdict for r in belief_page.checks(len(network.layers))] == ["verified"] * 3
    assert "dW" in str(Statement(said).derivation())


def test_a_belief_network_of_other_units_is_refused() -> None:
    with pytest.raises(bp.BackproofError, match="binary units"):
        Statement("dbn:n,m,l:spin")


def test_the_program_of_a_page_runs() -> None:
    """What the page tells a student to type does what it says."""
    machine = small(bp.energy.dbm())
    page = compose(machine)
    (section,) = [s for s in page.sections if s.title == "The sampler"]
    (program,) = [b.source for b in section.blocks if "Chains.start" in getattr(b, "source", "")]
    space: dict[str, Any] = {
        "bp": bp, "np": np, "machine": machine, "values": small_values(machine),
    }  # fmt: skip
    exec(program.replace("1000", "3"), space)
    assert space["states"]["h2"].shape == (100, 2)
    assert re.findall(r'draw\("(\w+)"', program) == ["v", "h2", "h1"]
