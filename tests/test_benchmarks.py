"""The benchmark command runs and compares results before it times anything; no time is asserted."""

import dataclasses
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

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
    done = command("latency", "--runs", "1", "--json", "--even-if-busy", *both)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert list(told["contestants"]) == ["backproof", "NumPy by hand"]
    for contestant in told["contestants"].values():
        assert set(contestant) == {"load", "first", "steady"}
    assert told["machine"]["versions"]["numpy"]


@pytest.mark.parametrize("words", [("nothing",), ("latency", "--only", "nobody", "--even-if-busy")])
def test_what_is_not_there_is_said(words: tuple[str, ...]) -> None:
    done = command(*words)
    assert done.returncode == 2
    assert "there is no" in done.stderr


def test_contestants_that_disagree_are_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)
    run, latency = (importlib.import_module(f"benchmarks.{name}") for name in ("run", "latency"))
    one, other = latency.latency.contestants[:2]
    results = iter(({"value": 1.0}, {"value": 1.001}))
    monkeypatch.setattr(run, "fresh", lambda *_: ({}, next(results)))
    with pytest.raises(run.DisagreementError, match="value is off"):
        list(run.compared(dataclasses.replace(latency.latency), [one, other], 1))
