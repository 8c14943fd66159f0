"""Every step of every derivation is evaluated, on two assignments of unequal sizes."""

from collections.abc import Callable, Mapping

import mpmath
import pytest

from laws.models import DIGITS, SAMPLES, TWICE, Sample
from laws.steps import derived_in_the_open, step_holds

CASES = [(s, n) for s in SAMPLES for n in s.assignments()]
CASES_TWICE = [(s, n) for s in TWICE for n in s.assignments()]


def label(case: object) -> str:
    """The name of a sample, or its sizes."""
    if isinstance(case, Sample):
        return case.name
    assert isinstance(case, Mapping)
    return " ".join(f"{name}={n}" for name, n in case.items())


def every_step_holds(
    sample: Sample, sizes: Mapping[str, int], order: int = 1, along: str | None = None
) -> int:
    """The steps of a derivation, each evaluated; how many there were."""
    with mpmath.workdps(DIGITS):
        wrt = sample.twice if order == 2 else None
        opened = derived_in_the_open(sample.model, wrt, order, along)
        result = opened.result
        inputs = sample.inputs(result.arguments, sizes, seed=1)
        here = opened.environments(inputs, sizes)
        for step in result.model.steps:
            step_holds(step, here.stated)
        for step in result.derivation_steps:
            step_holds(step, here.derived)
    return len(result.steps)


@pytest.mark.parametrize(("sample", "sizes"), CASES, ids=label)
def test_steps_of_a_gradient(
    sample: Sample, sizes: Mapping[str, int], tally: Callable[[str, int], None]
) -> None:
    tally("steps evaluated", every_step_holds(sample, sizes))


@pytest.mark.parametrize(("sample", "sizes"), CASES_TWICE, ids=label)
def test_steps_of_a_hessian(
    sample: Sample, sizes: Mapping[str, int], tally: Callable[[str, int], None]
) -> None:
    tally("steps evaluated", every_step_holds(sample, sizes, order=2))


@pytest.mark.parametrize(("sample", "sizes"), CASES_TWICE, ids=label)
def test_steps_of_a_hessian_vector_product(
    sample: Sample, sizes: Mapping[str, int], tally: Callable[[str, int], None]
) -> None:
    tally("steps evaluated", every_step_holds(sample, sizes, order=2, along="direction"))
