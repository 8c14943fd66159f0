"""Exact answers: every machine on file, random ones against enumeration, and what is refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from oracles.enumeration import Enumerated, random_case, states_of

import backproof as bp
from backproof.numerics.exact import rest

FILE = json.loads(
    (Path(__file__).resolve().parents[2] / "cases" / "energy.json").read_text("utf-8")
)
KNOWN = json.loads(
    (Path(__file__).resolve().parents[2] / "cases" / "known_answers.json").read_text("utf-8")
)
MACHINES = [case for case in FILE["cases"] if case["kind"] == "energy_model"]
NETWORKS = [case for case in FILE["cases"] if case["kind"] == "dbn"]
TOLERANCE = 1e-12


def name(case: dict[str, Any]) -> str:
    return str(case.get("name", case))


def near(found: Any, expected: Any, tolerance: float = TOLERANCE) -> None:
    """Equal to the tolerance, relative to values above one."""
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    assert found.shape == expected.shape
    assert np.all(np.abs(found - expected) <= tolerance * np.maximum(1, np.abs(expected)))


# Machines on file --------------------------------------------------------------------------


@pytest.mark.parametrize("case", MACHINES, ids=name)
def test_machine_on_file(case: dict[str, Any]) -> None:
    e = bp.energy.load(case)
    s = bp.exact.solve(e, visible=case["visible"])
    near(s.log_Z, float(case["log_Z_25digits"]))
    near([s.mean[k] for k in case["mean_features"]], list(case["mean_features"].values()))
    near(s.pair, case["mean_pair_products"])
    near(
        [s.mean_square[k] for k in case["mean_square_real"]],
        list(case["mean_square_real"].values()),
    )
    near(s.free_energy(case["data"]), case["free_energy_at_data"])
    near(s.free_energy(case["data"][0]), case["free_energy_at_data"][0])
    near(s.log_likelihood(case["data"]), case["mean_loglik"])
    for found, expected in zip(
        s.posterior_mean(case["data"]), case["posterior_mean_hidden_at_data"], strict=True
    ):
        near([found[k] for k in expected], list(expected.values()))
    for expected in case["conditionals"]:
        found = s.conditional(expected["unit"], expected["given"])
        for key in set(expected) - {"unit", "given"}:
            near(found[key], expected[key])
    assert {n: list(e.blanket(n)) for n in case["markov_blanket"]} == case["markov_blanket"]


@pytest.mark.parametrize("case", MACHINES, ids=name)
def test_gradient_on_file(case: dict[str, Any]) -> None:
    gradient = bp.exact.solve(bp.energy.load(case), visible=case["visible"]).gradient(case["data"])
    expected = case["grad_mean_loglik"]
    near([gradient["bias"][k] for k in expected["bias"]], list(expected["bias"].values()))
    near(gradient["couplings"], expected["couplings"])
    near([gradient["q"][k] for k in expected["q"]], list(expected["q"].values()))


@pytest.mark.parametrize("case", NETWORKS, ids=name)
def test_belief_network_on_file(case: dict[str, Any]) -> None:
    s = bp.exact.solve(bp.energy.load(case))
    near(s.log_Z, case["log_Z_top"])
    near(s.log_probability(case["data"]), case["log_p_v_at_data"])
    near(-s.free_energy(case["data"]) - s.log_Z, case["log_p_v_at_data"])
    near(s.log_likelihood(case["data"]), case["mean_loglik"])
    near(s.mean, case["visible_marginals"])
    near(s.probabilities, case["p_v_all_states_lexicographic"])
    near(s.posterior_mean(case["data"]), case["posterior_mean_h1_at_data"])
    near(s.elbo(case["data"]), case["elbo_at_data"])
    gradient = s.gradient(case["data"])
    for key in ("W", "b"):
        for found, expected in zip(gradient[key], case["grad_mean_loglik"][key], strict=True):
            near(found, expected)


@pytest.mark.parametrize("case", FILE["must_reject"], ids=name)
def test_machine_without_a_density(case: dict[str, Any]) -> None:
    with pytest.raises(bp.BackproofError, match="eigenvalues -1, -1, 3, 3"):
        bp.exact.solve(bp.energy.load(case))


# Random machines ---------------------------------------------------------------------------

KINDS = [
    ["binary", "spin", "categorical", "binary", "spin"],
    ["binary", "spin", "gaussian", "gaussian"],
    ["spin", "categorical", "relu", "gaussian"],
    ["binary", "exponential", "bounded", "categorical"],
    ["gaussian", "gaussian", "relu", "binary"],
    ["spin", "spin", "bounded", "relu"],
]


CASES = [(kinds, False) for kinds in KINDS]
CASES += [
    (kinds, True) for kinds in KINDS if len(set(kinds) & {"binary", "spin", "categorical"}) > 1
]


@pytest.mark.parametrize(("kinds", "triple"), CASES, ids=str)
def test_random_machine(kinds: list[str], triple: bool) -> None:
    random = np.random.default_rng([len(kinds), *map(len, kinds), triple])
    discrete = [f"u{n}" for n, k in enumerate(kinds) if k in ("binary", "spin", "categorical")]
    case = random_case(random, kinds, triple)
    oracle = Enumerated(case, reach=11.0)
    s = bp.exact.solve(bp.energy.load(case), visible=discrete[:2])
    near(s.log_Z, oracle.log_sum(), 1e-10)
    for ends, found in zip(case["couplings"], s.pair, strict=True):
        product = np.prod([oracle.feature(end) for end in ends[:-1]], axis=0)
        near(found, oracle.mean(product), 1e-10)
    for unit in case["units"]:
        if unit["type"] != "categorical":
            near(s.mean[unit["name"]], oracle.mean(oracle.feature(unit["name"])), 1e-10)
    for v in states_of(case, discrete[:2]):
        near(s.free_energy(v), -oracle.log_sum(v), 1e-10)
    given = {discrete[0]: 1.0}
    other = next(u for u in case["units"] if u["name"] not in given)
    found = s.conditional(other["name"], given)
    if other["type"] != "categorical":
        near(found["mean"], oracle.mean(oracle.feature(other["name"]), given), 1e-10)
    data = states_of(case, discrete[:2])[:3]
    gradient = s.gradient(data)
    for ends, found in zip(case["couplings"], gradient["couplings"], strict=True):
        product = np.prod([oracle.feature(end) for end in ends[:-1]], axis=0)
        positive = np.mean([oracle.mean(product, v) for v in data])
        near(found, positive - oracle.mean(product), 1e-9)


def test_the_two_other_forms_of_a_gaussian_unit() -> None:
    """The same density by mean and deviation, and in the form of Cho and others."""
    mu, sigma, w = 0.4, 1.3, 0.6
    hidden = {"name": "h", "type": "binary", "bias": -0.2}
    forms = {
        "gaussian": ({"bias": mu / sigma**2, "q": 1 / sigma**2}, w / sigma, mu**2 / (2 * sigma**2)),
        "gaussian_mean": ({"mu": mu, "sigma": sigma}, w, 0.0),
        "gaussian_cho": ({"mu": mu, "sigma": sigma}, w * sigma, 0.0),
    }
    found = []
    for kind, (numbers, weight, const) in forms.items():
        units = [{"name": "v", "type": kind, **numbers}, hidden]
        machine = {"units": units, "couplings": [["v", "h", weight]], "const": const}
        s = bp.exact.solve(bp.energy.load(machine), visible=["v"])
        alone = s.conditional("v", {"h": 1})
        found.append(
            [s.log_Z, s.mean["h"], s.mean_square["v"], s.free_energy({"v": 0.7}), alone["mean"]]
        )
    near(found[1], found[0])
    near(found[2], found[0])


# A machine of groups -----------------------------------------------------------------------


def test_groups_with_arrays_are_the_literal_machine() -> None:
    case = MACHINES[0]
    bias = {u["name"]: u["bias"] for u in case["units"]}
    W = np.zeros((3, 2))
    for v, h, w in case["couplings"]:
        W[int(v[1:]), int(h[1:])] = w
    values = {
        "W": W,
        "b_v": [bias[f"v{i}"] for i in range(3)],
        "b_h": [bias[f"h{j}"] for j in range(2)],
    }
    s = bp.exact.solve(bp.energy.rbm(), values=values)
    near(s.log_Z, case["log_Z"])
    assert s.visible == ("v0", "v1", "v2")
    near(s.pair["v2", "h1"], s.pair[5])


def test_a_wide_machine_with_few_hidden_units() -> None:
    """784 × 12: the hidden side is enumerated, 2¹² states, the visible one in closed form."""
    random = np.random.default_rng(5)
    W, b, c = random.normal(0, 0.1, (784, 12)), random.normal(size=784), random.normal(size=12)
    s = bp.exact.solve(bp.energy.rbm(), values={"W": W, "b_v": b, "b_h": c})
    h = (np.arange(2**12)[:, None] >> np.arange(12)) & 1
    logs = h @ c + np.logaddexp(0, b + h @ W.T).sum(1)
    near(s.log_Z, logs.max() + np.log(np.exp(logs - logs.max()).sum()))


@pytest.mark.parametrize("answer", KNOWN["ising_1d_ring"], ids=str)
def test_a_ring_of_spins(answer: dict[str, float]) -> None:
    n = int(answer["N"])
    units = [{"name": f"s{i}", "type": "spin", "bias": answer["h"]} for i in range(n)]
    couplings = [[f"s{i}", f"s{(i + 1) % n}", answer["K"]] for i in range(n)]
    s = bp.exact.solve(bp.energy.load({"units": units, "couplings": couplings}))
    near(s.log_Z, float(answer["logZ"]))


@pytest.mark.parametrize("answer", KNOWN["kaufman"][:3], ids=lambda a: f"{a['n']}x{a['m']}")
def test_a_torus_of_spins(answer: dict[str, Any]) -> None:
    n, m, K = answer["n"], answer["m"], float(answer["K"])
    units = [{"name": f"s{i}_{j}", "type": "spin", "bias": 0.0} for i in range(n) for j in range(m)]
    couplings = [
        [f"s{i}_{j}", f"s{a % n}_{b % m}", K]
        for i in range(n)
        for j in range(m)
        for a, b in ((i + 1, j), (i, j + 1))
    ]
    s = bp.exact.solve(bp.energy.load({"units": units, "couplings": couplings}))
    near(s.log_Z, float(answer["logZ"]))
    energy = -sum(s.pair) / (n * m)
    near(energy, float(answer["energy_per_spin_over_J"]), 1e-11)


# Refusals ----------------------------------------------------------------------------------

V = {"name": "v", "type": "binary", "bias": 0.1}
REFUSED = [
    ({"units": [{"name": "e", "type": "exponential", "bias": 0.5}]}, "-z = -0.5"),
    (
        {
            "units": [V, {"name": "e", "type": "exponential", "bias": -0.5}],
            "couplings": [["v", "e", 0.7]],
        },
        "not normalisable",
    ),
    ({"units": [{"name": "g", "type": "gaussian", "bias": 0, "q": -1.0}]}, "q = -1.0"),
    ({"units": [{"name": "g", "type": "gaussian", "bias": 0}]}, "no q"),
    ({"units": [V, {"name": "v", "type": "spin"}]}, "two units of one name"),
    ({"units": [V], "couplings": [["v", "w", 1.0]]}, "no unit 'w'"),
    ({"units": [V], "couplings": [["v", "v", 1.0]]}, "two different units"),
    ({"units": [V], "couplings": [["v", 1.0]]}, "two ends or more"),
    ({"units": [{"name": "v", "type": "binary", "bias": float("nan")}]}, "a finite number"),
    ({"units": [{"name": "v", "type": "boson", "bias": 0.0}]}, "'boson'"),
    ({"units": [{"name": "c", "type": "categorical", "K": 3, "bias": [1.0]}]}, "1 biases"),
    ({"units": [{"name": "v", "type": "binary", "bias": 0.0, "q": 1.0}]}, "q = 1.0"),
    ({"units": [V], "visible": ["w"]}, "no unit 'w'"),
    ({"unit": [V]}, "units and couplings"),
    (
        {
            "units": [{"name": n, "type": "relu", "bias": 0.0, "q": 1.0} for n in "ab"],
            "couplings": [["a", "b", 0.1]],
        },
        "no closed form",
    ),
    (
        {
            "units": [
                {"name": "a", "type": "exponential", "bias": -1.0},
                {"name": "b", "type": "gaussian", "bias": 0.0, "q": 1.0},
            ],
            "couplings": [["a", "b", 0.1]],
        },
        "curvature -0.01",
    ),
]


@pytest.mark.parametrize(("case", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_refusal(case: dict[str, Any], words: str) -> None:
    with pytest.raises(bp.BackproofError) as refusal:
        bp.exact.solve(bp.energy.load(case))
    assert words in str(refusal.value)


def test_too_large_is_refused_with_the_cost() -> None:
    units = [{"name": f"s{n}", "type": "spin", "bias": 0.0} for n in range(60)]
    couplings = [[f"s{n}", f"s{m}", 0.1] for n in range(60) for m in range(n)]
    with pytest.raises(
        bp.BackproofError, match=r"59 units .* 5\.76e\+17 joint states, about .* years"
    ):
        bp.exact.solve(bp.energy.load({"units": units, "couplings": couplings}))


def test_data_is_checked() -> None:
    s = bp.exact.solve(bp.energy.load(MACHINES[0]), visible=["v0", "v1", "v2"])
    for data, words in [
        ({"v0": 1, "v1": 0}, "one state for each visible unit"),
        ({"v0": 1, "v1": 0, "v2": 2}, "one of 0, 1"),
        ([], "no states"),
    ]:
        with pytest.raises(bp.BackproofError, match=words):
            s.free_energy(data)
    with pytest.raises(bp.BackproofError, match="given itself"):
        s.conditional("v0", {"v0": 1})
    with pytest.raises(bp.BackproofError, match="no unit"):
        s.conditional("v0", {"w": 1})


def test_the_determinant_alone_would_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the eigenvalues the machine with two negative ones gets a log Z: the test sees it."""
    monkeypatch.setattr(rest.Block, "_positive", lambda self, names: None)
    s = bp.exact.solve(bp.energy.load(FILE["must_reject"][0]))
    assert s.log_Z == pytest.approx(2.57714, abs=1e-4)
