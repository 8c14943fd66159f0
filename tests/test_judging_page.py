"""The page about judging frameworks: its examples run, and so does its command."""

import doctest
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backproof.commands.command import app

PAGE = Path(__file__).resolve().parents[1] / "docs" / "judging.md"
FILE = """
import torch

Norm = torch.nn.LayerNorm(4)
Wrong = torch.nn.LayerNorm(4, eps=1e-2)


class Cut(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, dy):
        return dy
"""


def test_its_examples_run() -> None:
    pytest.importorskip("torch", reason="torch is not installed: pip install backproof[torch]")
    jax = pytest.importorskip("jax", reason="JAX is not installed: pip install backproof[jax]")
    before = jax.config.jax_enable_x64  # other tests compute in double precision
    jax.config.update("jax_enable_x64", False)
    try:
        failed, tried = doctest.testfile(str(PAGE), module_relative=False, verbose=False)
    finally:
        jax.config.update("jax_enable_x64", before)
    assert tried > 15
    assert failed == 0


def test_its_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="torch is not installed: pip install backproof[torch]")
    (command,) = re.findall(r"^backproof (verify .*)$", PAGE.read_text("utf-8"), re.MULTILINE)
    (tmp_path / "layers.py").write_text(FILE)
    monkeypatch.chdir(tmp_path)
    right = CliRunner().invoke(app, [*command.split(), "--seed", "1"])
    assert right.exit_code == 0, right.output
    assert "float32" in right.output
    wrong = CliRunner().invoke(app, [*command.replace("Norm", "Wrong").split(), "--seed", "1"])
    assert wrong.exit_code == 1, wrong.output
    cut = CliRunner().invoke(
        app, ["verify", "layers.py::Cut", "--against", "relu", "--dtype", "float64", "--seed", "1"]
    )
    assert cut.exit_code == 1, cut.output
    assert re.search(r"✓ y +right\s+✗ dx +wrong", cut.output)
