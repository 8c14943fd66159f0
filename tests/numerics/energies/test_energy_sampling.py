"""Samplers are exact: by transition matrices, weighted measures and enumerated draws."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise, product
from pathlib import Path as File
from typing import Any

import numpy as np
import pytest
from oracles.measures import Measure, chance, grid, transition
from scipy import stats

import backproof as bp
from backproof.numerics.sampling import annealing, contrastive
from backproof.numerics.sampling.annealing import (
    Path,
    Population,
    anneal,
    bracket,
    forward,
    reverse,
)
from backproof.numerics.sampling.chains import Chains
from backproof.numerics.sampling.conditionals import Conditionals, one_hot
from backproof.numerics.sampling.contrastive import learner
from backproof.numerics.sampling.diagnostics import (
    effective_sample_size,
    monte_carlo_error,
    split_r_hat,
)
from backproof.numerics.sampling.graph_chains import GraphChains
from backproof.numerics.sampling.tempering import Tempering

BITS, SPINS = (0.0, 1.0), (-1.0, 1.0)
FALSE_ALARM = 1e-6


def numbers(machine: Any, sizes: dict[str, int], seed: int = 3) -> dict[str, np.ndarray]:
    """Strong random parameters."""
    random = np.random.default_rng(seed)
    found = {}
    for name, tensor in machine.parameters.items():
        shape = tuple(
            int(s.xreplace({x: sizes[x.name] for x in s.free_symbols})) for s in tensor.shape
        )
        value = random.normal(size=shape)
        if name.startswith(("q_", "sigma_")):
            value = random.uniform(0.8, 1.6, shape)
        if name in {c.weight for c in machine.couplings if c.lateral}:
            value = (value + value.T) / 2 * (1 - np.eye(shape[0]))
        found[name] = value
    return found


def target(machine: Any, values: Any, rows: dict[str, np.ndarray]) -> np.ndarray:
    """exp(−E)/Σ exp(−E) over all states, by the compiled energy."""
    model = machine.energy("N")
    known = {**values, **rows}
    energy = bp.compile(model)(**{n: known[n] for n in model.arguments})
    weight = np.exp(-(energy - energy.min()))
    return weight / weight.sum()


MACHINES = {
    "rbm": (bp.energy.rbm(3, 2), {"v": (3, BITS), "h": (2, BITS)}, BITS),
    "spin rbm": (
        bp.energy.rbm(2, 3, "spin", "spin"),
        {"v": (2, SPINS), "h": (3, SPINS)},
        SPINS,
    ),
    "dbm": (
        bp.energy.dbm([2, 2, 2]),
        {"v": (2, BITS), "h1": (2, BITS), "h2": (2, BITS)},
        BITS,
    ),
}


@pytest.mark.parametrize("name", MACHINES)
def test_every_block_leaves_the_joint_invariant(name: str) -> None:
    machine, levels, (low, high) = MACHINES[name]
    values = numbers(machine, {})
    rows = grid(levels)
    p = target(machine, values, rows)
    conditionals = Conditionals(machine, values)
    for group in levels:
        matrix = transition(conditionals.mean, rows, group, low, high)
        assert np.allclose(matrix.sum(1), 1, atol=1e-14)
        assert np.abs(p @ matrix - p).max() < 1e-15
        detailed = p[:, None] * matrix
        assert np.abs(detailed - detailed.T).max() < 1e-15


def test_a_wrong_conditional_does_not() -> None:
    """Mutants: a forgotten bias, a transposed weight, hidden units that see the old layer."""
    machine, levels, (low, high) = MACHINES["dbm"]
    values = numbers(machine, {})
    rows = grid(levels)
    p = target(machine, values, rows)
    for change in (
        {"b_h1": np.zeros(2)},
        {"W1": values["W1"].T},
        {"W2": 2 * values["W2"]},
    ):
        wrong = Conditionals(machine, {**values, **change})
        matrix = transition(wrong.mean, rows, "h1", low, high)
        assert np.abs(p @ matrix - p).max() > 1e-3


# Draws -------------------------------------------------------------------------------------


class Scripted:
    """A generator that gives the uniform numbers it was told."""

    def __init__(self, numbers: Sequence[np.ndarray]) -> None:
        self.numbers = list(numbers)

    def random(self, size: Any, dtype: Any) -> np.ndarray:
        number = self.numbers.pop(0)
        assert number.shape == tuple(np.atleast_1d(size))
        return number.astype(dtype)

    def standard_normal(self, size: Any, dtype: Any) -> np.ndarray:
        raise AssertionError("no normal numbers here")


def branches(probability: np.ndarray) -> list[tuple[float, np.ndarray, np.ndarray]]:
    """Every outcome of independent units: its chance, uniform numbers that give it, and itself."""
    found = []
    for bits in product((0, 1), repeat=probability.size):
        on = np.array(bits, float).reshape(probability.shape)
        chance = float(np.prod(np.where(on == 1, probability, 1 - probability)))
        number = np.where(on == 1, probability / 2, (1 + probability) / 2)
        found.append((chance, number, on))
    return found


def test_draws_are_what_the_numbers_say() -> None:
    """P(u < p) = p for u uniform: a state is one exactly where its number is below p."""
    machine, _, _ = MACHINES["rbm"]
    conditionals = Conditionals(machine, numbers(machine, {}))
    states = {"v": np.array([[1.0, 0.0, 1.0]]), "h": np.zeros((1, 2))}
    p = conditionals.mean("h", states)
    for _, number, on in branches(p):
        assert np.array_equal(conditionals.draw("h", states, Scripted([number])), on)
    edge = conditionals.draw("h", states, Scripted([p]))
    assert not edge.any()  # u = p is not below p


@pytest.mark.parametrize("persistent", [False, True])
def test_the_expected_update_is_exact(persistent: bool) -> None:
    """E[CD-1 and PCD-1 update] over every draw, with unequal numbers of data rows and chains."""
    machine = bp.energy.rbm(2, 2)
    values = numbers(machine, {})
    data = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    start = np.array([[0.0, 1.0], [1.0, 1.0]]) if persistent else data[:2]
    batch = data if persistent else data[:2]
    conditionals = Conditionals(machine, values)
    total: dict[str, np.ndarray] = {}
    p_h = conditionals.mean("h", {"v": start})
    weight = 0.0
    one = contrastive.Learner(conditionals, Scripted([]))
    for chance_h, number_h, h in branches(p_h):
        p_v = conditionals.mean("v", {"h": h})
        for chance_v, number_v, _ in branches(p_v):
            one.random = script = Scripted([number_h, number_v])
            one.chains = {"v": start} if persistent else None
            for name, slope in one.gradient({"v": batch}).items():
                total[name] = total.get(name, 0) + chance_h * chance_v * slope
            weight += chance_h * chance_v
            assert not script.numbers
    assert weight == pytest.approx(1, abs=1e-14)
    expected = expected_update(values, batch, start)
    for name, value in expected.items():
        assert np.allclose(total[name], -value, atol=1e-14), name


def expected_update(values: Any, data: np.ndarray, start: np.ndarray) -> dict[str, np.ndarray]:
    """The mean update written out with loops and numpy, without the library."""
    W, b, c = values["W"], values["b_v"], values["b_h"]
    sigma = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731

    def statistics(v: np.ndarray) -> list[np.ndarray]:
        h = sigma(c + v @ W)
        return [np.outer(v, h), v, h]

    positive = [np.mean([statistics(v)[k] for v in data], axis=0) for k in range(3)]
    negative = [np.zeros((2, 2)), np.zeros(2), np.zeros(2)]
    for v0 in start:
        on = sigma(c + v0 @ W)
        for h in product((0.0, 1.0), repeat=2):
            ph = np.prod(np.where(np.array(h) == 1, on, 1 - on))
            up = sigma(b + W @ np.array(h))
            for v in product((0.0, 1.0), repeat=2):
                pv = np.prod(np.where(np.array(v) == 1, up, 1 - up))
                for k, s in enumerate(statistics(np.array(v))):
                    negative[k] = negative[k] + ph * pv * s / len(start)
    names = ("W", "b_v", "b_h")
    return {n: p - m for n, p, m in zip(names, positive, negative, strict=True)}


UNITS = ["binary", "spin", "categorical", "gaussian", "gaussian_mean", "rectified", "bounded"]


@pytest.mark.parametrize("hidden", UNITS)
def test_chains_have_the_exact_means(hidden: str) -> None:
    """2,000 chains after 60 sweeps: every mean within six of its standard errors (2e-9 each)."""
    machine = bp.energy.rbm(3, 2, "binary", hidden, states=3)
    values = {k: 0.7 * x if k[0] in "Wb" else x for k, x in numbers(machine, {}).items()}
    exact = bp.exact.solve(machine, values=values)
    chains = Chains.start(machine, values, 2000, np.random.default_rng(9))
    states = chains.advance(60)
    for group, state in states.items():
        flat = state.reshape(len(state), -1)
        scale = values["sigma_h"] if hidden == "gaussian_mean" and group == "h" else 1.0
        expected = np.array([x for k, x in exact.mean.items() if k.startswith(group)]) * scale
        error = flat.std(0, ddof=1) / np.sqrt(len(flat))
        assert np.all(np.abs(flat.mean(0) - expected) < 6 * error + 1e-12)


def test_units_of_one_group_are_drawn_one_after_the_other() -> None:
    """A Boltzmann machine with lateral weights in both groups has the exact pair means."""
    machine = bp.energy.boltzmann(3, 2)
    values = numbers(machine, {})
    exact = bp.exact.solve(machine, values=values)
    v = Chains.start(machine, values, 4000, np.random.default_rng(2)).advance(60)["v"]
    pair = v[:, 0] * v[:, 1]
    test = stats.binomtest(int(pair.sum()), len(pair), exact.pair["v0", "v1"])
    assert test.pvalue > FALSE_ALARM


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_unit_vectors_follow_their_weights(dtype: str) -> None:
    z = np.tile(np.array([0.3, -1.0, 0.9], dtype), (3000, 1))
    number = (np.arange(3000, dtype=dtype) + 0.5) / 3000
    drawn = one_hot(number, z)
    assert drawn.dtype == dtype
    share = np.exp(z[0]) / np.exp(z[0]).sum()
    assert np.abs(drawn.mean(0) - share).max() < 1e-3


def test_chains_resume_bit_for_bit(tmp_path: File) -> None:
    machine = bp.energy.dbm([4, 3, 2], units=["binary", "gaussian", "spin"])
    values = numbers(machine, {})
    whole = Chains.start(machine, values, 5, np.random.default_rng(1), "float32")
    whole.advance(7)
    whole.save(tmp_path / "chains.npz")
    later = Chains.resume(tmp_path / "chains.npz", Conditionals(machine, values, "float32"))
    assert later.sweeps == 7
    for _ in range(5):
        first, second = whole.advance(), later.advance()
        assert all(np.array_equal(first[k], second[k]) for k in first)
    assert all(x.dtype == np.float32 for x in second.values())
    other = Conditionals(bp.energy.rbm(2, 2), numbers(bp.energy.rbm(2, 2), {}))
    with pytest.raises(bp.BackproofError, match="pass its machine"):
        Chains.resume(tmp_path / "chains.npz", other)


# Annealing ---------------------------------------------------------------------------------

BETAS = [0.0, 0.2, 0.45, 0.7, 1.0]


def path_of(name: str) -> tuple[Path, dict[str, np.ndarray], float]:
    """A path, all states of its kept groups, and the exact log Z."""
    machine, levels, _ = MACHINES[name]
    values = numbers(machine, {})
    base = {"b_v": np.full(levels["v"][0], 0.3)}
    path = Path(machine, values, base)
    rows = grid({k: levels[k] for k in path.kept})
    return path, rows, bp.exact.solve(machine, values=values).log_Z


def kernel_of(path: Path, rows: dict[str, np.ndarray], name: str) -> Any:
    """The transition over kept states at β: draw what is summed out, then what is kept."""
    _, levels, (low, high) = MACHINES[name]

    def kernel(beta: float) -> np.ndarray:
        here = path.conditionals(beta)
        summed = grid({k: levels[k] for k in path.summed})
        down = np.ones((len(next(iter(rows.values()))), len(next(iter(summed.values())))))
        for group in path.summed:
            down = down * chance(here.mean(group, rows), summed[group], low, high)
        up = np.ones(down.shape[::-1])
        for group in path.kept:
            up = up * chance(here.mean(group, summed), rows[group], low, high)
        return down @ up

    return kernel


def start_of(path: Path, rows: dict[str, np.ndarray], beta: float) -> np.ndarray:
    weight = np.exp(path.log_f(rows, beta))
    return weight / weight.sum()


@pytest.mark.parametrize("name", MACHINES)
def test_forward_annealing_is_exact(name: str) -> None:
    """E[w] = Z₁/Z₀: the weighted measure, carried along the schedule, sums to it."""
    path, rows, log_Z = path_of(name)
    measure = Measure(start_of(path, rows, 0.0), rows, path.log_f, kernel_of(path, rows, name))
    anneal(measure, BETAS)
    assert path.log_Z0 + np.log(measure.mass.sum()) == pytest.approx(log_Z, abs=1e-13)


@pytest.mark.parametrize("name", MACHINES)
def test_reverse_annealing_is_exact(name: str) -> None:
    """E[w] = Z₀/Z₁ from exact samples downward."""
    path, rows, log_Z = path_of(name)
    measure = Measure(start_of(path, rows, 1.0), rows, path.log_f, kernel_of(path, rows, name))
    anneal(measure, BETAS[::-1])
    assert path.log_Z0 - np.log(measure.mass.sum()) == pytest.approx(log_Z, abs=1e-13)


def weigh_after_the_move(population: Population, betas: Sequence[float]) -> None:
    """The common mistake: the sample is moved at the next β before it is weighed."""
    for low, high in pairwise(betas):
        population.move(high)
        population.reweigh(low, high)


def skip_the_last_weight(population: Population, betas: Sequence[float]) -> None:
    """Another: the ratio to the last β is left out."""
    for low, high in pairwise(betas[:-1]):
        population.reweigh(low, high)
        population.move(high)


def move_at_the_old_beta(population: Population, betas: Sequence[float]) -> None:
    """A schedule that weighs for the next β and moves at this one."""
    for low, high in pairwise(betas):
        population.reweigh(low, high)
        population.move(low)


@pytest.mark.parametrize(
    "mutant", [weigh_after_the_move, skip_the_last_weight, move_at_the_old_beta]
)
def test_a_wrong_schedule_is_found(mutant: Any) -> None:
    path, rows, log_Z = path_of("rbm")
    measure = Measure(start_of(path, rows, 0.0), rows, path.log_f, kernel_of(path, rows, "rbm"))
    mutant(measure, BETAS)
    assert abs(path.log_Z0 + np.log(measure.mass.sum()) - log_Z) > 1e-3


@pytest.mark.parametrize("name", ["rbm", "dbm"])
def test_annealing_by_samples(name: str) -> None:
    """Within six standard errors (2e-9), and the bracket holds log Z."""
    path, rows, log_Z = path_of(name)
    estimate = forward(path, 60, 400, seed=5)
    assert abs(estimate.log_Z - log_Z) < 6 * estimate.error
    assert 1 < estimate.effective <= 400
    random = np.random.default_rng(8)
    p = start_of(path, rows, 1.0)
    chosen = random.choice(len(p), size=400, p=p)
    found = bracket(path, 60, {k: x[chosen] for k, x in rows.items()}, seed=6)
    assert found.forward.mean - 0.1 < log_Z < found.reverse.mean + 0.1
    assert abs(found.reverse.log_Z - log_Z) < 6 * found.reverse.error
    assert "gap" in str(found)


def test_annealing_does_not_depend_on_the_workers() -> None:
    path, _, _ = path_of("rbm")
    alone = forward(path, 20, 70, seed=3).log_weights
    with ThreadPoolExecutor(2) as executor:
        shared = forward(path, 20, 70, seed=3, executor=executor).log_weights
    assert np.array_equal(alone, shared)


@pytest.mark.parametrize("hidden", ["gaussian", "rectified", "categorical", "spin"])
def test_annealing_of_other_units(hidden: str) -> None:
    machine = bp.energy.rbm(3, 2, "binary", hidden, states=3)
    values = numbers(machine, {})
    log_Z = bp.exact.solve(machine, values=values).log_Z
    estimate = forward(Path(machine, values), 200, 300, seed=1)
    assert abs(estimate.log_Z - log_Z) < 6 * estimate.error


def test_refusals_of_annealing() -> None:
    path, _, _ = path_of("rbm")
    with pytest.raises(bp.BackproofError, match="rise from 0 to 1"):
        forward(path, [0.0, 0.5], 3, seed=1)
    with pytest.raises(bp.BackproofError, match="no states of v"):
        reverse(path, 10, {}, seed=1)
    lateral = bp.energy.boltzmann(3, 2)
    with pytest.raises(bp.BackproofError, match="couplings inside"):
        Path(lateral, numbers(lateral, {}))
    deep = bp.energy.dbm([2, 2, 2])
    arrays = numbers(deep, {})
    with pytest.raises(bp.BackproofError, match="hidden groups that interact"):
        learner(deep, arrays, np.random.default_rng(0))


# Tempering ---------------------------------------------------------------------------------


def test_swaps_leave_the_product_invariant() -> None:
    path, rows, _ = path_of("rbm")
    betas = [0.4, 1.0]
    p = [start_of(path, rows, b) for b in betas]
    n = len(p[0])
    low = {k: np.repeat(x, n, 0) for k, x in rows.items()}
    high = {k: np.tile(x, (n, 1)) for k, x in rows.items()}
    tempering = Tempering(path, betas, [low, high], np.random.default_rng(0))
    accept = np.minimum(1, np.exp(tempering.log_ratio(0, low, high))).reshape(n, n)
    joint = np.outer(p[0], p[1])
    after = joint * (1 - accept) + (joint * accept).T
    assert np.abs(after - joint).max() < 1e-15
    wrong = np.minimum(1, np.exp(-tempering.log_ratio(0, low, high))).reshape(n, n)
    assert np.abs(joint * (1 - wrong) + (joint * wrong).T - joint).max() > 1e-3


def test_a_swap_accepts_below_the_ratio_and_moves_whole_rows() -> None:
    path, rows, _ = path_of("rbm")
    random = np.random.default_rng(4)
    some = {k: x[[1, 5, 7, 2]] for k, x in rows.items()}
    other = {k: x[[6, 0, 3, 4]] for k, x in rows.items()}
    tempering = Tempering(path, [0.2, 1.0], [dict(some), dict(other)], random)
    ratio = tempering.log_ratio(0, some, other)
    expected = np.log(1 - np.random.default_rng(4).random(4)) < ratio
    tempering.swap(0)
    which = expected[:, None]
    for k in some:
        first, second = tempering.states
        assert np.array_equal(first[k], np.where(which, other[k], some[k]))
        assert np.array_equal(second[k], np.where(which, some[k], other[k]))
    assert tempering.accepted[0] == expected.sum()


def test_tempering_has_the_exact_means() -> None:
    path, _, _ = path_of("dbm")
    exact = bp.exact.solve(path.machine, values=path.values)
    tempering = Tempering.start(path, [0.0, 0.5, 1.0], 3000, np.random.default_rng(12))
    v = tempering.advance(60)["v"]
    for i in range(2):
        test = stats.binomtest(int(v[:, i].sum()), len(v), exact.mean[f"v{i}"])
        assert test.pvalue > FALSE_ALARM


# Graphs ------------------------------------------------------------------------------------


def test_a_graph_of_all_units_has_the_exact_means() -> None:
    file = File(__file__).resolve().parents[2] / "cases" / "energy.json"
    case = next(
        c
        for c in json.loads(file.read_text("utf-8"))["cases"]
        if c["name"] == "mixed_all_unit_types"
    )
    machine = bp.energy.load(case)
    chains = GraphChains(machine, 6000, np.random.default_rng(21))
    features = chains.sweep(80)
    error = features.std(1, ddof=1) / np.sqrt(features.shape[1])
    expected = np.array(list(case["mean_features"].values()))
    assert np.all(np.abs(features.mean(1) - expected) < 6 * error)
    for block in machine.colouring():
        for a in block:
            assert not set(machine.blanket(a)) & set(block)


def test_a_torus_of_spins_has_kaufmans_energy() -> None:
    """8 × 8 at K = 0.3: the energy per spin within six Monte Carlo errors."""
    n, K, expected = 8, 0.3, -0.712467372672069
    units = [{"name": f"s{i}_{j}", "type": "spin", "bias": 0.0} for i in range(n) for j in range(n)]
    couplings = [
        [f"s{i}_{j}", f"s{a % n}_{b % n}", K]
        for i in range(n)
        for j in range(n)
        for a, b in ((i + 1, j), (i, j + 1))
    ]
    chains = GraphChains(
        bp.energy.load({"units": units, "couplings": couplings}), 300, np.random.default_rng(3)
    )
    assert len(chains.graph.blocks) == 2
    chains.sweep(60)
    draws = []
    for _ in range(20):
        s = chains.sweep(3).reshape(n, n, -1)
        draws.append(-(s * (np.roll(s, -1, 0) + np.roll(s, -1, 1))).mean((0, 1)))
    energy = np.array(draws).T
    assert split_r_hat(energy) < 1.05
    assert abs(energy.mean() - expected) < 6 * monte_carlo_error(energy)


# Diagnostics -------------------------------------------------------------------------------


def test_diagnostics_of_an_autoregression() -> None:
    """x' = ρ x + noise has an effective size of (1 − ρ)/(1 + ρ) of its length."""
    random, rho = np.random.default_rng(5), 0.6
    draws = np.zeros((8, 4000))
    for t in range(1, 4000):
        draws[:, t] = rho * draws[:, t - 1] + random.normal(size=8)
    share = effective_sample_size(draws) / draws.size
    assert share == pytest.approx((1 - rho) / (1 + rho), rel=0.12)
    assert split_r_hat(draws) < 1.01
    assert split_r_hat(draws + np.arange(8)[:, None]) > 1.5
    with pytest.raises(bp.BackproofError, match="four steps"):
        split_r_hat(np.zeros((3, 2)))


def test_blocks_of_runs_are_as_many_as_asked() -> None:
    path, _, _ = path_of("rbm")
    assert len(forward(path, 3, annealing.BLOCK + 5, seed=1).log_weights) == annealing.BLOCK + 5
