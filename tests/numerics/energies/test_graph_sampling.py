"""Sampling on graphs: exact transitions, exact annealing, and Kaufman's spins on a torus."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from oracles.enumeration import Enumerated, random_case
from oracles.kaufman import by_transfer_matrix, energy_per_spin, log_Z, torus
from oracles.measures import Measure
from scipy import special

import backproof as bp
from backproof.numerics.sampling import graph as graph_module
from backproof.numerics.sampling.annealing import anneal
from backproof.numerics.sampling.graph import Graph
from backproof.numerics.sampling.graph_chains import GraphChains
from backproof.numerics.sampling.graph_path import GraphPath

CASES_FOLDER = Path(__file__).resolve().parents[2] / "cases"
KNOWN = json.loads((CASES_FOLDER / "known_answers.json").read_text("utf-8"))
BITS, SPINS = (0.0, 1.0), (-1.0, 1.0)
CASES = {
    "pairs": (["binary", "spin", "categorical", "binary"], False),
    "triples": (["spin", "binary", "binary", "categorical"], True),
    "spins": (["spin"] * 5, True),
}


def case_of(name: str) -> tuple[dict[str, Any], Enumerated]:
    """A machine of discrete units with strong couplings, and all its states."""
    kinds, triple = CASES[name]
    case = random_case(np.random.default_rng([9, *map(len, kinds)]), kinds, triple)
    case["couplings"] = [[*ends, 2.5 * w] for *ends, w in case["couplings"]]
    case["const"] = 0.3
    return case, Enumerated(case)


def features_of(case: dict[str, Any], oracle: Enumerated) -> np.ndarray:
    """The features of all states, (feature, state)."""
    rows = []
    for unit in case["units"]:
        if unit["type"] == "categorical":
            rows += [oracle.feature([unit["name"], k]) for k in range(unit["K"])]
        else:
            rows.append(oracle.feature(unit["name"]))
    return np.array(rows)


def transition(
    graph: Graph, n: int, features: np.ndarray, oracle: Enumerated, beta: float = 1.0
) -> np.ndarray:
    """The matrix over all states that draws block n anew, by the sampler's own fields.

    The chance of a state given a field is written here: ∝ exp(z y), or exp(z_k) for unit vectors.
    """
    count = features.shape[1]
    matrix = np.ones((count, count))
    drawn: list[int] = []
    for kind in graph.blocks[n]:
        z = graph.field(kind, features, beta)
        for u in range(0, len(kind.rows), kind.states):
            rows = kind.rows[u : u + kind.states]
            drawn += rows.tolist()
            if kind.unit.labels:
                shares = special.softmax(z[u : u + kind.states], axis=0)
                matrix *= shares.T @ features[rows]
            else:
                low, high = (BITS, SPINS)[kind.unit.name == "spin"]
                up = special.expit((high - low) * z[u])[:, None]
                matrix *= np.where(features[rows[0]] == high, up, 1 - up)
    kept = np.setdiff1d(np.arange(len(features)), drawn)
    same = (features[kept][:, :, None] == features[kept][:, None]).all(0)
    return matrix * same


def joint(oracle: Enumerated) -> np.ndarray:
    weight = np.exp(oracle.energy.min() - oracle.energy)
    return weight / weight.sum()


@pytest.mark.parametrize("name", CASES)
def test_a_sweep_leaves_the_joint_invariant(name: str) -> None:
    case, oracle = case_of(name)
    graph, features, p = Graph(bp.energy.load(case), 7), features_of(case, oracle), joint(oracle)
    for n in range(len(graph.blocks)):
        matrix = transition(graph, n, features, oracle)
        assert np.allclose(matrix.sum(1), 1, atol=1e-13)
        assert np.abs(p @ matrix - p).max() < 1e-15


@pytest.mark.parametrize("name", CASES)
def test_the_weight_is_the_energy_of_the_definition(name: str) -> None:
    """log Σ exp(−E), nothing summed, one block summed; and log Z of the units alone."""
    case, oracle = case_of(name)
    graph, features = Graph(bp.energy.load(case), 7), features_of(case, oracle)
    assert np.allclose(graph.log_weight(features), -oracle.energy, atol=1e-13)
    for n, block in enumerate(graph.blocks):
        drawn = np.concatenate([kind.rows for kind in block])
        kept = np.setdiff1d(np.arange(len(features)), drawn)
        same = (features[kept][:, :, None] == features[kept][:, None]).all(0)
        expected = np.log(same @ np.exp(-oracle.energy))
        assert np.allclose(graph.log_weight(features, 1.0, n), expected, atol=1e-12)
    alone = Enumerated({**case, "couplings": []})
    assert graph.log_normaliser() == pytest.approx(alone.log_sum(), abs=1e-12)


def test_real_units_enter_the_weight() -> None:
    """A block of real units is integrated by its normaliser."""
    kinds = ["binary", "gaussian", "relu", "exponential", "bounded", "spin"]
    case = random_case(np.random.default_rng(4), kinds)
    case["couplings"] = [[f"u{n}", end, 0.1 * n] for n in (1, 2, 3, 4) for end in ("u0", "u5")]
    machine = bp.energy.load(case)
    graph = Graph(machine, 4)
    (block,) = [n for n, b in enumerate(machine.colouring()) if "u1" in b]
    discrete = np.array(list(product(BITS, SPINS))).T
    features = np.zeros((6, 4))
    features[[0, 5]] = discrete
    exact = bp.exact.solve(machine, visible=["u0", "u5"])
    for n, (u0, u5) in enumerate(discrete.T):
        found = graph.log_weight(features, 1.0, block)[n]
        assert found == pytest.approx(-exact.free_energy({"u0": u0, "u5": u5}), rel=1e-12)


def test_wrong_graphs_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mutants: all units in one block, a coupling counted twice, a triple seen from one end."""
    case, oracle = case_of("triples")
    machine, features, p = bp.energy.load(case), features_of(case, oracle), joint(oracle)

    def worst(graph: Graph) -> float:
        blocks = range(len(graph.blocks))
        return max(np.abs(p @ transition(graph, n, features, oracle) - p).max() for n in blocks)

    assert worst(Graph(machine, 3)) < 1e-15
    together = Graph(machine, 3)
    together.blocks = [[kind for block in together.blocks for kind in block]]
    assert worst(together) > 1e-3
    twice = Graph(machine, 3)
    twice.blocks = [[replace(k, weights=2 * k.weights) for k in b] for b in twice.blocks]
    assert worst(twice) > 1e-3
    monkeypatch.setattr(graph_module, "_products", one_end(graph_module._products))
    assert worst(Graph(machine, 3)) > 1e-3


def one_end(right: Callable[..., Any]) -> Callable[..., Any]:
    def wrong(rows: np.ndarray, ends: np.ndarray, *rest: Any) -> Any:
        found = right(rows, ends, *rest)
        return replace(found, into=found.into * (ends[0, 0] in rows))

    return wrong


# Colouring ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "m", "colours"), [(6, 4, 2), (64, 64, 2), (5, 4, 3)])
def test_a_torus_is_a_checkerboard_where_both_sides_are_even(n: int, m: int, colours: int) -> None:
    machine = bp.energy.load(torus(n, m, 0.4))
    blocks = machine.colouring()
    assert len(blocks) == colours
    assert sorted(name for block in blocks for name in block) == sorted(
        site.name for site in machine.sites
    )
    for block in blocks:
        inside = set(block)
        assert not any(machine.neighbours[name] & inside for name in block)


def test_two_coloured_graphs_get_two_colours() -> None:
    """Trees and layers with shuffled names: a greedy colouring in order of degree needs more."""
    random = np.random.default_rng(0)
    for _ in range(20):
        names = random.permutation(30)
        units = [{"name": f"s{n}", "type": "spin", "bias": 0.0} for n in range(30)]
        pairs = [(k, int(random.integers(k))) for k in range(1, 30)]
        couplings = [[f"s{names[a]}", f"s{names[b]}", 1.0] for a, b in pairs]
        assert len(bp.energy.load({"units": units, "couplings": couplings}).colouring()) == 2


# Annealing ---------------------------------------------------------------------------------

BETAS = [0.0, 0.25, 0.6, 1.0]


@pytest.mark.parametrize("name", CASES)
def test_annealing_on_a_graph_is_exact(name: str) -> None:
    """The weighted measure, carried along the schedule and back, sums to Z₁/Z₀ and Z₀/Z₁."""
    case, oracle = case_of(name)
    path, features = GraphPath(bp.energy.load(case)), features_of(case, oracle)
    first, *others = path.order
    drawn = np.concatenate([kind.rows for kind in path.graph.blocks[first]])
    left = np.setdiff1d(np.arange(len(features)), drawn)
    same = (features[left][:, :, None] == features[left][:, None]).all(0)
    share = 1 / same.sum(1)  # a kept state stands in the list once for each of the summed ones
    rows = {"features": features.T}

    def kernel(beta: float) -> np.ndarray:
        moved = transition(path.graph, first, features, oracle, beta)
        for n in others:
            moved = moved @ transition(path.graph, n, features, oracle, beta)
        return moved

    def start(beta: float) -> np.ndarray:
        weight = np.exp(path.log_f(rows, beta)) * share
        return weight / weight.sum()

    up = Measure(start(0.0), rows, path.log_f, kernel)
    anneal(up, BETAS)
    assert path.log_Z0 + np.log(up.mass.sum()) == pytest.approx(oracle.log_sum(), abs=1e-12)
    down = Measure(start(1.0), rows, path.log_f, kernel)
    anneal(down, BETAS[::-1])
    assert path.log_Z0 - np.log(down.mass.sum()) == pytest.approx(oracle.log_sum(), abs=1e-12)


# Kaufman -----------------------------------------------------------------------------------

SIZES = [(4, 6, 0.5), (8, 6, 0.25), (16, 12, 0.35), (32, 32, 0.3)]


@pytest.mark.parametrize(("n", "m", "K"), [(3, 4, 0.2), (4, 3, 0.7), (6, 5, 0.44)])
def test_two_oracles_of_a_torus_agree(n: int, m: int, K: float) -> None:
    assert float(log_Z(n, m, K)) == pytest.approx(by_transfer_matrix(n, m, K), rel=1e-13)
    assert float(log_Z(n, m, K)) == pytest.approx(by_transfer_matrix(m, n, K), rel=1e-13)


@pytest.mark.parametrize("answer", KNOWN["kaufman"], ids=lambda a: f"{a['n']}x{a['m']} {a['K']}")
def test_known_answers_of_a_torus(answer: dict[str, Any]) -> None:
    """The oracle has the answers on file; so has `bp.exact` where the states can be summed."""
    n, m, K = answer["n"], answer["m"], float(answer["K"])
    assert float(log_Z(n, m, K)) == pytest.approx(float(answer["logZ"]), rel=1e-14)
    energy = float(answer["energy_per_spin_over_J"])
    assert energy_per_spin(n, m, K) == pytest.approx(energy, abs=1e-11)
    if n * m <= 25:
        exact = bp.exact.solve(bp.energy.load(torus(n, m, K)))
        assert exact.log_Z == pytest.approx(float(answer["logZ"]), rel=1e-13)
        assert -sum(exact.pair) / (n * m) == pytest.approx(energy, abs=1e-11)


@pytest.mark.parametrize("answer", KNOWN["onsager"], ids=lambda a: str(a["K"]))
def test_a_large_torus_comes_near_onsagers_limit(answer: dict[str, Any]) -> None:
    """log Z per spin at 48 × 48; below the critical point two ordered states make it log 2 more."""
    K = float(answer["K"])
    ordered = np.log(2) if np.log(1 + np.sqrt(2)) / 2 < K else 0.0
    found = (float(log_Z(48, 48, K)) - ordered) / 48**2
    assert found == pytest.approx(float(answer["logZ_per_spin"]), abs=2e-6)


@pytest.mark.parametrize(("n", "m", "K"), SIZES)
def test_spins_on_a_torus_have_kaufmans_energy(n: int, m: int, K: float) -> None:
    """Within six Monte Carlo errors (2e-9 each); K five per cent off is found at every size."""
    expected = energy_per_spin(n, m, K)
    chains = GraphChains(bp.energy.load(torus(n, m, K)), 200, np.random.default_rng(3), "float32")
    chains.sweep(80)
    draws = []
    for _ in range(40):
        s = chains.sweep(4).reshape(n, m, -1)
        draws.append(-(s * (np.roll(s, -1, 0) + np.roll(s, -1, 1))).mean((0, 1)))
    energy = np.array(draws, float).T
    error = bp.sampling.monte_carlo_error(energy)
    assert bp.sampling.split_r_hat(energy) < 1.05
    assert abs(energy.mean() - expected) < 6 * error
    assert abs(energy_per_spin(n, m, 1.05 * K) - expected) > 12 * error


@pytest.mark.parametrize(("n", "m", "K"), [(8, 6, 0.25), (16, 12, 0.35)])
def test_a_bracket_holds_kaufmans_log_Z(n: int, m: int, K: float) -> None:
    """Forward and reverse means lie on either side, both estimates within six errors."""
    path, expected = GraphPath(bp.energy.load(torus(n, m, K))), float(log_Z(n, m, K))
    chains = GraphChains(path.machine, 96, np.random.default_rng(5))
    chains.sweep(150)
    found = bp.sampling.bracket(path, 80, {"features": chains.features.T}, seed=2)
    assert found.forward.mean < expected < found.reverse.mean
    assert found.gap < 1.5
    for estimate in (found.forward, found.reverse):
        assert abs(estimate.log_Z - expected) < 6 * estimate.error


# Chains ------------------------------------------------------------------------------------


def test_chains_on_a_graph_resume_bit_for_bit(tmp_path: Path) -> None:
    case = random_case(np.random.default_rng(2), ["binary", "gaussian", "categorical", "relu"])
    machine = bp.energy.load(case)
    whole = GraphChains(machine, 5, np.random.default_rng(1), "float32")
    whole.sweep(7)
    whole.save(tmp_path / "chains.npz")
    later = GraphChains.resume(tmp_path / "chains.npz", machine)
    assert later.sweeps == 7
    assert np.array_equal(whole.sweep(6), later.sweep(6))
    assert later.features.dtype == np.float32
    with pytest.raises(bp.BackproofError, match="pass its machine"):
        GraphChains.resume(tmp_path / "chains.npz", bp.energy.load(torus(3, 3, 0.1)))
    with pytest.raises(bp.BackproofError, match="one or more"):
        GraphChains(machine, 0, np.random.default_rng(1))
    with pytest.raises(bp.BackproofError, match="pass rows of features"):
        GraphPath(machine).log_f({"features": np.zeros((2, 3))}, 1.0)


def test_held_units_stay_in_the_fields_of_the_others() -> None:
    machine = bp.energy.load(torus(3, 3, 0.4))
    chains = GraphChains(machine, 4, np.random.default_rng(0))
    chains.hold({"s0_0": [1, -1, 1, -1]})
    assert chains.features[0].tolist() == [1, -1, 1, -1]
