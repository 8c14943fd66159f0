"""Kernels of matrix functions compute what NumPy and SciPy do, on stacks and in each format."""

from typing import Any

import numpy as np
import pytest
import scipy.linalg

import backproof as bp
from backproof.numerics import extended, standard
from backproof.numerics.judge.reference.matrix_values import RULES
from backproof.theory.linear_algebra import MATRIX_FUNCTIONS

SQUARE, WIDE = "b n n", "b m n"
SYMMETRIC = "np.swapaxes(A, 1, 2) + A"
STATEMENTS = (
    ("np.linalg.inv(A)", SQUARE),
    ("np.linalg.det(A)", SQUARE),
    ("np.linalg.slogdet(A)[0] * np.linalg.slogdet(A)[1]", SQUARE),
    (f"np.linalg.eigvalsh({SYMMETRIC})", SQUARE),
    (f"np.linalg.eigh({SYMMETRIC})[1]**2", SQUARE),
    ("np.linalg.cholesky(A @ np.swapaxes(A, 1, 2))", WIDE),
    ("np.linalg.pinv(A)", WIDE),
    ("np.linalg.pinv(np.swapaxes(A, 1, 2))", WIDE),
    ("np.linalg.svd(A, compute_uv=False)", WIDE),
    ("np.linalg.svdvals(A)", WIDE),
    ("np.linalg.svd(A, full_matrices=False)[0]**2", WIDE),
    ("np.linalg.svd(A, full_matrices=False)[1]", WIDE),
    ("np.linalg.svd(A, full_matrices=False)[2]**2", WIDE),
    ("np.linalg.norm(A, 'nuc', axis=(1, 2))", WIDE),
    ("np.linalg.norm(A, 2, axis=(-2, -1))", WIDE),
    ("np.linalg.norm(A, -2, (1, 2))", WIDE),
    ("np.linalg.cond(A)", WIDE),
    ("scipy.linalg.expm(A)", SQUARE),
    ("np.linalg.cond(A, 1) + np.linalg.cond(A, 'fro') + np.linalg.cond(A, -2)", "n n"),
    ("np.linalg.norm(A, 'nuc', axis=(1, 0), keepdims=True)", "m n k"),
    ("scipy.linalg.cholesky(A @ A.T, lower=True)", "m n"),
    ("scipy.linalg.cholesky(A @ A.T)", "m n"),
    ("np.linalg.cholesky(A @ A.T, upper=True)", "m n"),
    ("scipy.linalg.solve_triangular(A, A @ A, lower=True)", "n n"),
    ("scipy.linalg.solve_triangular(A, A[0], trans=1)", "n n"),
    ("scipy.linalg.solve_triangular(A.T, A[0], trans='T', lower=True)", "n n"),
    ("scipy.linalg.solve_triangular(np.linalg.cholesky(A @ A.T), A, lower=True)", "m n"),
    ("scipy.linalg.cho_solve(scipy.linalg.cho_factor(A @ A.T), A)", "m n"),
    ("scipy.linalg.cho_solve((np.linalg.cholesky(A @ A.T), True), A)", "m n"),
    ("2 * np.sum(np.log(np.diag(np.linalg.cholesky(A @ A.T))))", "m n"),
    ("scipy.linalg.svdvals(A) + scipy.linalg.norm(A, 2)", "m n"),
    ("scipy.linalg.inv(A) + scipy.linalg.pinv(A) + scipy.linalg.det(A)", "n n"),
    ("scipy.linalg.solve(A, A.T) + scipy.linalg.eigvalsh(A + A.T)", "n n"),
)
TOLERANCE = {"float32": 2e-4, "float64": 1e-12, "longdouble": 1e-12}  # of NumPy's own, in double


def numpy_says(source: str, **arrays: np.ndarray) -> Any:
    """What NumPy and SciPy make of the source."""
    return eval(source, {"np": np, "scipy": scipy, **arrays})


def matrices(shape: str, seed: int = 0) -> np.ndarray:
    """Two matrices, far from singular."""
    random = np.random.default_rng(seed)
    extents = [{"b": 2, "m": 3, "n": 4, "k": 2}[letter] for letter in shape.split()]
    return random.normal(size=extents) + 2 * np.eye(*extents[-2:])


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(("source", "shape"), STATEMENTS)
def test_values(source: str, shape: str, dtype: str) -> None:
    kernel = bp.compile(bp.trace(source, A=shape), dtype=dtype)
    a = matrices(shape)
    expected = numpy_says(source, A=a)
    found = np.asarray(kernel(A=a))
    assert found.shape == expected.shape
    scale = np.max(np.abs(expected))
    assert np.max(np.abs(found - expected)) <= TOLERANCE[dtype] * scale, kernel.source


@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.parametrize(("source", "shape"), STATEMENTS)
def test_values_in_frameworks(source: str, shape: str, backend: str) -> None:
    framework = pytest.importorskip(backend)
    if backend == "jax":
        framework.config.update("jax_enable_x64", True)
    a = matrices(shape)
    found = np.asarray(bp.compile(bp.trace(source, A=shape), backend=backend)(A=a))
    expected = numpy_says(source, A=a)
    assert found.shape == expected.shape
    assert np.max(np.abs(found - expected)) <= 1e-11 * np.max(np.abs(expected))


def test_every_function_has_a_value_here_and_a_rule_in_the_judge() -> None:
    """Each member is called by some statement above, and the judge knows its rounding."""
    traced = [bp.trace(source, A=shape) for source, shape in STATEMENTS]
    called = {getattr(e.rhs, "function", "") for model in traced for e in model.equations}
    names = {function.name for function in MATRIX_FUNCTIONS}
    assert names == called & names
    assert names == set(RULES)
    assert set(standard.__all__) <= {*dir(extended)}


def test_stacks_of_two_axes_in_either_order_are_not_confused() -> None:
    """inv(A) and inv of A with its stack transposed have one shape, and are two quantities."""
    source = "np.linalg.inv(A) + 2 * np.linalg.inv(np.swapaxes(A, 0, 1))"
    a = np.random.default_rng(1).normal(size=(3, 3, 2, 2)) + 3 * np.eye(2)
    found = bp.compile(bp.trace(source, A="n n k k"))(A=a)
    assert np.allclose(found, numpy_says(source, A=a), rtol=1e-12)


def test_stacks_times_stacks() -> None:
    random = np.random.default_rng(2)
    a, b = random.normal(size=(2, 3, 4)), random.normal(size=(2, 4, 5))
    found = bp.compile(bp.trace("A @ B", A="b m n", B="b n p"))(A=a, B=b)
    assert np.allclose(found, a @ b, rtol=1e-12)


def test_refined_eigenvectors_are_accurate_in_extended_precision() -> None:
    a = matrices(SQUARE).astype(np.longdouble)
    a = a + np.swapaxes(a, 1, 2)
    values, v = extended.eigh(a)
    turned = np.swapaxes(v, 1, 2)
    for off in (v * values[:, None, :] @ turned - a, turned @ v - np.eye(4)):
        assert np.max(np.abs(off)) < 50 * np.finfo(np.longdouble).eps


def test_a_matrix_that_is_not_positive_definite_has_no_extended_factor() -> None:
    assert np.isnan(extended.cholesky(-np.eye(2, dtype=np.longdouble))).any()
