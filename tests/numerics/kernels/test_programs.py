"""Random programs, run by NumPy and by the kernels made of them, with their derivatives."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from oracles.agreement import check_first_order, check_second_order
from oracles.differences import off_differences
from oracles.grammar import programs
from oracles.programs import Program

CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
SHORT = settings(max_examples=250, suppress_health_check=CHECKS, deadline=None)
LONG = settings(max_examples=5000, suppress_health_check=CHECKS, deadline=None)


@SHORT
@given(program=programs())
def test_programs(program: Program) -> None:
    check_first_order(program)


@settings(SHORT, max_examples=100)
@given(program=programs(scalar=True, most=6))
def test_second_derivatives_of_programs(program: Program) -> None:
    check_second_order(program)


@pytest.mark.sweep
@LONG
@given(program=programs(most=14))
def test_many_programs(program: Program) -> None:
    check_first_order(program)


@pytest.mark.sweep
@settings(LONG, max_examples=2000)
@given(program=programs(scalar=True, most=8))
def test_second_derivatives_of_many_programs(program: Program) -> None:
    check_second_order(program)


def test_a_wrong_derivative_is_found() -> None:
    def function(x: np.ndarray) -> Any:
        return np.sum(x**3)

    inputs = {"x": np.array([0.5, -1.2])}
    assert off_differences(3 * inputs["x"] ** 2, function, inputs, "x") < 1e-10
    assert off_differences(3 * inputs["x"] ** 2 + 1e-4, function, inputs, "x") > 1e-6
