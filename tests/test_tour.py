"""The tour from end to end: what it writes, what it says, and that what it says was computed."""

import io
import json
import math
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import backproof as bp
from backproof.commands.terminal import THEME
from backproof.commands.tour import NETWORK, Tour, command
from backproof.drawings.tour import confusion_counts, confusion_matrix, loss_curve
from backproof.examples import digits, digits_right, digits_wrong

FILES = ["digits.html", "digits.py", "digits_right.py", "digits_wrong.py", "kernel.py"]


def no_network(*_: object) -> None:
    raise AssertionError("the tour wanted the network")


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tour, dict[str, Any], str]:
    """One tour, with the network cut: the tour itself, what it found, what it printed."""
    stage = Console(file=io.StringIO(), width=80, theme=THEME, highlight=False, soft_wrap=True)
    tour = Tour(tmp_path_factory.mktemp("tour") / "inner" / "digits", 1, stage, quiet=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", no_network)
        found = tour.run()
    assert isinstance(stage.file, io.StringIO)
    return tour, found, stage.file.getvalue()


# The whole ---------------------------------------------------------------------------------


def test_the_tour_judges_right_and_wrong(walk: tuple[Tour, dict[str, Any], str]) -> None:
    _, found, _ = walk
    assert found["verdicts"] == {"digits_right.py": "verified", "digits_wrong.py": "refuted"}
    assert found["as expected"]


def test_the_tour_leaves_its_files(walk: tuple[Tour, dict[str, Any], str]) -> None:
    tour, found, _ = walk
    assert sorted(Path(name).name for name in found["files"]) == FILES
    assert sorted(path.name for path in tour.out.iterdir()) == FILES
    compile((tour.out / "kernel.py").read_text("utf-8"), "kernel.py", "exec")
    for module in (digits, digits_right, digits_wrong):
        source = Path(str(module.__file__))
        assert (tour.out / source.name).read_bytes() == source.read_bytes()


def test_the_page_is_whole(walk: tuple[Tour, dict[str, Any], str]) -> None:
    tour, _, _ = walk
    page = (tour.out / "digits.html").read_text("utf-8")
    assert not re.search(r"""(src|href)=["']?https?:""", page)
    assert page.count("<svg") + page.count("<img") >= 2
    assert "refuted" in page.lower()
    assert "verified" in page.lower()


def test_the_tour_tells_what_it_found(walk: tuple[Tour, dict[str, Any], str]) -> None:
    tour, found, text = walk
    assert [room for room in found["seconds"] if room not in text] == []
    assert str(tour.model) in re.sub(r"(?m)^    ", "", text)
    assert all(str(equation) in text for equation in tour.gradient.derived)
    assert f"{found['accuracy']:.1%} of the images held out" in text
    assert "digits_right.py::backward: verified" in text
    assert "digits_wrong.py::backward: refuted" in text
    assert NETWORK in text


def test_the_accuracy_is_that_of_the_network_it_trained(
    walk: tuple[Tour, dict[str, Any], str],
) -> None:
    tour, found, _ = walk
    p, x, y = tour.training.parameters, tour.data.test["x"], tour.data.test["y"]
    hidden = np.maximum(np.einsum("ni,ji->nj", x, p["W1"]) + p["b1"], 0)
    read = np.argmax(np.einsum("nj,kj->nk", hidden, p["W2"]) + p["b2"], axis=1)
    right = sum(int(a) == int(b) for a, b in zip(read, y, strict=True))
    assert found["accuracy"] == right / len(y)
    assert len(y) == 450


def test_the_tour_of_the_command_line(tmp_path: Path) -> None:
    words = [str(Path(sys.executable).parent / "backproof"), "tour", "--seed", "2"]
    done = subprocess.run([*words, "--json"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert f"{found['accuracy']:.1%} of the images held out" in done.stderr
    assert "\x1b" not in done.stderr  # no colours and no progress where nobody looks
    assert sorted(path.name for path in (tmp_path / "backproof-tour").iterdir()) == FILES


def test_the_tour_names_the_command_that_works_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "a clone" / ".venv"))
    assert command() == "backproof"
    Path(sys.prefix).mkdir(parents=True)
    Path(sys.prefix, "backproof-setup.json").write_text("{}")
    assert command() == "python3 'a clone/bootstrap.py' run"


# Its parts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_network_learns_to_read(seed: int) -> None:
    model, data = digits.network(), digits.digits(seed)
    start = digits.initial(model, seed)
    before = digits.predictions(model, data.test["x"], start)
    training = digits.train(model, data, start)
    after = digits.predictions(model, data.test["x"], training.parameters)
    assert np.mean(before == data.test["y"]) < 0.5
    assert np.mean(after == data.test["y"]) >= 0.95
    assert training.losses == sorted(training.losses, reverse=True)
    assert len(training.losses) == len(training.held_out) <= digits.ITERATIONS
    assert training.evaluations >= len(training.losses)


def test_the_held_out_images_are_no_training_images() -> None:
    data = digits.digits(1)
    seen = {row.tobytes() for row in data.train["x"]}
    assert not any(row.tobytes() in seen for row in data.test["x"])
    assert len(data.train["y"]) + len(data.test["y"]) == 1797
    assert (data.train["x"].min(), data.train["x"].max()) == (0, 1)
    counts = np.bincount(data.test["y"]), np.bincount(data.train["y"])
    assert np.abs(counts[0] * 3 - counts[1]).max() <= 4  # a quarter of each digit


def test_the_start_is_that_of_he_and_others() -> None:
    model = bp.networks.mlp([400, 300, 2])
    start = digits.initial(model, 1)
    assert not start["b1"].any()
    assert not start["b2"].any()
    # 120,000 draws: the sample deviation is within 1.5 % of the true one but once in 10^12 runs
    assert math.isclose(start["W1"].std(), math.sqrt(2 / 400), rel_tol=0.015)


def test_the_examples_differ_from_each_other_by_the_penalty_alone() -> None:
    random = np.random.default_rng(4)
    arguments = {
        "x": random.normal(size=(5, 64)),
        "y": random.integers(0, 10, 5),
        **{name: random.normal(size=s) for name, s in (("W1", (64, 64)), ("b1", (64,)))},
        **{name: random.normal(size=s) for name, s in (("W2", (10, 64)), ("b2", (10,)))},
    }
    right, wrong = digits_right.backward(**arguments), digits_wrong.backward(**arguments)
    for name, a, b in zip(("W1", "b1", "W2", "b2"), right, wrong, strict=True):
        lost = digits.PENALTY * arguments[name] if name.startswith("W") else 0
        np.testing.assert_allclose(a - b, np.broadcast_to(lost, a.shape), atol=1e-15)


def test_the_confusion_table_counts_every_image() -> None:
    labels, read = np.array([0, 0, 1, 2, 2]), np.array([0, 1, 1, 2, 0])
    assert confusion_counts(labels, read, 3).tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 1]]


def test_the_pictures_have_labelled_axes() -> None:
    for figure in (loss_curve([3.0, 1.0], [3.0, 2.0]), confusion_matrix(np.eye(10, dtype=int))):
        axes = figure.axes[0]
        assert axes.get_xlabel()
        assert axes.get_ylabel()
