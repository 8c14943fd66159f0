"""Rows that hold and rows that do not; a wrong row turns a command red; pages show both."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp
from typer.testing import CliRunner, Result

import backproof as bp
from backproof.commands.command import app
from backproof.numerics import checks
from backproof.numerics.evidence import Axes, Curve, Evidence, Row, exactly, shown
from backproof.theory.theorems.theorem import named

SIXTH = Fraction(1, 6)
HOLD = (
    (8, "=", 8, 0),
    ((1, 2), "=", (1, 2), 0),
    (SIXTH, "=", sp.Rational(1, 6), 0),
    (SIXTH, "≤", 0.1666666666666667, 0),
    (SIXTH, "≥", 0.16, 0),
    (sp.sqrt(2), "≤", Fraction(142, 100), 0),
    (1.0, "~", 1.0009, 1e-3),
    (2.0, "≤", 1.9, 0.2),
    (np.float64(1), "≥", 1, 0),
    (mpmath.mpf(1) / 3, "~", mpmath.mpf("0.3333"), 1e-3),
)
FAIL = (
    (8, "=", 9, 0),
    (SIXTH, "=", 0.1666666666666667, 0),  # a float is not a sixth
    (SIXTH, "≤", 0.1666, 0),
    (SIXTH, "≥", 0.17, 0),
    (1.0, "~", 1.0011, 1e-3),
    (1.0, "~", 0.9989, 1e-3),
    (1.0, "~", float("nan"), 1e9),
    (SIXTH, "≤", float("nan"), 0),
    (2.0, "≤", 1.7, 0.2),
    (1.0, "≥", 1.3, 0.2),
)


@pytest.mark.parametrize("row", HOLD, ids=str)
def test_rows_that_hold(row: tuple[Any, ...]) -> None:
    assert Row("", row[0], row[1], row[2], row[3]).holds


@pytest.mark.parametrize("row", FAIL, ids=str)
def test_rows_that_do_not_hold(row: tuple[Any, ...]) -> None:
    assert not Row("", row[0], row[1], row[2], row[3]).holds


def test_what_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(bp.BackproofError, match="<"):
        Row("", 1, "<", 2)
    with pytest.raises(bp.BackproofError, match="no error"):
        Row("", 1, "=", 1, 0.1)
    for level in ("proved", "statistical", "statistical about", ""):
        with pytest.raises(bp.BackproofError, match="how it was obtained"):
            Row("", 1, "=", 1, level=level)
    for wrong in ({"y": [1, 2]}, {"kind": "pie"}, {"kind": "band"}, {"x": [], "y": []}):
        with pytest.raises(bp.BackproofError, match="curve"):
            Curve("c", **({"x": [1], "y": [1]} | wrong))
    with pytest.raises(bp.BackproofError, match="panel"):
        Evidence([Row("", 1, "=", 1)], [Curve("c", [1], [1], panel=1)])
    with pytest.raises(bp.BackproofError, match="0 rows"):
        Evidence([])
    with pytest.raises(bp.BackproofError, match="nobody"):
        bp.check("nobody")
    monkeypatch.delitem(checks.CHECKS, "hornik-weighted")
    with pytest.raises(bp.BackproofError, match="no check"):
        bp.check("hornik-weighted")


def test_numbers_as_text() -> None:
    assert [shown(v) for v in (SIXTH, 0.1 + 0.2, [1, SIXTH], True)] == [
        "1/6",
        "0.3",
        "1, 1/6",
        "yes",
    ]
    assert exactly(0.1 + 0.2) == "0.30000000000000004"
    assert exactly([SIXTH, 1.5]) == "1/6, 1.5"


GOOD = Row("a good row", SIXTH, "≤", 0.2, level="statistical at 1e-6")
BAD = Row("a bad row", 1, "=", 2)


def evidence(*rows: Row) -> Evidence:
    """Rows with a figure of every kind of curve in two panels."""
    return Evidence(
        rows,
        [
            Curve("a line", [1, 2], [SIXTH, sp.Rational(1, 2)]),
            Curve("points", [1, 2], [1, 2], "points", panel=1),
            Curve("", [1, 2], [1, 2], "band", upper=[2, 3], panel=1),
        ],
        [Axes("k", "error"), Axes("n", "size", log_x=True, log_y=True)],
        "What was found.",
    )


def run(*words: str) -> Result:
    """One call of the command line, in this process."""
    return CliRunner().invoke(app, list(words), env={"COLUMNS": "200"})


def test_a_check_by_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[Any] = []

    def check(progress: Any = None) -> Evidence:
        seen.append(progress)
        progress("rows", 1, 1)
        return evidence(GOOD, BAD) if len(seen) > 1 else evidence(GOOD)

    monkeypatch.setitem(checks.CHECKS, "hornik-weighted", check)
    page = tmp_path / "page.html"
    good = run("theorem", "hornik-weighted", "--to", str(page))
    assert good.exit_code == 0, good.output
    assert "a good row" in good.stdout
    assert "All hold" in page.read_text("utf-8")
    assert "image/svg+xml" in page.read_text("utf-8")
    bad = run("theorem", "hornik-weighted", "--to", str(page))
    assert bad.exit_code == 1
    assert re.search(r"a bad row .*✗", bad.stdout)
    assert "1 do not hold" in page.read_text("utf-8")
    told = json.loads(run("theorem", "hornik-weighted", "--json").stdout)
    assert told["check"]["holds"] is False
    assert told["check"]["rows"][0]["predicted"] == "1/6"
    stated = run("theorem", "hornik-weighted", "--no-check")
    assert stated.exit_code == 0
    assert len(seen) == 3
    with pytest.raises(bp.BackproofError, match="evidence"):
        bp.document(bp.theorem("hornik-weighted"), evidence(GOOD), evidence(BAD), to=page)


def test_the_list_and_the_map(tmp_path: Path) -> None:
    listed = run("theorem").stdout
    told = json.loads(run("theorem", "--json").stdout)
    for theorem in bp.theorems.THEOREMS:
        assert theorem.name in listed
        assert theorem.part.capitalize() in listed
    assert [t["name"] for t in told] == [t.name for t in bp.theorems.THEOREMS]
    page = tmp_path / "map.html"
    mapped = run("theorem", "--map", str(page))
    assert mapped.exit_code == 0, mapped.output
    text = page.read_text("utf-8")
    for theorem in bp.theorems.THEOREMS:
        assert theorem.title.split("'")[0] in text
        for used in theorem.uses:
            assert f"{used} to {theorem.name}" in text  # the figure's description


def test_the_map_in_the_docs_is_that_of_the_library() -> None:
    text = (Path(__file__).parents[2] / "docs" / "theorems.md").read_text("utf-8")
    missing = [t.name for t in bp.theorems.THEOREMS if f"{t.name}: " not in text]
    assert not missing, f"run backproof theorem --map docs/theorems.md, which lacks {missing}"


def test_theorems_name_each_other() -> None:
    one = bp.theorem("cybenko")
    from dataclasses import replace

    with pytest.raises(bp.BackproofError, match="twice"):
        named([one, one])
    with pytest.raises(bp.BackproofError, match="uses nobody"):
        named([replace(one, uses=("nobody",))])
    with pytest.raises(bp.BackproofError, match="part"):
        replace(one, part="poetry")
    about_measures = replace(one, hypotheses=(bp.theorems.Hypothesis("μ is finite", r"\mu"),))
    with pytest.raises(bp.BackproofError, match="nothing to decide"):
        about_measures.judge("tanh")


@pytest.mark.sweep
def test_every_check_holds() -> None:
    for name in checks.CHECKS:
        found = bp.check(name)
        assert found.holds, f"{name}\n{found}"


def test_checks_are_of_theorems() -> None:
    assert set(checks.CHECKS) == set(bp.theorems.BY_NAME)
