"""Each clause of a verdict has a level, in the text, as data, for build servers and on a page."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import numpy as np
import pytest
from scipy.special import expit

import backproof as bp
from backproof.numerics.judge.clauses import LEVELS, Clause
from backproof.theory.errors import BackproofError

MODEL = bp.trace("np.sum((W @ x - y)**2)", W="m n", x="n", y="m")
GRADIENT = bp.derive(MODEL, "W")


def halved(W: Any, x: Any, y: Any) -> Any:
    return np.outer(W @ x - y, x)


def right(W: Any, x: Any, y: Any) -> Any:
    return 2 * halved(W, x, y)


def raising(W: Any, x: Any, y: Any) -> Any:
    raise ValueError("never")


def one_at_zero(dy: Any, x: Any) -> Any:
    return dy * (x >= 0)


def in_place(W: Any, x: Any, y: Any) -> Any:
    y -= W @ x
    return -2 * np.outer(y, x)


def sampler(v: Any, W: Any, b_h: Any, rng: Any) -> Any:
    return (rng.random((len(v), len(b_h))) < expit(v @ W + b_h)).astype(float)


def overwhelming(v: Any, W: Any, b_h: Any, rng: Any) -> Any:
    return sampler(v, 2 * W, b_h, rng)


def of(result: bp.Verification, name: str, where: str = "") -> Clause:
    (row,) = (c for c in result.clauses if c.name == name and where in c.where)
    return row


RESULTS = {
    "verified": bp.verify(right, GRADIENT, seed=1),
    "refuted": bp.verify(halved, GRADIENT, seed=1),
    "raises": bp.verify(raising, GRADIENT, seed=1),
    "convention": bp.verify(one_at_zero, bp.specs.relu, seed=1),
    "arguments": bp.verify(in_place, GRADIENT, seed=1),
    "sampler": bp.verify(sampler, bp.specs.rbm_sample_hidden, seed=1),
    "wrong sampler": bp.verify(overwhelming, bp.specs.rbm_sample_hidden, seed=1),
}


@pytest.mark.parametrize("name", RESULTS)
def test_the_verdict_is_the_worst_of_its_clauses(name: str) -> None:
    result = RESULTS[name]
    order = ("verified", "not checked", "convention differs", "refuted")
    assert max((c.verdict for c in result.clauses), key=order.index) == result.verdict
    for clause in result.clauses:
        assert clause.level.split(" at ")[0] in LEVELS
        assert (clause.level == "not checked") == (clause.verdict == "not checked")


def test_levels_say_how_each_clause_was_looked_at() -> None:
    result = RESULTS["verified"]
    assert of(result, "value", "dW").level == "tested to tolerance"
    assert of(result, "shape", "dW").level == "exact"
    assert of(result, "arguments").level == "exact"
    greatest = bp.derive(bp.trace("np.sum(np.max(x, axis=1))", x="n d"), "x")
    (place,) = (e.tensor.name for e in greatest.equations if e.tensor.dtype == "integer")
    labels = bp.verify(lambda x: np.argmax(x, axis=1), greatest, outputs=(place,), seed=1)
    assert labels.verdict == "verified"
    assert [c.level for c in labels.clauses if c.name == "value"] == ["exact"]


def test_what_no_call_shows_is_not_checked() -> None:
    result = RESULTS["raises"]
    assert of(result, "raises").verdict == "refuted"
    assert of(result, "value").level == of(result, "shape").level == "not checked"
    assert of(result, "arguments").verdict == "not checked"


def test_chance_is_tested_at_a_share_of_the_budget() -> None:
    for name, verdict in (("sampler", "verified"), ("wrong sampler", "refuted")):
        rows = [c for c in RESULTS[name].clauses if c.name == "distribution"]
        shares = [float(c.level.removeprefix("statistical at ")) for c in rows]
        assert sum(shares) <= 1.001e-6
        assert all("enumeration" in c.detail and "power" in c.detail for c in rows)
        assert verdict in {c.verdict for c in rows}
    assert of(RESULTS["sampler"], "reproducible").level == "exact"


def test_a_convention_that_differs_is_no_refutation_in_any_form(tmp_path: Path) -> None:
    result = RESULTS["convention"]
    value = of(result, "value", "dx")
    assert value.verdict == "convention differs"
    assert "relu′(0) = 1" in value.detail
    assert "~ dx" in str(result)
    data = result.to_dict()
    assert data["verdict"] == "convention differs"
    assert {c["verdict"] for c in data["clauses"]} == {"verified", "convention differs"}
    report = xml.parse(bp.testing.save(result, tmp_path / "r.xml")).getroot()
    assert {f.get("type") for f in report.iter("failure")} == {"convention differs"}
    page = bp.testing.save(result, tmp_path / "r.html", bp.specs.relu).read_text("utf-8")
    assert "convention\N{NO-BREAK SPACE}differs" in page
    assert "refuted" not in page.partition("<main")[2]


@pytest.mark.parametrize("name", RESULTS)
def test_every_form_holds_every_clause_and_level(name: str, tmp_path: Path) -> None:
    result = RESULTS[name]
    for level in {c.level for c in result.clauses}:
        assert f"  {level}: " in str(result)
    data = json.loads(bp.testing.save(result, tmp_path / "r.json").read_text("utf-8"))
    assert [(c["clause"], c["level"]) for c in data["clauses"]] == [
        (c.name, c.level) for c in result.clauses
    ]
    suite = xml.parse(bp.testing.save(result, tmp_path / "r.xml")).getroot().find("testsuite")
    assert suite is not None
    cases = suite.findall("testcase")
    assert len(cases) == len(result.clauses) == int(suite.get("tests", ""))
    for case, clause in zip(cases, result.clauses, strict=True):
        found = {p.get("name"): p.get("value") for p in case.iter("property")}
        assert found == {"clause": clause.name, "level": clause.level, "verdict": clause.verdict}
        assert (case.find("failure") is None) == (clause.verdict in ("verified", "not checked"))
        assert (case.find("skipped") is None) == (clause.verdict != "not checked")
    failures = [c for c in cases if c.find("failure") is not None]
    assert len(failures) == int(suite.get("failures", ""))
    page = bp.testing.save(result, tmp_path / "r.html", GRADIENT).read_text("utf-8")
    for clause in result.clauses:
        assert clause.level in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_a_page_has_the_cause_the_counterexample_and_the_equations(tmp_path: Path) -> None:
    result = RESULTS["refuted"]
    page = bp.testing.save(result, tmp_path / "r.md", GRADIENT).read_text("utf-8")
    assert "t1 halved" in page
    assert result.diagnosis.example in page
    assert "W_{ij}" in page


def test_control_characters_do_not_break_a_report(tmp_path: Path) -> None:
    def odd(W: Any, x: Any, y: Any) -> Any:
        raise ValueError("\x00 and \x1b")

    result = bp.verify(odd, GRADIENT, seed=1)
    xml.parse(bp.testing.save(result, tmp_path / "r.xml"))
    with pytest.raises(BackproofError, match="a name in"):
        bp.testing.save(result, tmp_path / "r.pdf")
