"""The page about real code: it is what was recorded, and what it says of others stands.

Every deviation is shown again by `docs/real_code/oracle.py`, which knows nothing of the judge, and
judged again where that is quick and the version is the one that was recorded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest
from oracles.page_program import modules

from backproof.pages import render

DOCS = Path(__file__).resolve().parents[1] / "docs"
RECORDED = json.loads((DOCS / "real_code.json").read_text("utf-8"))
SUBJECTS: dict[str, Any] = RECORDED["subjects"]
INSTALLED = {"sklearn": "scikit-learn"}
SHOWN = (
    "persistent_chains", "clipped_loss", "several_outputs", "softplus_threshold", "elu_tail",
    "half_at_zero", "leaky_at_zero", "tanh_form", "shared_ties",
)  # fmt: skip
AGAIN = (
    "sklearn.BernoulliRBM.partial_fit",
    "sklearn.MLPRegressor._backprop",
    "torch.nn.functional.softplus",
    "autograd.numpy, max pooling as users write it",
    "scipy.special.log_expit",
    "numpy.logaddexp",
)


@pytest.fixture(scope="module")
def program() -> Iterator[Any]:
    """Gives a module of docs/real_code by its name; they are not part of the package."""
    with modules("real_code") as found:
        yield found


def require_recorded(library: str) -> None:
    """Skip where the library is not installed as it was recorded."""
    name = INSTALLED.get(library, library)
    try:
        here = version(name)
    except PackageNotFoundError:
        pytest.skip(f"{name} is not installed: pip install backproof[bench]")
    if here != RECORDED["versions"][name]:
        pytest.skip(f"{name} is {here}, and {RECORDED['versions'][name]} was recorded")


def test_the_page_is_what_was_recorded(program: Any) -> None:
    shown = (DOCS / "real_code.md").read_text("utf-8")
    page = render(program("page").page(RECORDED), ".md")
    assert page == shown, "run python docs/real_code --page"


def test_what_deviates_is_explained_and_what_is_explained_deviates() -> None:
    for name, subject in SUBJECTS.items():
        verdicts = {run["verdict"] for run in subject["runs"].values()}
        assert (verdicts != {"verified"}) == bool(subject["outcome"]), name
        assert bool(subject["outcome"]) == bool(subject["words"] and subject["confirmed"]), name
        conventional = verdicts <= {"verified", "convention differs"}
        assert conventional == (subject["outcome"] in ("", "convention")), name


@pytest.mark.parametrize("name", SHOWN)
def test_a_deviation_is_shown_without_the_judge(program: Any, name: str) -> None:
    for library in {"persistent_chains": ["sklearn"], "clipped_loss": ["sklearn"],
                    "several_outputs": ["sklearn"], "softplus_threshold": ["torch"],
                    "half_at_zero": ["jax", "autograd"], "shared_ties": ["autograd"],
                    }.get(name, ["jax"]):  # fmt: skip
        require_recorded(library)
    assert program("oracle").CONFIRMED[name]()


def test_every_deviation_is_shown(program: Any) -> None:
    assert set(program("oracle").CONFIRMED) == set(SHOWN)


@pytest.mark.parametrize("name", AGAIN)
def test_the_verdict_stands(program: Any, name: str) -> None:
    require_recorded(SUBJECTS[name]["library"])
    judging = program("judging")
    (subject,) = (s for s in judging.subjects(SUBJECTS[name]["library"]) if s.name == name)
    dtype = subject.dtypes[0]
    result = judging.judged(subject, dtype)  # with the seed of the record
    kept = SUBJECTS[name]["runs"][dtype]
    assert result.verdict == kept["verdict"], str(result)
    assert dict(result.outputs) == kept["outputs"]


def test_the_cause_of_the_machine_s_bias_is_named() -> None:
    (found,) = [s for n, s in SUBJECTS.items() if n.endswith("partial_fit")]
    assert "divided by the number of rows" in found["runs"]["float64"]["findings"][0]


def test_the_oracle_does_not_know_the_judge() -> None:
    source = (DOCS / "real_code" / "oracle.py").read_text("utf-8")
    assert "import backproof" not in source
    assert "from backproof" not in source
