"""The samplers' own code as matrices: every outcome of its random numbers, with its chance."""

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path as File
from typing import Any

import numpy as np
import pytest

import backproof as bp
from backproof.numerics.exact.joint import Joint
from backproof.numerics.sampling.annealing import Particles, anneal
from backproof.numerics.sampling.chains import Chains
from backproof.numerics.sampling.conditionals import Conditionals
from backproof.numerics.sampling.contrastive import Learner
from backproof.numerics.sampling.path import Path
from backproof.numerics.sampling.tempering import Tempering
from backproof.theory.energy.groups import Group
from backproof.theory.energy.units.unit import Unit


class Branching:
    """A generator whose uniform numbers lie in intervals, one at a time, chosen by a script.

    The cuts between the intervals are asked for by ``cuts`` (what the code compares with); each
    number is then one of two, below or above its cut, and the chance of the script is the product
    of the lengths.
    """

    def __init__(self, script: tuple[int, ...], cuts: Callable[[int], float]) -> None:
        self.script, self.cuts, self.asked, self.chance = script, cuts, 0, 1.0

    def random(self, size: Any, dtype: Any = float) -> np.ndarray:
        shape = tuple(np.atleast_1d(size))
        numbers = np.empty(shape)
        for place in np.ndindex(shape):
            cut = min(max(self.cuts(self.asked), 0.0), 1.0)
            low = self.script[self.asked] == 0
            self.chance *= cut if low else 1 - cut
            numbers[place] = cut / 2 if low else (1 + cut) / 2
            self.asked += 1
        return numbers


def numbers_of(machine: Any, seed: int = 4) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    return {n: random.normal(size=tuple(map(int, t.shape))) for n, t in machine.parameters.items()}


def outcomes(draws: int, run: Callable[[Branching], Any], cuts: Any) -> Iterator[tuple[float, Any]]:
    """Chance and result of a piece of sampling code under every script."""
    for script in product((0, 1), repeat=draws):
        random = Branching(script, cuts)
        result = run(random)
        assert random.asked == draws
        yield random.chance, result


class Watched(Conditionals):
    """Conditionals that write down the means of the draws to come."""

    means: list[float]

    def drawn(self, group: str, z: np.ndarray, parameters: Any, random: Any) -> np.ndarray:
        self.means += self.mean_in(group, z).ravel().tolist()
        return super().drawn(group, z, parameters, random)


def visible_states(n: int) -> np.ndarray:
    return np.array(list(product((0.0, 1.0), repeat=n)))


def index(rows: np.ndarray) -> int:
    return int(rows.ravel() @ 2 ** np.arange(rows.size)[::-1])


def chain_matrix(machine: Any, values: Any, k: int, persistent: bool) -> np.ndarray:
    """The transition over visible states of the learner's chain, by its own code."""
    states = visible_states(2)
    matrix = np.zeros((4, 4))
    for n, v in enumerate(states):
        draws = Watched(machine, values)

        def run(random: Branching, v: np.ndarray = v, draws: Watched = draws) -> np.ndarray:
            draws.means = []
            chains = {"v": v[None]} if persistent else None
            learner = Learner(draws, random, k, chains)  # type: ignore[arg-type]
            moved: list[Any] = []
            inner = learner._moved
            learner._moved = lambda *a: moved.append(inner(*a)) or moved[-1]  # type: ignore
            learner.gradient({"v": v[None]})
            return np.asarray(moved[0]["v"])

        for chance, end in outcomes(3 * k, run, lambda at, draws=draws: draws.means[at]):
            matrix[n, index(end)] += chance
    return matrix


@pytest.mark.parametrize("persistent", [False, True])
def test_contrastive_divergence_is_a_chain_of_the_model(persistent: bool) -> None:
    """p(v) T = p(v) for k = 1, and k = 2 is the same chain twice."""
    machine = bp.energy.rbm(2, 1)
    values = numbers_of(machine)
    joint = Joint(machine, values)
    every = joint.rows["v"]
    p = np.array([joint.probability[(every == v).all(1)].sum() for v in visible_states(2)])
    once = chain_matrix(machine, values, 1, persistent)
    assert np.allclose(once.sum(1), 1, atol=1e-14)
    assert np.abs(p @ once - p).max() < 1e-15
    assert np.abs(chain_matrix(machine, values, 2, persistent) - once @ once).max() < 1e-14


def test_a_chain_of_another_model_is_found() -> None:
    machine = bp.energy.rbm(2, 1)
    values = numbers_of(machine)
    joint = Joint(machine, values)
    p = np.array(
        [joint.probability[(joint.rows["v"] == v).all(1)].sum() for v in visible_states(2)]
    )
    wrong = {**values, "b_h": values["b_h"] + 0.5}
    assert np.abs(p @ chain_matrix(machine, wrong, 1, False) - p).max() > 1e-3


@pytest.mark.parametrize("beta", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("sizes", [[2, 2], [2, 2, 2]], ids=str)
def test_annealing_moves_leave_each_machine_of_the_path(sizes: list[int], beta: float) -> None:
    machine = bp.energy.dbm(sizes)
    path = Path(machine, numbers_of(machine), {"b_v": np.full(2, 0.4)})
    assert Joint(machine, path.at(beta)).drift() < 1e-15
    assert path.conditionals(beta).values.keys() == path.at(beta).keys()
    off = Joint(machine, path.at(beta))
    off.conditionals = Conditionals(machine, path.at(beta + 0.1))
    assert off.drift() > 1e-4


# Tempering ---------------------------------------------------------------------------------

BETAS = [0.0, 1.0]


def tempered() -> tuple[np.ndarray, np.ndarray, list[np.ndarray], Path]:
    """The product of the replicas' distributions and the matrix of a whole round, by its code."""
    machine = bp.energy.rbm(1, 1)
    path = Path(machine, numbers_of(machine))
    states = visible_states(1)
    p = []
    for beta in BETAS:
        weight = np.exp(path.log_f({"v": states}, beta))
        p.append(weight / weight.sum())
    matrix, last, means = np.zeros((4, 4)), [], []
    inner = Conditionals.drawn

    def drawn(self: Any, group: str, z: Any, own: Any, random: Any) -> Any:
        means.extend(self.mean_in(group, z).ravel().tolist())
        return inner(self, group, z, own, random)

    def cut(at: int) -> float:
        if at < len(means):
            return float(means[at])
        ratio = float(last[-1].log_ratio(0, *last[-1].states)[0])
        return 1 - np.exp(min(0.0, ratio))  # log(1 − u) < ratio: accepted above the cut

    for n, (a, b) in enumerate(product(states, repeat=2)):

        def run(random: Branching, a: np.ndarray = a, b: np.ndarray = b) -> int:
            found = Tempering(path, BETAS, [{"v": a[None]}, {"v": b[None]}], random)  # type: ignore
            last.append(found)
            means.clear()
            found.advance()
            return 2 * int(found.states[0]["v"][0, 0]) + int(found.states[1]["v"][0, 0])

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Conditionals, "drawn", drawn)
            for chance, end in outcomes(5, run, cut):
                matrix[n, end] += chance
    return np.outer(p[0], p[1]).ravel(), matrix, p, path


def test_a_round_of_tempering_leaves_the_product_invariant() -> None:
    joint, matrix, _, _ = tempered()
    assert np.allclose(matrix.sum(1), 1, atol=1e-14)
    assert np.abs(joint @ matrix - joint).max() < 1e-15
    assert matrix.min() > 0


def test_a_wrong_swap_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The inverse ratio; and swaps that always happen."""
    right = Tempering.log_ratio
    for wrong in (
        lambda self, n, low, high: -right(self, n, low, high),
        lambda self, n, low, high: 0 * right(self, n, low, high) + 1,
    ):
        monkeypatch.setattr(Tempering, "log_ratio", wrong)
        joint, matrix, _, _ = tempered()
        assert np.abs(joint @ matrix - joint).max() > 1e-3


@pytest.mark.parametrize("betas", [[0.0, 1.0], [0.0, 0.3, 0.6, 1.0]], ids=str)
def test_tempering_estimates_log_Z_exactly(betas: list[float]) -> None:
    """The measure of every replica in the place of its rows: Σ log E_β[f_β′/f_β] = log Z₁/Z₀."""
    machine = bp.energy.rbm(3, 2)
    path = Path(machine, numbers_of(machine), {"b_v": np.full(3, 0.2)})
    states = visible_states(3)
    log_f = [path.log_f({"v": states}, beta) for beta in betas]
    p = [np.exp(x) / np.exp(x).sum() for x in log_f]
    tempering = Tempering(path, betas, [{"v": states}] * len(betas), np.random.default_rng(0))
    steps = tempering.log_steps()
    total = sum(np.log(q @ np.exp(step)) for q, step in zip(p[:-1], steps, strict=True))
    exact = bp.exact.solve(machine, values=path.values).log_Z
    assert path.log_Z0 + total == pytest.approx(exact, abs=1e-13)
    late = sum(np.log(q @ np.exp(step)) for q, step in zip(p[1:], steps, strict=True))
    assert abs(path.log_Z0 + late - exact) > 1e-2  # a mutant: weighed after the move to the next β


def test_tempering_estimates_log_Z_by_samples() -> None:
    """Within six errors (2e-9), on groups and on a graph; the error is that of repeated runs."""
    machine = bp.energy.rbm(3, 2)
    path = Path(machine, numbers_of(machine))
    exact = bp.exact.solve(machine, values=path.values).log_Z
    found = [
        Tempering.start(path, [0.0, 0.4, 1.0], 60, np.random.default_rng(n)).estimate(30)
        for n in range(24)
    ]
    assert all(abs(e.log_Z - exact) < 6 * e.error for e in found)
    spread = np.std([e.log_Z for e in found], ddof=1)
    assert 0.5 < np.mean([e.error for e in found]) / spread < 2
    units = [{"name": f"s{n}", "type": "spin", "bias": 0.1} for n in range(5)]
    couplings = [[f"s{n}", f"s{m}", 0.3] for n in range(5) for m in range(n)]
    literal = bp.energy.load({"units": units, "couplings": couplings})
    graph = Tempering.start(
        bp.sampling.GraphPath(literal), [0.0, 0.5, 1.0], 64, np.random.default_rng(1)
    ).estimate(40)
    assert abs(graph.log_Z - bp.exact.solve(literal).log_Z) < 6 * graph.error
    short = Tempering.start(path, [0.4, 1.0], 60, np.random.default_rng(1))
    with pytest.raises(bp.BackproofError, match="β from 0"):
        short.estimate(3)


def test_tempering_resumes_bit_for_bit(tmp_path: File) -> None:
    machine = bp.energy.rbm(3, 2, "spin", "gaussian")
    values = numbers_of(machine)
    values["q_h"] = np.array([1.5, 2.0])
    path, betas = Path(machine, values, dtype="float32"), [0.0, 0.5, 1.0]
    whole = Tempering.start(path, betas, 7, np.random.default_rng(1))
    whole.advance(3)
    whole.save(tmp_path / "replicas.npz")
    later = Tempering.resume(tmp_path / "replicas.npz", path, betas)
    assert np.array_equal(whole.advance(4)["v"], later.advance(4)["v"])
    assert np.array_equal(whole.accepted, later.accepted)
    with pytest.raises(bp.BackproofError, match="pass its path and its betas"):
        Tempering.resume(tmp_path / "replicas.npz", path, [0.0, 1.0])


# A user's unit -----------------------------------------------------------------------------


def test_a_users_unit_goes_where_the_librarys_go() -> None:
    """A machine with hidden units of three states: chains beside the exact means."""
    import sympy as sp

    from backproof.theory.energy.units.unit import y, z

    q = sp.Symbol("q", positive=True)
    unit = Unit("ternary", sp.FiniteSet(-1, 0, 1), q * y**2 / 2 - z * y, "Blume (1966)", (q,))
    rbm = bp.energy.rbm(3, 2)
    machine = bp.energy.Machine(
        (rbm.groups[0], Group("h", unit, sp.Integer(2))), rbm.couplings, ("v",)
    )
    values = {**numbers_of(machine), "q_h": np.array([0.7, 1.6])}
    exact = bp.exact.solve(machine, values=values)
    chains = Chains.start(machine, values, 4000, np.random.default_rng(3))
    states = chains.advance(60)
    for group, rows in states.items():
        error = rows.std(0, ddof=1) / np.sqrt(len(rows))
        expected = [exact.mean[f"{group}{i}"] for i in range(rows.shape[1])]
        assert np.all(np.abs(rows.mean(0) - expected) < 6 * error)
    assert set(np.unique(states["h"])) == {-1.0, 0.0, 1.0}
    particles = Particles(Path(machine, values), {}, np.zeros(50), np.random.default_rng(1))
    particles.states = particles.path.start(50, particles.random)
    anneal(particles, [0.0, 0.5, 1.0])
    assert np.isfinite(particles.log_weight).all()
