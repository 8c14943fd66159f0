"""The benchmark command runs and compares results before it times anything; no time is asserted."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

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
    (run,) = modules(monkeypatch, "run")
    rounds = {"ours": [2.0, 4.0, 9.0], "slow": [4.0, 8.0, 9.0], "fast": [1.0, 2.0, 9.0]}
    times = {name: run.Times(name) for name in (*rounds, "floor")}
    for name, seconds in rounds.items():
        times[name].seconds["steady"] = seconds
    times["floor"].seconds["steady"], times["floor"].floor = [0.1, 0.1, 0.1], True
    best = run.best_peer(times)
    assert best.contestant == "fast"
    assert times["ours"].ratio(best, "steady") == 2.0


def test_results_are_written_as_page_picture_and_numbers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run, dense, pages = modules(monkeypatch, "run", "dense", "pages")
    times = {name: run.Times(name) for name in ("backproof", "NumPy by hand")}
    for factor, one in enumerate(times.values(), start=1):
        one.seconds |= {phase: [0.5 * factor] for phase in run.PHASES}
    machine = {
        "processor": "P", "processors": 2, "system": "S", "busy before": 0.9, "versions": {},
        "threads": 1, "starts": 1, "rounds": 1,
    }  # fmt: skip
    pages.written([run.report(dense.latency, times, machine)], tmp_path)
    text = (tmp_path / "benchmarks.md").read_text("utf-8")
    assert "loaded machine" in text
    assert "| NumPy by hand | 0.50 |" in text
    assert "| 0.50 | 0.50 |" in text
    assert (tmp_path / "benchmarks.svg").stat().st_size > 1000
    assert json.loads((tmp_path / "benchmarks.json").read_text("utf-8"))[0]["machine"] == machine
