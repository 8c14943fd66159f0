"""Every notebook runs from top to bottom."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The code cells in order, in one name space, from files so that sources can be read."""
    monkeypatch.chdir(tmp_path)
    space: dict[str, Any] = {"__name__": path.stem}
    cells = [c for c in json.loads(path.read_text("utf-8"))["cells"] if c["cell_type"] == "code"]
    assert cells
    for number, cell in enumerate(cells):
        source = "".join(cell["source"])  # one text, or a list of lines
        file = tmp_path / f"cell_{number}.py"
        file.write_text(source, "utf-8")
        exec(compile(ast.parse(source), str(file), "exec"), space)
