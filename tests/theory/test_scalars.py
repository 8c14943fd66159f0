"""Scalar functions keep their laws: derivative, definition, and a stated convention at a kink."""

from collections.abc import Callable, Iterator
from typing import Any

import mpmath
import pytest
import sympy as sp

from backproof.theory.calculus.derivation import derive
from backproof.theory.errors import UnsupportedError
from backproof.theory.evaluation.exact import evaluate
from backproof.theory.scalars import (
    ELEMENTARY,
    FUNCTIONS,
    NONNEGATIVE,
    WITHOUT_DERIVATIVE,
    Elementwise,
    absolute,
    floor,
    larger,
    relu,
    sgn,
    smaller,
    step,
)
from backproof.theory.trace.tracing import trace
from laws.scalars import (
    DIGITS,
    arguments_of,
    derivative_of,
    kinked,
    numbers_are_those_of_the_definition,
    numerically,
    second_derivative_of,
)

# The derivative in each argument at the kink: at zero, or at a tie of the two arguments.
CONVENTIONS: dict[type[Elementwise], tuple[int, ...]] = {
    absolute: (0,),
    floor: (0,),
    larger: (1, 0),
    relu: (0,),
    sgn: (0,),
    smaller: (1, 0),
    step: (0,),
}


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    """mpmath's working precision for a test."""
    with mpmath.workdps(DIGITS):
        yield


def name(function: Any) -> str:
    return getattr(function, "__name__", str(function))


@pytest.mark.parametrize("function", FUNCTIONS, ids=name)
@pytest.mark.parametrize(
    "law",
    [derivative_of, second_derivative_of, numbers_are_those_of_the_definition],
    ids=name,
)
def test_law(law: Callable[[type[Elementwise]], None], function: type[Elementwise]) -> None:
    law(function)


@pytest.mark.parametrize("function", FUNCTIONS, ids=name)
def test_a_kink_has_a_stated_convention(function: type[Elementwise]) -> None:
    assert bool(function.convention) == kinked(function) == (function in CONVENTIONS)


@pytest.mark.parametrize("function", CONVENTIONS, ids=name)
def test_the_convention_at_the_kink(function: type[Elementwise]) -> None:
    number = sp.S.Zero if len(CONVENTIONS[function]) == 1 else sp.Rational(3, 7)
    symbols = sp.symbols("x y", real=True)[: len(CONVENTIONS[function])]
    at = dict.fromkeys(symbols, number)
    found = tuple(function(*symbols).diff(s).xreplace(at) for s in symbols)
    assert found == CONVENTIONS[function]


@pytest.mark.parametrize("function", NONNEGATIVE, ids=name)
def test_a_function_of_the_half_line(function: type[Elementwise]) -> None:
    """Both derivatives at positive numbers, and zero, by the stated convention, at zero."""
    x = sp.Symbol("x", real=True)
    assert function.convention
    assert function(x).diff(x).xreplace({x: sp.S.Zero}) == 0
    for order in (1, 2):
        found = numerically(function(x).diff(x, order), [x])
        value = numerically(function(x), [x])
        for at in (mpmath.mpf("0.3"), mpmath.mpf(2)):
            assert abs(found(at) - mpmath.diff(value, at, order)) < 1e-15


@pytest.mark.parametrize("function", WITHOUT_DERIVATIVE, ids=name)
def test_a_function_without_derivative_refuses_one(function: type[Elementwise]) -> None:
    numbers_are_those_of_the_definition(function)
    x = sp.Symbol("x", real=True)
    with pytest.raises(UnsupportedError, match="derivative"):
        function(x).diff(x)


def test_values_at_zero() -> None:
    assert [f(sp.S.Zero) for f in (absolute, relu, sgn, step)] == [0, 0, 0, 0]


def gradient(source: str, x: Any, y: Any = None, shape: str = "n") -> Any:
    """∂/∂x of a statement at exact numbers."""
    shapes = {"x": shape} | ({} if y is None else {"y": shape})
    result = derive(trace(source, **shapes), "x")
    return evaluate(result, {"x": x} | ({} if y is None else {"y": y}))[result.results["x"].name]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("np.sum(np.maximum(x, 0))", (0, 0, 1)),
        ("np.sum(np.maximum(0, x))", (0, 0, 1)),
        ("np.sum(np.maximum(0.0, x)*1.0)", (0, 0, 1)),
        ("np.sum(np.abs(x))", (-1, 0, 1)),
        ("np.sum(np.sign(x)*x)", (-1, 0, 1)),
        ("np.sum(np.where(x > 0, x, 0))", (0, 0, 1)),
        ("np.sum(np.where(x >= 0, x, 0))", (0, 1, 1)),
        ("np.sum(np.clip(x, -1, 1))", (1, 1, 1)),
        ("np.sum(np.clip(x, 0, 1))", (0, 0, 1)),
        ("np.sum(np.minimum(x, 0))", (1, 1, 0)),
    ],
)
def test_kinks_in_models(source: str, expected: tuple[int, ...]) -> None:
    assert gradient(source, [-1, 0, 1]) == expected


def test_ties_between_two_arrays() -> None:
    assert gradient("np.sum(np.maximum(x, y))", [1, 2, 3], [2, 2, 2]) == (0, 1, 1)
    assert gradient("np.sum(np.maximum(y, x))", [1, 2, 3], [2, 2, 2]) == (0, 0, 1)
    assert gradient("np.sum(np.minimum(x, y))", [1, 2, 3], [2, 2, 2]) == (1, 1, 0)


@pytest.mark.parametrize("axis", ["", "axis=(0, 1)", "axis=(1, 0)", "axis=(-1, -2)"])
def test_the_first_maximum_in_row_major_order(axis: str) -> None:
    x = [[1, 5], [5, 0]]
    assert gradient(f"x.max({axis})", x, shape="m n") == ((0, 1), (0, 0))
    assert gradient(f"np.min(-x*1.0, {axis})".replace(", )", ")"), x, shape="m n") == (
        (0, -1),
        (0, 0),
    )


def test_the_first_maximum_of_three_axes() -> None:
    x = [[[0, 1], [7, 2]], [[7, 7], [7, 7]], [[3, 7], [7, 7]]]
    found = gradient("np.max(x)", x, shape="k m n")
    assert found == (((0, 0), (1, 0)), ((0, 0), (0, 0)), ((0, 0), (0, 0)))


def test_a_maximum_along_one_axis() -> None:
    x = [[2, 2, 1], [0, 3, 3]]
    assert gradient("np.sum(x.max(axis=1))", x, shape="m n") == ((1, 0, 0), (0, 1, 0))
    assert gradient("np.sum(x.max(axis=0))", x, shape="m n") == ((1, 0, 0), (0, 1, 1))


@pytest.mark.parametrize("spelling", ELEMENTARY)
def test_elementary_functions_mean_what_numpy_computes(spelling: str) -> None:
    """The table from NumPy and SciPy names to SymPy functions, each row at a number."""
    import numpy as np
    from scipy import special

    module, _, function = spelling.rpartition(".")
    computed = getattr({"numpy": np, "scipy.special": special}[module], function)(0.625)
    meant = float(sp.N(ELEMENTARY[spelling](sp.Rational(5, 8)), 20))
    assert abs(computed - meant) < 1e-12


@pytest.mark.parametrize("function", [f for f in FUNCTIONS if f.spelled], ids=name)
def test_spellings_mean_what_numpy_computes(function: type[Elementwise]) -> None:
    import numpy as np
    from scipy import special

    for spelling in function.spelled:
        module, _, name = spelling.rpartition(".")
        computed = getattr({"numpy": np, "scipy.special": special}[module], name)
        arity = len(arguments_of(function))
        for x, y in ((0.625, -0.25), (-0.75, 0.5), (0.0, 0.0)):
            at = (x, y)[:arity]
            if any(x not in function.domain for x in map(sp.Rational, at)):
                continue
            meant = float(sp.N(function.definition(*map(sp.Rational, at)), 20))
            assert abs(computed(*at) - meant) < 1e-12
