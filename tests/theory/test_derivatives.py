"""Gradients, Jacobians, Hessians and their products against SymPy's derivative of scalars."""

from collections.abc import Callable, Iterator

import mpmath
import pytest

from laws.derivatives import (
    gradient_is_derivative_of_expansion,
    hessian_is_second_derivative_of_expansion,
    mixed_blocks_are_second_derivatives,
    product_is_hessian_times_direction,
    products_of_several_names,
)
from laws.meaning import evaluation_is_what_numpy_computes, exact_numbers_agree_with_precise_ones
from laws.models import DIGITS, EXPANDING, SAMPLES, TWICE, Sample


def label(sample: Sample) -> str:
    return sample.name


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    """mpmath's working precision for a test."""
    with mpmath.workdps(DIGITS):
        yield


@pytest.mark.parametrize("sample", SAMPLES, ids=label)
def test_a_model_means_what_numpy_computes(sample: Sample) -> None:
    for sizes in sample.assignments():
        evaluation_is_what_numpy_computes(sample, sizes, seed=2)


@pytest.mark.parametrize("sample", SAMPLES, ids=label)
def test_exact_numbers(sample: Sample) -> None:
    exact_numbers_agree_with_precise_ones(sample, sample.assignments()[0], seed=3)


@pytest.mark.parametrize("sample", EXPANDING, ids=label)
def test_gradient(sample: Sample, tally: Callable[[str, int], None]) -> None:
    for seed, sizes in enumerate(sample.assignments(), start=4):
        count = gradient_is_derivative_of_expansion(sample, sizes, seed)
        tally("derivatives compared with SymPy", count)


@pytest.mark.parametrize("sample", TWICE, ids=label)
def test_hessian(sample: Sample, tally: Callable[[str, int], None]) -> None:
    for seed, sizes in enumerate(sample.assignments(), start=6):
        count = hessian_is_second_derivative_of_expansion(sample, sizes, seed)
        tally("derivatives compared with SymPy", count)


@pytest.mark.parametrize("name", ["quadratic form", "rows and columns", "free energy"])
def test_mixed_blocks_of_a_hessian(name: str) -> None:
    (sample,) = (s for s in TWICE if s.name == name)
    for seed, sizes in enumerate(sample.assignments(), start=8):
        assert mixed_blocks_are_second_derivatives(sample, sizes, seed)


@pytest.mark.parametrize("name", ["quadratic form", "free energy", "clip"])
def test_hessian_vector_product_of_several_names(name: str) -> None:
    (sample,) = (s for s in SAMPLES if s.name == name)
    for seed, sizes in enumerate(sample.assignments(), start=14):
        products_of_several_names(sample, sizes, seed)


@pytest.mark.parametrize("sample", TWICE, ids=label)
def test_hessian_vector_product(sample: Sample) -> None:
    for seed, sizes in enumerate(sample.assignments(), start=10):
        assert product_is_hessian_times_direction(sample, sizes, seed)
