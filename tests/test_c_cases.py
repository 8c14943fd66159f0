"""The cases on file on the c backend: every one of matrix calculus, a sample of the everyday."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import test_cases as matrix_calculus
import test_everyday as everyday
from oracles.inputs import inputs_of, told

import backproof as bp

EVERY = 30  # of the everyday cases, one in so many; the others behind the mark `sweep`


def kernel(model: bp.Model, **derived: Any) -> bp.Kernel:
    """The derivative in C; skipped where there is no compiler."""
    made = bp.compile(bp.derive(model, **derived), backend="c")
    if made.backend != "c":
        pytest.skip("no C compiler here: the kernel is NumPy's")
    return made


@pytest.mark.filterwarnings("ignore:backend 'c'")
@pytest.mark.parametrize("name", matrix_calculus.CASES)
def test_matrix_calculus(name: str, tally: Callable[[str, int], None]) -> None:
    case, model = matrix_calculus.CASES[name], matrix_calculus.model(name)
    assert isinstance(model, bp.Model), model
    native = kernel(model, wrt=case["wrt"], order=case["order"])
    for sizes in matrix_calculus.SIZES:
        inputs = matrix_calculus.sample(case, sizes)
        out = native(**inputs)
        value = matrix_calculus.written(case["expr"], inputs)
        derivative = matrix_calculus.written(case["expected"], inputs)
        assert matrix_calculus.off(out["value"], value) <= matrix_calculus.TOLERANCE
        assert matrix_calculus.off(out[case["wrt"]], derivative) <= matrix_calculus.TOLERANCE
    tally("cases of matrix calculus that agree in C, at two sizes each", 1)


@pytest.mark.filterwarnings("ignore:backend 'c'")
@pytest.mark.parametrize("name", list(everyday.CASES)[::EVERY])
def test_everyday(name: str) -> None:
    agrees(everyday.CASES[name])


@pytest.mark.sweep
@pytest.mark.parametrize("name", everyday.CASES)
def test_every_day(name: str) -> None:
    agrees(everyday.CASES[name])


def agrees(case: Mapping[str, Any]) -> None:
    """The two numbers that tell an array apart, for value and derivative, at both sizes."""
    declared = {n: everyday.declared(s) for n, s in case["inputs"].items()}
    model = bp.trace(case["expr"], **declared)
    native = kernel(model, wrt=case["wrt"], order=case["order"], along=case.get("along"))
    for which, expected in enumerate(case["expected"]):
        sizes = (case.get("dims") or everyday.FILE["meta"]["sizes"])[which]
        with np.errstate(all="ignore"):
            out = native(**inputs_of(case, sizes, which))
        found = *told(out["value"]), *told(out[case["wrt"]])
        scales = [max(expected[k], everyday.SMALLEST) for k in (1, 1, 3, 3)]
        for number, recorded, scale in zip(found, expected, scales, strict=True):
            assert abs(number - recorded) <= everyday.TOLERANCE * scale, (found, expected)
