"""The reference and its error bound, against exact evaluation and against ordinary arithmetic."""

from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

from backproof.numerics.judge.points.point import SAFETY
from backproof.numerics.judge.reference.evaluation import Evaluation
from backproof.numerics.judge.reference.running import EXTENDED, Format, Running, constant, grid
from backproof.numerics.judge.reference.scalars import scalar
from backproof.theory.calculus.derivation import derive
from backproof.theory.declarations import size
from backproof.theory.errors import UnsupportedError
from backproof.theory.evaluation.exact import evaluate
from backproof.theory.scalars import relu, sigmoid, softplus, step
from backproof.theory.trace.tracing import trace
from laws.models import SAMPLES, Sample

DOUBLE = Format.of("float64")


def doubles(sample: Sample, arguments: Any, sizes: Any, seed: int) -> dict[str, np.ndarray]:
    """The numbers of a sample, rounded to float64."""
    found = {}
    for name, value in sample.inputs(arguments, sizes, seed).items():
        kind = float if arguments[name].dtype == "real" else np.intp
        found[name] = np.array(value, dtype=object).astype(kind)
    return found


def precisely(array: np.ndarray) -> Any:
    """An array as nested lists of mpmath numbers or integers."""
    if array.dtype.kind == "i":
        return array.tolist()
    as_mpf = np.vectorize(mpmath.mpf, otypes=[object])(array)
    return as_mpf.tolist() if array.ndim else mpmath.mpf(float(array))


def wide(number: Any) -> mpmath.mpf:
    """An extended number without rounding."""
    high = float(number)
    return mpmath.mpf(high) + mpmath.mpf(float(number - EXTENDED(high)))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_the_reference_is_right_to_a_fraction_of_its_bound(sample: Sample) -> None:
    """Every quantity of a derivation, by the definition at 40 digits: |value − exact| ≪ error."""
    derivation = derive(sample.model())
    for sizes in sample.assignments():
        arrays = doubles(sample, derivation.arguments, sizes, seed=5)
        with mpmath.workdps(40):
            try:
                exact = evaluate(derivation, {n: precisely(a) for n, a in arrays.items()}, sizes)
            except UnsupportedError as error:
                pytest.skip(str(error))
            here = Evaluation(DOUBLE, {size(n): k for n, k in sizes.items()}, arrays)
            here.run(derivation.equations)
            for name, running in here.real.items():
                if name not in exact:
                    continue
                entries = np.array(exact[name], dtype=object).ravel()
                errors = np.broadcast_to(running.error, running.value.shape).ravel()
                for value, error, truth in zip(running.value.ravel(), errors, entries, strict=True):
                    missed = abs(wide(value) - truth)
                    assert missed <= 0.02 * wide(error) + mpmath.mpf(10) ** -30, (
                        name,
                        missed,
                        error,
                    )
                    assert error <= 1e-9 * (1 + abs(float(value))), (
                        f"{name}: the bound says nothing"
                    )


def in_arithmetic(derivation: Any, arrays: dict[str, np.ndarray], sizes: Any, kind: type) -> Any:
    """Every quantity in NumPy's own arithmetic of a format: the evaluator with other numbers."""
    here = Evaluation(DOUBLE, {size(n): k for n, k in sizes.items()}, {}, bounds=False)
    for name, array in arrays.items():
        here.give(name, array)
        if name in here.real:
            here.real[name] = Running.given(array, kind)
    for equation in derivation.equations:
        here.define(equation)
        name = equation.tensor.name
        if name in here.real:
            here.real[name] = Running.given(here.real[name].value, kind)
    return here


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_rounding_every_quantity_stays_within_the_bound(sample: Sample) -> None:
    """Quantities rounded to float32 one after the other stay within the bound for float32."""
    derivation = derive(sample.model())
    for sizes in sample.assignments():
        arrays = doubles(sample, derivation.arguments, sizes, seed=6)
        arrays = {n: a.astype(np.float32) if a.dtype == float else a for n, a in arrays.items()}
        try:
            rounded = in_arithmetic(derivation, arrays, sizes, np.float32)
        except UnsupportedError as error:
            pytest.skip(str(error))
        here = Evaluation(Format.of("float32"), {size(n): k for n, k in sizes.items()}, arrays)
        here.run(derivation.equations)
        for name, running in here.real.items():
            missed = np.abs(rounded.real[name].value - running.value)
            assert np.all(missed <= 2 * running.error + 1e-37), name


def test_the_bound_is_not_vacuous() -> None:
    """Σ of n products: the bound is between the observed loss and n·u·Σ|products|."""
    n = size("n")
    model = trace("x @ y", x="n", y="n")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=64), rng.normal(size=64)
    f = Evaluation(DOUBLE, {n: 64}, {"x": x, "y": y}).run(model.equations).real["f"]
    most = 64 * DOUBLE.unit * np.sum(np.abs(x * y))
    assert DOUBLE.unit * abs(f.value) <= f.error <= 1.01 * most
    assert SAFETY * most < 1e-11


class Here:
    """A place for scalar rules."""

    form, bounds = DOUBLE, True

    def __init__(self) -> None:
        self.met: list[str] = []

    def convention(self, kind: str) -> Any:
        return 0 if kind in ("step", "sgn") else "stated"

    def kink(self, kind: str) -> None:
        self.met.append(kind)


X = sp.Symbol("x", real=True)


@pytest.mark.parametrize("at", [0.0, 1e-3, 0.7, -3.0, 40.0, -40.0])
@pytest.mark.parametrize(
    "expression",
    [sigmoid(X), softplus(X), sp.tanh(X), relu(X), 1 / (1 + X**2), sp.exp(-X) * X, sp.erf(X)],
    ids=str,
)
def test_an_inherited_error_is_carried_through_a_function(expression: sp.Expr, at: float) -> None:
    """f(x ± e) stays within the error of f(x)."""
    e = EXTENDED(1e-6)
    x = Running(np.asarray(EXTENDED(at)), np.asarray(e))
    found = scalar(expression, {X: x}, Here())
    for moved in np.linspace(-1, 1, 9):
        there = scalar(expression, {X: Running.given(EXTENDED(at) + moved * e)}, Here())
        assert abs(there.value - found.value) <= found.error
    assert found.error <= 1e-5 * (1 + abs(found.value)) + 1e-4


def test_a_step_is_certain_at_zero_and_open_near_it() -> None:
    """1[x > 0]: 0 at an exact zero, either value where rounding decides, certain elsewhere."""
    here = Here()
    values = np.asarray([0, 1e-20, 1], EXTENDED)
    errors = np.asarray([0, 1e-16, 1e-16], EXTENDED)
    found = scalar(step(X), {X: Running(values, errors)}, here)
    assert found.value.tolist() == [0, 1, 1]
    assert found.error.tolist() == [0, 1, 0]
    assert here.met == ["step"]


def test_whole_numbers_stay_exact_until_they_do_not_fit() -> None:
    assert grid(Running.given([1.5, 2.0])) == 1
    assert grid(Running.given([0.1])) is None
    n = size("n")
    model = trace("x @ y", x="n", y="n")
    small = {"x": np.arange(4.0), "y": np.arange(4.0)}
    large = {"x": np.full(4, 2.0**14), "y": np.full(4, 2.0**14 + 1)}
    single = Format.of("float32")
    assert Evaluation(single, {n: 4}, small).run(model.equations).real["f"].exact
    assert not Evaluation(single, {n: 4}, large).run(model.equations).real["f"].exact


def test_a_tie_decided_by_rounding_is_told_from_an_exact_one() -> None:
    model = derive(trace("np.max(x + y)", x="n", y="n"), wrt="x")
    n = size("n")
    exact = {"x": np.array([1.0, 2.0]), "y": np.array([2.0, 1.0])}
    near = {"x": np.array([0.1, 0.2]), "y": np.array([0.2, 0.1])}
    one = Evaluation(DOUBLE, {n: 2}, exact).run(model.equations)
    two = Evaluation(DOUBLE, {n: 2}, near).run(model.equations)
    assert one.kinks
    assert not one.doubtful
    assert two.doubtful


def test_a_scalar_that_nobody_knows_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="zeta"):
        scalar(sp.zeta(X), {X: Running.given(2.0)}, Here())


def test_constants_of_every_kind_are_numbers() -> None:
    for number, value in ((softplus(0), np.log(2)), (sp.pi, np.pi), (sp.Rational(1, 3), 1 / 3)):
        assert abs(constant(sp.sympify(number))[0] - value) < 1e-15
    assert np.isnan(constant(sp.zoo)[0])
    assert constant(sp.Rational(5, 8)) == (0.625, True)
