"""Closed forms: what is written out is what was derived, and it reads as a book has it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import mpmath
import pytest

from backproof.theory.calculus.derivation import Derivation, derive
from backproof.theory.closed import closed
from backproof.theory.declarations import array
from backproof.theory.evaluation.exact import environment
from backproof.theory.model import Model
from backproof.theory.trace.tracing import trace
from laws.closed_forms import closed_form_holds
from laws.models import DIGITS, SAMPLES, TWICE, Sample
from laws.statements import precise, random_arguments

FILE = Path(__file__).parents[1] / "cases" / "matrix_calculus.json"
ON_FILE = json.loads(FILE.read_text("utf-8"))
SIZES = ON_FILE["meta"]["dims_used"][0]
CASES = {case["id"]: case for case in ON_FILE["cases"]}
UNREACHED = ("rbm_exact_nll_W",)  # statements that `trace` refuses


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    """mpmath's working precision for a test."""
    with mpmath.workdps(DIGITS):
        yield


def all_hold(sample: Sample, of: Model | Derivation, tally: Callable[[str, int], None]) -> None:
    """The closed form of every result, of the output of a model."""
    sizes = sample.assignments()[0]
    here = environment(of, sample.inputs(of.arguments, sizes, seed=17), sizes)
    for name in of.results if isinstance(of, Derivation) else [of.output.name]:
        for kind, count in closed_form_holds(closed(of, name), here).items():
            tally(f"closed forms, {kind}", count)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_statements_and_gradients(sample: Sample, tally: Callable[[str, int], None]) -> None:
    all_hold(sample, sample.model(), tally)
    all_hold(sample, derive(sample.model()), tally)


@pytest.mark.parametrize("sample", TWICE, ids=lambda s: s.name)
def test_second_derivatives(sample: Sample, tally: Callable[[str, int], None]) -> None:
    all_hold(sample, derive(sample.model(), sample.twice, order=2), tally)


@pytest.mark.parametrize("name", [name for name in CASES if name not in UNREACHED])
def test_cases_on_file(name: str, tally: Callable[[str, int], None]) -> None:
    case = CASES[name]
    shapes = {n: array(" ".join(v["shape"])) for n, v in case["inputs"].items()}
    m = trace(case["expr"], **shapes)
    g = derive(m, case["wrt"], order=1 if m.output.shape else case.get("order", 1))
    inputs, sizes = random_arguments(g, positive=tuple(shapes), sizes=SIZES)
    here = environment(g, {n: precise(v) for n, v in inputs.items()}, sizes)
    for kind, count in closed_form_holds(closed(g), here).items():
        tally(f"closed forms, {kind}", count)
