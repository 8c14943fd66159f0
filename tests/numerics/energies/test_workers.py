"""The same seed gives the same answer, bit for bit, whoever does the work and however many."""

import io
import os
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from oracles.kaufman import log_Z, torus
from rich.progress import Progress

import backproof as bp
from backproof.commands import bars
from backproof.numerics.sampling.chains import Chains
from backproof.numerics.sampling.conditionals import Conditionals
from backproof.numerics.sampling.graph_chains import GraphChains
from backproof.numerics.sampling.many_chains import PART, ManyChains
from backproof.numerics.sampling.path import Path as AnnealingPath
from backproof.numerics.sampling.workers import spread

RANDOM = np.random.default_rng(5)
VALUES = {"W": RANDOM.normal(size=(4, 3)), "b_v": RANDOM.normal(size=4), "b_h": np.zeros(3)}
MACHINE = bp.energy.rbm(4, 3)
TORUS = bp.energy.load(torus(4, 4, 0.3))
KINDS = ["threads", "two processes", "dask processes", "dask threads"]


@pytest.fixture(scope="module")
def executors() -> Iterator[dict[str, Executor]]:
    """Executors of every kind, started once; Dask's are skipped where it is not installed."""
    context = get_context("spawn")  # JAX and other libraries may have threads by now
    found: dict[str, Any] = {
        "threads": ThreadPoolExecutor(2),
        "two processes": ProcessPoolExecutor(2, context),
    }
    clusters: list[Any] = []
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        pass
    else:
        for kind, processes in (("dask processes", True), ("dask threads", False)):
            options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
            cluster = LocalCluster(processes=processes, **options)
            client = Client(cluster)
            clusters += [client, cluster]
            found[kind] = client.get_executor()
    yield found
    for executor in found.values():
        executor.shutdown(wait=True)
    for one in clusters:
        one.close()


@pytest.fixture(params=KINDS)
def executor(request: pytest.FixtureRequest, executors: dict[str, Executor]) -> Executor:
    if request.param not in executors:
        pytest.skip("no Dask cluster without distributed: pip install 'backproof[dask]'")
    return executors[request.param]


# The same answer ---------------------------------------------------------------------------


def test_annealing_is_the_same(executor: Executor) -> None:
    path = AnnealingPath(MACHINE, VALUES)
    told: list[tuple[int, int]] = []
    alone = bp.sampling.forward(path, 12, 150, seed=3)
    shared = bp.sampling.forward(
        path, 12, 150, 3, executor=executor, progress=lambda *now: told.append(now)
    )
    assert np.array_equal(alone.log_weights, shared.log_weights)
    assert told == [(n, 5) for n in range(1, 6)]
    start = path.start(70, np.random.default_rng(1))
    alone = bp.sampling.reverse(path, 12, start, seed=4)
    shared = bp.sampling.reverse(path, 12, start, 4, executor=executor)
    assert np.array_equal(alone.log_weights, shared.log_weights)


def test_threads_may_walk_on_one_path() -> None:
    """A path keeps nothing of where a run is: many threads at different β give the same."""
    path = AnnealingPath(MACHINE, VALUES)
    alone = bp.sampling.forward(path, 60, 400, seed=3)
    with ThreadPoolExecutor(8) as executor:
        for _ in range(3):
            shared = bp.sampling.forward(path, 60, 400, seed=3, executor=executor)
            assert np.array_equal(alone.log_weights, shared.log_weights)


def test_annealing_on_a_graph_is_the_same(executor: Executor) -> None:
    path = bp.sampling.GraphPath(TORUS)
    alone = bp.sampling.forward(path, 20, 100, seed=3)
    shared = bp.sampling.forward(path, 20, 100, seed=3, executor=executor)
    assert np.array_equal(alone.log_weights, shared.log_weights)
    assert abs(shared.log_Z - float(log_Z(4, 4, 0.3))) < 6 * shared.error


@pytest.mark.parametrize("literal", [True, False], ids=["graph", "groups"])
def test_chains_are_the_same(executor: Executor, literal: bool) -> None:
    machine, values = (TORUS, None) if literal else (MACHINE, VALUES)
    rows = 2 * PART + 3

    def many() -> ManyChains:
        return ManyChains.start(machine, rows, seed=7, values=values, dtype="float32")

    alone, shared, cut = many(), many(), many()
    first = alone.advance(6)
    second = shared.advance(6, executor)
    cut.advance(4, executor)
    third = cut.advance(2)
    for name in first:
        assert len(first[name]) == rows
        assert np.array_equal(first[name], second[name])
        assert np.array_equal(first[name], third[name])
    other = ManyChains.start(machine, rows, seed=8, values=values, dtype="float32").advance(6)
    assert any(not np.array_equal(first[name], other[name]) for name in first)


@pytest.mark.parametrize("literal", [True, False], ids=["graph", "groups"])
def test_many_chains_resume_bit_for_bit(literal: bool, tmp_path: Path) -> None:
    machine, values = (TORUS, None) if literal else (MACHINE, VALUES)
    many = ManyChains.start(machine, PART + 5, seed=1, values=values)
    many.advance(3)
    many.save(tmp_path / "run")

    def part(file: Path) -> Any:
        if literal:
            return GraphChains.resume(file, TORUS)
        return Chains.resume(file, Conditionals(MACHINE, VALUES))

    later = ManyChains.resume(tmp_path / "run", part)
    first, second = many.advance(4), later.advance(4)
    assert all(np.array_equal(first[name], second[name]) for name in first)
    with pytest.raises(bp.BackproofError, match="no parts"):
        ManyChains.resume(tmp_path / "nowhere", part)


def test_parts_have_numbers_of_their_own() -> None:
    states = ManyChains.start(TORUS, 2 * PART, seed=1).advance(2)["features"]
    assert not np.array_equal(states[:PART], states[PART:])


# Failures ----------------------------------------------------------------------------------


def test_a_failure_names_the_job_and_the_next_move(executor: Executor) -> None:
    words = ["1", "2", "3", "many", "5"]
    with pytest.raises(bp.BackproofError, match=r"job 4 of 5.*ValueError: could not convert"):
        spread(float, words, executor)
    with pytest.raises(bp.BackproofError, match="units and couplings") as refusal:
        spread(bp.energy.load, [{"unit": []}], executor)
    assert refusal.value.where == "bp.energy.load"  # a refusal comes back as it is
    assert spread(float, words[:3], executor) == [1, 2, 3]  # and the executor goes on


def test_a_killed_worker_is_told() -> None:
    with (
        ProcessPoolExecutor(1, get_context("spawn")) as executor,
        pytest.raises(bp.BackproofError, match=r"BrokenProcessPool.*fewer workers"),
    ):
        spread(os._exit, range(6), executor)


def test_after_a_failure_nothing_is_left_waiting() -> None:
    done: list[int] = []
    told = Event()

    def work(job: int) -> None:
        if job == 0:
            raise RuntimeError("first")
        told.wait(60)
        done.append(job)

    with ThreadPoolExecutor(1) as executor:
        with pytest.raises(bp.BackproofError, match="RuntimeError: first"):
            spread(work, range(50), executor)
        told.set()
    assert len(done) <= 1  # the one that had begun


def test_a_bar_is_told_of_every_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the bar is drawn; a caller's own `progress` takes its place."""
    seen: list[tuple[int, int]] = []

    @contextmanager
    def spy(what: str) -> Iterator[Any]:
        assert what == "annealing upward"
        yield lambda done, total: seen.append((done, total))

    monkeypatch.setattr(bars, "bar", spy)
    path = AnnealingPath(MACHINE, VALUES)
    bp.sampling.forward(path, 3, 40, seed=1)
    assert seen == [(1, 2), (2, 2)]
    bp.sampling.forward(path, 3, 40, seed=1, progress=lambda done, total: None)
    assert len(seen) == 2


def test_a_bar_appears_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    stream.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stderr", stream)
    with bars.bar("chains") as progress:
        progress(1, 2)
    assert "chains" in stream.getvalue()


def test_what_cannot_start_is_refused() -> None:
    with pytest.raises(bp.BackproofError, match="an array for each parameter"):
        ManyChains.start(MACHINE, 3, seed=1)
    with pytest.raises(bp.BackproofError, match="one or more"):
        ManyChains.start(TORUS, 0, seed=1)


def test_a_long_exact_sum_shows_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is long is set to a few states; the bar names them and is told to the end."""
    stream, told = io.StringIO(), []
    stream.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(bp.exact, "LONG", 4)
    update = Progress.update

    def spy(self: Progress, task: Any, **given: Any) -> None:
        told.append(given["completed"])
        update(self, task, **given)

    monkeypatch.setattr(Progress, "update", spy)
    bp.exact.solve(MACHINE, values=VALUES)
    assert told[-1] == 2**3  # of 4 and 3 units the 3 are enumerated
    monkeypatch.setattr(bp.exact, "LONG", 2**22)
    before = len(told)
    bp.exact.solve(MACHINE, values=VALUES)
    assert len(told) == before
