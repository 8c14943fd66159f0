"""`backproof verify` writes reports beside what it prints, and `assert_matches` is an assertion."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import numpy as np
import pytest
from typer.testing import CliRunner, Result

import backproof as bp
from backproof.commands.command import app
from backproof.commands.verify import EXIT_CODES
from backproof.theory.errors import BackproofError

SOURCE = """
import numpy as np

def right(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)

def overflows(x, axis=-1):
    e = np.exp(x)
    return e / e.sum(axis, keepdims=True)

def slope(dy, x):
    return dy * (x >= 0)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "code_under_test.py"
    path.write_text(SOURCE)
    return path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), env={"COLUMNS": "80"})


@pytest.mark.parametrize(
    ("name", "spec", "verdict"),
    [
        ("right", "softmax", "verified"),
        ("overflows", "softmax:axis=-1", "refuted"),
        ("slope", "relu", "convention differs"),
    ],
)
def test_reports_lie_beside_what_is_printed(file: Path, name: str, spec: str, verdict: str) -> None:
    folder = file.parent
    junit, html = folder / "r.xml", folder / "r.html"
    result = run(
        "verify", f"{file}::{name}", "--against", spec, "--seed", "1", "--json",
        "--junit", str(junit), "--html", str(html),
    )  # fmt: skip
    assert result.exit_code == EXIT_CODES[verdict]
    data = json.loads(result.stdout)
    assert data["verdict"] == verdict
    suite = xml.parse(junit).getroot().find("testsuite")
    assert suite is not None
    assert suite.get("name") == f"{file.name}::{name}"
    assert int(suite.get("tests", "")) == len(data["clauses"])
    assert verdict.replace(" ", "\N{NO-BREAK SPACE}") in html.read_text("utf-8")


def test_a_report_that_cannot_be_written_is_refused_first(file: Path) -> None:
    for option, value in (("--html", "r.pdf"), ("--junit", str(file.parent / "no" / "r.xml"))):
        result = run("verify", f"{file}::right", "--against", "softmax", option, value)
        assert result.exit_code == 2
        assert option in result.stderr


def overflowing(x: Any) -> Any:
    return np.log(1 + np.exp(x))


def test_the_text_of_the_assertion_is_the_whole_diagnosis() -> None:
    with pytest.raises(AssertionError) as caught:
        bp.testing.assert_matches(overflowing, "softplus", seed=1)
    said = str(caught.value)
    for part in ("refuted", "✗ y", "overflow", "import numpy as np", "assert abs(", "exact: "):
        assert part in said


def test_an_assertion_that_holds_returns_the_verification() -> None:
    stable = bp.testing.assert_matches(lambda x: np.logaddexp(0, x), bp.specs.softplus, seed=1)
    assert stable.verdict == "verified"
    relaxed = ("convention differs",)
    bp.testing.assert_matches(lambda dy, x: dy * (x >= 0), "relu", seed=1, allow=relaxed)
    with pytest.raises(AssertionError, match="convention differs"):
        bp.testing.assert_matches(lambda dy, x: dy * (x >= 0), "relu", seed=1)
    with pytest.raises(BackproofError):
        bp.testing.assert_matches(overflowing, "softplush")
