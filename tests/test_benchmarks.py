"""The benchmark command runs and compares results before it times anything; no time is asserted."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """The benchmark command, as it is run from the root of the checkout."""
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *words],
        cwd=ROOT, env=plain, capture_output=True, text=True,
    )  # fmt: skip


def test_one_run_of_latency() -> None:
    both = ("--only", "backproof,NumPy by hand")
    done = command("latency", "--rounds", "1", "--json", "--even-if-busy", *both)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert list(told["contestants"]) == ["backproof", "NumPy by hand"]
    for contestant in told["contestants"].values():
        assert contestant.keys() > {"load", "first", "steady"}
    assert told["best peer"] == "NumPy by hand"
    assert told["machine"]["versions"]["numpy"]


@pytest.mark.parametrize("words", [("nothing",), ("latency", "--only", "nobody", "--even-if-busy")])
def test_what_is_not_there_is_said(words: tuple[str, ...]) -> None:
    done = command(*words)
    assert done.returncode == 2
    assert "there is no" in done.stderr


def modules(monkeypatch: pytest.MonkeyPatch, *names: str) -> list[Any]:
    """Modules of the benchmarks, which are no part of the installed package."""
    monkeypatch.syspath_prepend(ROOT)
    return [importlib.import_module(f"benchmarks.{name}") for name in names]


def test_contestants_that_disagree_are_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    run, dense = modules(monkeypatch, "run", "dense")
    one, other = dense.latency.contestants[:2]
    workers = [
        SimpleNamespace(contestant=one, results={"value": 1.0}),
        SimpleNamespace(contestant=other, results={"value": 1.001}),
    ]
    with pytest.raises(run.DisagreementError, match="value is off"):
        run.agree(dense.latency, workers)
    workers[1].results = {"value": 1.0 + 1e-12}
    run.agree(dense.latency, workers)


def test_the_best_peer_is_the_hardest_one_and_no_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    (timing,) = modules(monkeypatch, "timing")
    rounds = {"ours": [2.0, 4.0, 9.0], "slow": [4.0, 8.0, 9.0], "fast": [1.0, 2.0, 9.0]}
    times = {name: timing.Times(name) for name in (*rounds, "floor")}
    for name, seconds in rounds.items():
        times[name].seconds["steady"] = seconds
    times["floor"].seconds["steady"], times["floor"].floor = [0.1, 0.1, 0.1], True
    best = timing.best_peer(times)
    assert best.contestant == "fast"
    assert times["ours"].ratio(best, "steady") == 2.0


def test_the_page_says_who_chose_the_kernels_of_openblas(monkeypatch: pytest.MonkeyPatch) -> None:
    (machine,) = modules(monkeypatch, "machine")
    old, new = "OpenBLAS 1, kernels Haswell", "OpenBLAS 1, kernels SkylakeX"
    told = {
        "BLAS kernels that the processor can run": "SkylakeX", "BLAS kernels": "",
        "BLAS kernels that the environment asks for": "",
    }  # fmt: skip
    assert machine.kernels(told, new) == f"{new}, its own choice."
    assert "its own choice; the processor can run SkylakeX" in machine.kernels(told, old)
    told["BLAS kernels that the environment asks for"] = "Haswell"
    said = machine.kernels(told, old)
    assert "set by the environment, OPENBLAS_CORETYPE=Haswell; the processor can run" in said
    told["BLAS kernels"] = "SkylakeX"
    said = machine.kernels(told, new)
    assert "set for all contestants by OPENBLAS_CORETYPE=SkylakeX" in said
    assert "(the environment asked for Haswell)" in said


def test_every_contestant_gets_the_same_kernels_and_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (run,) = modules(monkeypatch, "run")
    monkeypatch.delenv("OPENBLAS_CORETYPE", raising=False)
    assert run.environment(2, "SkylakeX")["OPENBLAS_CORETYPE"] == "SkylakeX"
    assert "OPENBLAS_CORETYPE" not in run.environment(2, "")
    assert {run.environment(2, "")[name] for name in run.CAPS} == {"2"}


def fake_workers(monkeypatch: pytest.MonkeyPatch, run: Any, shares: list[float]) -> None:
    """Workers that answer at once, beside other work of the shares, one for each try."""

    class Worker:
        def __init__(self, benchmark: Any, contestant: Any, *how: Any) -> None:
            self.contestant, self.process = contestant, SimpleNamespace(pid=0)
            self.times, self.results = {"load": 1.0, "first": 1.0, "BLAS": ""}, {"value": 1.0}

        def round(self) -> float:
            return 1.0

        memory = round

        def close(self) -> None:
            pass

    monkeypatch.setattr(run, "Worker", Worker)
    monkeypatch.setattr(run, "Foreign", lambda ours: SimpleNamespace(share=lambda: shares.pop(0)))


def test_rounds_beside_other_work_are_measured_again_or_not_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run, timing, dense = modules(monkeypatch, "run", "timing", "dense")
    both = list(dense.latency.contestants[:2])

    def measured(*shares: float) -> dict[str, Any]:
        fake_workers(monkeypatch, run, list(shares))
        times = {one.name: timing.Times(one.name) for one in both}
        list(run.timed(dense.latency, both, 1, 2, 1, times, "", 0.15))
        return times

    times = measured(0.5, 0.1)
    assert times["backproof"].seconds["steady"] == [1.0, 1.0]
    assert times["backproof"].foreign == 0.1
    with pytest.raises(run.LoadedError, match="50%"):
        measured(*[0.5] * run.TRIES)


def test_what_is_kept_on_disk_is_measured_from_an_empty_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once; each process of the rounds finds the folder that this one has filled."""
    run, timing, dense = modules(monkeypatch, "run", "timing", "dense")
    fake_workers(monkeypatch, run, [0.0])
    seen: list[tuple[str, int, str]] = []

    class Worker(run.Worker):  # type: ignore[name-defined, misc]
        def __init__(self, benchmark: Any, contestant: Any, setting: dict[str, str]) -> None:
            super().__init__(benchmark, contestant)
            folder = Path(setting.get("BACKPROOF_CACHE", "unset"))
            found = len(list(folder.iterdir())) if folder.exists() else 0
            seen.append((contestant.name, found, setting["BENCHMARK_THREADS"]))
            if contestant.cache:
                folder.mkdir(parents=True, exist_ok=True)
                (folder / str(found)).touch()

    monkeypatch.setattr(run, "Worker", Worker)
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    both = [dense.latency.contestant(name) for name in ("NumPy by hand", "backproof C")]
    times = {one.name: timing.Times(one.name) for one in both}
    monkeypatch.delenv("BACKPROOF_CACHE", raising=False)
    list(run.timed(dense.latency, both, 2, 1, 1, times))
    ours = [(found, processors) for name, found, processors in seen if name == "backproof C"]
    assert ours == [(0, "7"), (1, "1"), (2, "1")]
    assert times["backproof C"].cold == 1.0
    for contestant in dense.latency.contestants:  # compilers take a space for the end of a path
        assert run.plain(contestant.name).replace("-", "").isalnum()
    assert np.isnan(times["NumPy by hand"].cold)


def test_work_of_others_is_told_from_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    (machine,) = modules(monkeypatch, "machine")
    clock = iter([(0, 0), (60, 100)])
    used = iter([0, 0, 10, 5])
    monkeypatch.setattr(machine, "ticks", lambda: next(clock))
    monkeypatch.setattr(machine, "spent", lambda process: next(used))
    assert machine.Foreign([1]).share() == pytest.approx(0.25)  # 40 busy, 15 of them ours


def test_results_are_written_as_page_picture_and_numbers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    timing, dense, pages = modules(monkeypatch, "timing", "dense", "pages")
    times = {name: timing.Times(name) for name in ("backproof", "NumPy by hand")}
    for factor, one in enumerate(times.values(), start=1):
        one.seconds |= {phase: [0.5 * factor] for phase in timing.PHASES}
    times["backproof"].cold = 0.25
    machine = {
        "processor": "P", "processors": 2, "system": "S", "busy before": 0.9, "versions": {},
        "threads": 1, "starts": 1, "rounds": 1, "BLAS": "OpenBLAS 1, kernels Haswell",
        "BLAS kernels that the processor can run": "SkylakeX", "BLAS kernels": "",
        "BLAS kernels that the environment asks for": "",
    }  # fmt: skip
    pages.written([timing.report(dense.latency, times, machine)], tmp_path)
    text = (tmp_path / "benchmarks.md").read_text("utf-8")
    assert "loaded machine" in text
    assert "--blas-kernel best" not in text  # nothing is known of what ran
    assert "| NumPy by hand | 0.50 |" in text
    assert "| 0.50 | 0.50 |" in text
    assert "| 500 ms | 250 ms |" in text
    assert (tmp_path / "benchmarks.svg").stat().st_size > 1000
    assert json.loads((tmp_path / "benchmarks.json").read_text("utf-8"))[0]["machine"] == machine


def test_no_two_contestants_look_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    every, pages = modules(monkeypatch, "__init__", "pages")
    names = list(dict.fromkeys(c.name for b in every.BENCHMARKS for c in b.contestants))
    looks = [tuple(look.values()) for look in pages.marks(names[1:]).values()]
    assert len(set(looks)) == len(looks) == len(names) - 1


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to read states from")
def test_a_contestant_is_stopped_between_its_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its threads would spin into the turn of the next."""
    code = "import sys\nfor line in sys.stdin: print(1.5, flush=True)"
    (run,) = modules(monkeypatch, "run")
    worker = object.__new__(run.Worker)
    worker.process = subprocess.Popen(
        [sys.executable, "-c", code],
        text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    stat = Path(f"/proc/{worker.process.pid}/stat")
    for _ in range(2):
        assert worker.round() == 1.5
        for _ in range(100_000):
            state = stat.read_text("utf-8").rpartition(")")[2].split()[0]
            if state == "T":
                break
        assert state == "T"
    worker.close()
    assert worker.process.returncode == 0


@pytest.mark.parametrize("stem", ["benchmarks", "benchmarks-2-threads"])
def test_the_page_is_what_its_numbers_say(monkeypatch: pytest.MonkeyPatch, stem: str) -> None:
    (pages,) = modules(monkeypatch, "pages")
    reports = json.loads((Path(ROOT) / "docs" / f"{stem}.json").read_text("utf-8"))
    assert pages.page(reports, stem) == (Path(ROOT) / "docs" / f"{stem}.md").read_text("utf-8")
