"""`backproof certify` and `prove`, and `theorem` of universality: what they print, exit codes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

import backproof as bp
from backproof.commands.command import app
from backproof.documents import witnesses as witness_page
from backproof.numerics.coq import checker
from backproof.theory.theorems import THEOREMS

NETWORKS = Path(__file__).parent / "cases" / "networks.json"
needs_coq = pytest.mark.skipif(bool(checker.missing()), reason=checker.missing() or "Coq is here")


def run(*words: str) -> Result:
    """One call of the command line, in this process."""
    return CliRunner().invoke(app, list(words), env={"COLUMNS": "80"})


def test_certify_a_network_of_a_file() -> None:
    result = run("certify", f"{NETWORKS}::ls_sin2pi_10", "--target", "np.sin(2*np.pi*x)", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["lower"] <= 0.00944518546168116 * (1 + 1e-6)
    assert told["upper"] >= 0.00944518546168116 * (1 - 1e-6)
    assert told["met"]
    assert told["rests_on"] == ["assumed", "enclosed"]


def test_certify_formulas() -> None:
    result = run(
        "certify", "np.maximum(x, y)", "--target", "x*y", "--domain", "0,1", "--domain", "0,1/2"
    )
    assert result.exit_code == 0, result.output
    assert "sup |N − f|" in result.stdout
    squared = run("certify", "x", "--target", "0", "--norm", "2", "--json")
    assert json.loads(squared.stdout)["lower"] <= 3**-0.5 <= json.loads(squared.stdout)["upper"]
    assert run("certify", "x", "--target", "x").exit_code == 1  # the bounds cannot meet at zero


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("certify", "x", "--target", "x +"), "formula"),
        (("certify", "x", "--target", "q"), "formula"),
        (("certify", "x", "--target", "0", "--domain", "0"), "--domain"),
        (("certify", "x", "--target", "0", "--domain", "a,b"), "--domain"),
        (("certify", "nets.json::a", "--target", "0"), "nets.json"),
        (("certify", f"{NETWORKS}::nobody", "--target", "0"), "nobody"),
        (("certify", str(NETWORKS), "--target", "0"), "no weights"),
        (("theorem", "nobody"), "nobody"),
        (("theorem", "cybenko", "--activation", "nobody"), "nobody"),
        (("prove", "mlp:1,1:relu:gaussian", "--size", "N"), "--size"),
    ],
    ids=str,
)
def test_bad_input_gets_one_clear_message(words: tuple[str, ...], message: str) -> None:
    result = run(*words)
    assert result.exit_code == 2, result.output
    assert message in result.output
    assert "Traceback" not in result.output


def test_unions_and_derivatives() -> None:
    both = run("certify", "x", "--target", "0", "--domain", "-3,-2|1/2,1", "--json")
    assert json.loads(both.stdout)["point"] == [-3.0]
    boxes = run(
        "certify", "x*y", "--target", "0", "--domain", "0,1|4,5", "--domain", "0,1|2,3", "--json"
    )
    assert json.loads(boxes.stdout)["point"] == [5.0, 3.0]
    slopes = run("certify", "np.sin(3*x)", "--target", "0", "--derivatives", "2", "--json")
    assert json.loads(slopes.stdout)["lower"] <= 9 <= json.loads(slopes.stdout)["upper"]


def test_certify_a_deep_network_of_a_file(tmp_path: Path) -> None:
    layers = [{"W": [[1.0], [2.0]], "b": [0.0, 0.5]}, {"W": [[1.0, -1.0]], "b": [0.25]}]
    file = tmp_path / "nets.json"
    file.write_text(json.dumps({"deep": {"layers": layers, "activation": "tanh"}}))
    result = run("certify", f"{file}::deep", "--target", "np.tanh(x)", "--domain=-1,1", "--json")
    told = json.loads(result.stdout)
    assert told["lower"] <= 0.25 + np.tanh(1.5) <= told["upper"]
    file.write_text(json.dumps({"layers": [{"W": [[1.0]]}]}))
    assert "'b'" in run("certify", str(file), "--target", "0").output


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("np.tanh(x)", "--target", "x", "--domain", "-1,0|1,2"), "The band"),
        (
            ("x*y", "--target", "np.minimum(x, y)", "--domain", "0,1", "--domain", "0,2"),
            "4 boxes cover",
        ),
        (("x*y*z", "--target", "0"), "(1.0, 1.0, 1.0)"),
        (("x", "--target", "0", "--norm", "2"), "L^2"),
    ],
    ids=["line", "plane", "space", "mean"],
)
def test_the_page_of_a_certificate(words: tuple[str, ...], shown: str, tmp_path: Path) -> None:
    for suffix in ("html", "md"):
        result = run("certify", *words, "--to", str(tmp_path / f"page.{suffix}"))
        assert result.exit_code == 0, result.output
        text = (tmp_path / f"page.{suffix}").read_text("utf-8")
        assert shown in text
        assert "Taken on trust" in text


@needs_coq
def test_prove_a_machine() -> None:
    result = run("prove", "rbm:1,2", "--json")
    assert result.exit_code == 0, result.output
    assert len(json.loads(result.stdout)["lemmas"]) == 3


@needs_coq
def test_prove(tmp_path: Path) -> None:
    result = run("prove", "mlp:1,1,1:sigmoid:bernoulli", "--to", str(tmp_path / "g.v"), "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["verdict"] == "proved"
    assert len(told["lemmas"]) == 4
    assert "Print Assumptions" in (tmp_path / "g.v").read_text("utf-8")


def test_prove_without_coq(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checker, "missing", lambda: "coqc is not installed")
    result = run("prove", "triangle")
    assert result.exit_code == 4
    assert "not checked" in result.stdout


def test_theorem() -> None:
    for theorem in THEOREMS:
        assert theorem.says in run("theorem", theorem.name, "--no-check").stdout.replace("\n", "")
    judged = run("theorem", "hornik-smooth", "--activation", "relu", "--order", "2")
    assert "does not apply" in judged.stdout


def test_witnesses(tmp_path: Path) -> None:
    page = tmp_path / "witnesses.html"
    result = run("witnesses", "yarotsky", "monotone_steps", "--to", str(page), "--quiet")
    assert result.exit_code == 0, result.output
    assert "2^(−2m−2)" in page.read_text("utf-8")
    assert "8 of 8 certified errors are within" in page.read_text("utf-8")
    told = json.loads(run("witnesses", "monomials", "--json", "--quiet").stdout)
    assert len(told) == 12
    assert all(float(row["ratio"].split(",")[0]) <= 1.001 for row in told)
    refused = run("witnesses", "nobody")
    assert refused.exit_code == 2
    assert "nobody" in refused.output


def test_a_witness_that_exceeds_its_bound_turns_the_command_red(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest = witness_page.BUILDERS["yarotsky"]
    small = lambda: [(n, replace(w, predicted=w.predicted * 0.99)) for n, w in honest()]  # noqa: E731
    monkeypatch.setitem(witness_page.BUILDERS, "yarotsky", small)
    assert run("witnesses", "yarotsky", "--quiet").exit_code == 1


def test_every_theorem_has_witnesses_that_are_known() -> None:
    for theorem in THEOREMS:
        assert set(theorem.witnesses) <= set(witness_page.BUILDERS), theorem.name
    listed = {name for theorem in THEOREMS for name in theorem.witnesses}
    assert listed == set(witness_page.BUILDERS)  # and each construction is on a page


@pytest.mark.parametrize("name", ["hornik-smooth", "leshno-pinkus"])
def test_the_page_of_a_theorem(name: str, tmp_path: Path) -> None:
    theorem = bp.theorems.BY_NAME[name]
    (page,) = bp.document(theorem, theorem.judge("tanh"), to=tmp_path / "theorem.html")
    text = page.read_text("utf-8")
    for words in ("The hypotheses", "✓ holds", "rests on", "Witnesses", "predicted", "applies"):
        assert words in text
    written = bp.document(theorem, to=tmp_path / "theorem.md")
    assert written[0].suffix == ".md"
    with pytest.raises(bp.BackproofError, match="theorem"):
        bp.document(theorem, bp.networks.mlp([1, 1], "tanh", "gaussian"), to=page)
