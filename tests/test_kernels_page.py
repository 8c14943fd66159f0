"""The page about kernels: its examples run, and it names every module that holds a rule."""

import doctest
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "kernels.md"
SILENT = {  # what rules are written with: code of arrays, and where they are applied
    "__init__", "arrays", "shapes", "preamble", "program", "pool", "targets", "rewrites",
    "matrix_lines", "argument_copies",
}  # fmt: skip


def test_its_examples_run() -> None:
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, verbose=False)
    assert tried > 15
    assert failed == 0


@pytest.mark.parametrize(
    "module", sorted({p.stem for p in (ROOT / "numerics" / "planning").glob("*.py")} - SILENT)
)
def test_every_module_of_rules_is_named(module: str) -> None:
    assert f"{module}.py" in PAGE.read_text("utf-8")


def test_every_named_file_is_there() -> None:
    for cell in PAGE.read_text("utf-8").split("`"):
        if cell.endswith(".py"):
            places = [ROOT / cell, ROOT / "numerics" / cell, ROOT / "numerics/planning" / cell]
            assert any(place.exists() for place in places), cell
