"""The notebook is valid by the rules of format 4.5, complete in one file, and its code runs."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest

from backproof.pages import notebook
from backproof.pages.blocks import Figure, Page

CELL_KEYS = {
    "markdown": ({"id", "cell_type", "metadata", "source"}, {"attachments"}),
    "code": ({"id", "cell_type", "metadata", "source", "outputs", "execution_count"}, set()),
}


@pytest.fixture(params=["page", "hostile_page"])
def written(request: pytest.FixtureRequest) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(notebook.render(request.getfixturevalue(request.param)))
    return read


def test_structure(written: dict[str, Any]) -> None:
    assert set(written) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert (written["nbformat"], written["nbformat_minor"]) == (4, 5)
    assert written["metadata"]["kernelspec"]["name"] == "python3"
    ids = [cell["id"] for cell in written["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in written["cells"]:
        required, optional = CELL_KEYS[cell["cell_type"]]
        assert required <= set(cell) <= required | optional
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell["id"])
        assert all(isinstance(line, str) for line in cell["source"])
        assert all(line.endswith("\n") for line in cell["source"][:-1])
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)


def test_nbformat_agrees(written: dict[str, Any]) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbformat.validate(nbformat.from_dict(written))


def test_python_is_a_code_cell_that_runs_and_a_shell_line_is_not(
    page: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = json.loads(notebook.render(page))["cells"]
    (code,) = (cell for cell in cells if cell["cell_type"] == "code")
    exec(compile("".join(code["source"]), "cell", "exec"), {})
    assert capsys.readouterr().out == "True\n"
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    assert any("```console\nbackproof tour\n```" in text for text in texts)


def test_figures_are_attached(page: Page) -> None:
    cells = json.loads(notebook.render(page))["cells"]
    attached = [cell for cell in cells if "attachments" in cell]
    figures = [b for s in page.sections for b in s.blocks if isinstance(b, Figure)]
    assert len(attached) == len(figures) == 2
    for cell, figure in zip(attached, figures, strict=True):
        ((name, bundle),) = cell["attachments"].items()
        ((kind, data),) = bundle.items()
        assert base64.b64decode(data) == figure.svg_or_png
        assert kind == ("image/svg+xml" if figure.kind == "svg" else "image/png")
        assert f"](attachment:{name})" in "".join(cell["source"])


def test_order_is_that_of_the_page(page: Page) -> None:
    text = "\n".join("".join(c["source"]) for c in json.loads(notebook.render(page))["cells"])
    marks = ["# A net", "## 1.", r"\tag{1}", r"\tag{2}", "## 2.", r"\tag{3}", "import numpy"]
    marks += ["backproof tour", "## 3.", "Figure 1", "Figure 2", "Made by"]
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)
