"""Taylor models against 50-digit arithmetic, and mutants of them that this refutes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import mpmath
import numpy as np
import pytest
import sympy as sp

from backproof.numerics.enclosures import composition, taylor
from backproof.numerics.enclosures.basis import basis
from backproof.numerics.enclosures.expressions import Expression
from backproof.numerics.enclosures.functions import SMOOTH, Derivative, Power, Smooth
from backproof.numerics.enclosures.kinks import Boxes
from backproof.theory.scalars import absolute, relu, sgn, sigmoid, softplus, step
from laws.enclosures import model_holds

x, y = sp.symbols("x y")
EXACT: dict[str, Callable[[mpmath.mpf], mpmath.mpf]] = {
    "atan": mpmath.atan,
    "cos": mpmath.cos,
    "erf": mpmath.erf,
    "exp": mpmath.exp,
    "log": mpmath.log,
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "sin": mpmath.sin,
    "softplus": lambda z: mpmath.log(1 + mpmath.exp(z)),
    "tanh": mpmath.tanh,
}
FUNCTIONS: list[tuple[str, Smooth, Callable[[mpmath.mpf], mpmath.mpf]]] = [
    *((f.symbol.__name__, f, EXACT[f.symbol.__name__]) for f in SMOOTH),
    ("sqrt", Power(sp.S.Half), mpmath.sqrt),
    ("cube root inverse", Power(sp.Rational(-1, 3)), lambda z: z ** (-mpmath.mpf(1) / 3)),
    ("reciprocal", Power(sp.Integer(-1)), lambda z: 1 / z),
    ("inverse cube", Power(sp.Integer(-3)), lambda z: z**-3),
]
IDS = [name for name, *_ in FUNCTIONS]


def line(centre: list[float], radius: list[float], degree: int) -> Boxes:
    """Intervals."""
    return Boxes(basis(1, degree), np.array(centre)[:, None], np.array(radius)[:, None])


def some_boxes(positive: bool, degree: int, random: np.random.Generator) -> Boxes:
    """Wide and narrow intervals near zero, at moderate numbers and in the tails."""
    centre = np.concatenate([random.normal(0, s, 4) for s in (0.3, 3, 30)])
    radius = 10.0 ** random.uniform(-9, -0.3, len(centre))
    if positive:
        centre = np.abs(centre) + 1e-3
        radius = np.minimum(radius, centre * 0.9)
    return line(list(centre), list(radius), degree)


@pytest.mark.parametrize("degree", [0, 1, 5])
@pytest.mark.parametrize(("name", "function", "exact"), FUNCTIONS, ids=IDS)
def test_a_function_of_a_line(
    name: str, function: Smooth, exact: Callable[[mpmath.mpf], mpmath.mpf], degree: int
) -> None:
    random = np.random.default_rng([degree, *map(ord, name)])
    boxes = some_boxes(function.singular or "inverse" in name or "recip" in name, degree, random)
    with np.errstate(all="ignore"):
        variable = boxes.variables()
        q = taylor.Taylor(variable.basis, variable.degree, variable.c[..., 0], variable.e[..., 0])
        model = composition.compose(function, q)
    model_holds(model, boxes, exact, random)


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize(("name", "function", "exact"), FUNCTIONS[:9], ids=IDS[:9])
def test_a_derivative(
    name: str, function: Smooth, exact: Callable[[mpmath.mpf], mpmath.mpf], times: int
) -> None:
    random = np.random.default_rng([times, *map(ord, name)])
    boxes = some_boxes(function.singular, 3, random)
    boxes = Boxes(boxes.basis, boxes.centre[:8], boxes.radius[:8])
    symbol = sp.Function(name) if name not in ("sigmoid", "softplus") else None
    definition = {"sigmoid": 1 / (1 + sp.exp(-x)), "softplus": sp.log(1 + sp.exp(x))}
    expression = definition[name] if symbol is None else getattr(sp, name)(x)
    derivative = sp.lambdify(x, sp.diff(expression, x, times), "mpmath")
    variable = boxes.variables()
    q = taylor.Taylor(variable.basis, variable.degree, variable.c[..., 0], variable.e[..., 0])
    with np.errstate(all="ignore"):
        model_holds(composition.compose(Derivative(function, times), q), boxes, derivative, random)


EXPRESSIONS: list[sp.Expr] = [
    sp.sin(2 * sp.pi * x) * sp.exp(-x * y) / 3,
    (x + y) ** 7 - x**3 * y / 7,
    sigmoid(3 * x - y) * sp.tanh(x * y) + softplus(x**2 - 5 * y),
    1 / (2 + x + y**2) - sp.sqrt(3 + x * y),
    sp.atan(x - y) * sp.erf(x) - sp.cosh(x) + sp.tan(y / 3),
    sp.Abs(x - y / 2) + relu(x + y) - absolute(y),
    sp.Max(x, y, x * y) - sp.Min(x, sp.Rational(1, 3)),
    step(x) + sgn(y) * x,
    sp.Piecewise((x**2, x < y), (x * y, y > sp.S.Half), (sp.cos(x), True)),
    sp.Piecewise(
        (sp.exp(x), sp.And(x > 0, y > 0)), (1 + x, sp.Or(x < -1, sp.Not(y < 0))), (0, True)
    ),
    x ** sp.Rational(2) * sp.exp(sp.sin(sp.exp(-y))) + sp.pi * x,
]


@pytest.mark.parametrize("degree", [0, 1, 4])
@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_an_expression_of_the_plane(expression: sp.Expr, degree: int) -> None:
    random = np.random.default_rng(degree)
    centre = random.uniform(-1, 1, (5, 2))
    radius = 10.0 ** random.uniform(-6, -0.5, (5, 2))
    boxes = Boxes(basis(2, degree), centre, radius)
    with np.errstate(all="ignore"):
        model = Expression(expression, (x, y)).enclose(boxes)

    def exactly(*point: mpmath.mpf) -> mpmath.mpf:
        values = dict(zip((x, y), (sp.Float(p, 50) for p in point), strict=True))
        return mpmath.mpf(str(sp.N(expression.subs(values), 45)))

    model_holds(model, boxes, exactly, random)


def some_expressions() -> None:
    """Expressions in which every operation of Taylor models loses something."""
    for degree in (1, 3):
        test_an_expression_of_the_plane((x + y) ** 3 - (x / 3 + y + sp.Rational(1, 3)), degree)
        test_an_expression_of_the_plane(x + y, degree)
        test_an_expression_of_the_plane(sp.sin(x) / 3 + y, degree)


# Mutants -----------------------------------------------------------------------------------


def check_sigmoid(degree: int = 3) -> None:
    """Narrow and wide boxes around the places where the remainder is nearly attained."""
    random = np.random.default_rng(5)
    centre = np.linspace(-4, 4, 41)
    function = next(f for f in SMOOTH if f.symbol is sigmoid)
    for radius in (0.0, 1e-3, 0.1):
        boxes = line(list(centre), [radius] * 41, degree)
        variable = boxes.variables()
        q = taylor.Taylor(variable.basis, variable.degree, variable.c[..., 0], variable.e[..., 0])
        model_holds(composition.compose(function, q), boxes, EXACT["sigmoid"], random)


def test_the_check_passes() -> None:
    check_sigmoid()


def test_a_remainder_that_is_halved_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    function = type(next(f for f in SMOOTH if f.symbol is sigmoid))
    bound = function.bound
    monkeypatch.setattr(function, "bound", lambda *a: bound(*a) / 2)
    with pytest.raises(AssertionError):
        check_sigmoid()


def test_a_rounding_budget_that_is_dropped_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    function = type(next(f for f in SMOOTH if f.symbol is sigmoid))
    jets = function.jets
    monkeypatch.setattr(function, "jets", lambda *a: (jets(*a)[0], np.zeros(())))
    with pytest.raises(AssertionError):
        check_sigmoid()


@pytest.mark.parametrize("part", ["truncation of products", "rounding of sums", "remainder in e"])
def test_a_part_of_the_arithmetic_that_is_dropped_is_refuted(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if part == "truncation of products":
        times = taylor.Taylor.__mul__
        monkeypatch.setattr(
            taylor.Taylor,
            "__mul__",
            lambda p, q: dataclasses.replace(times(p, q), e=p.size * q.e + q.size * p.e),
        )
    elif part == "rounding of sums":
        plus = taylor.Taylor.__add__
        monkeypatch.setattr(
            taylor.Taylor, "__add__", lambda p, q: dataclasses.replace(plus(p, q), e=p.e + q.e)
        )
    else:
        affine = taylor.Taylor.times
        monkeypatch.setattr(
            taylor.Taylor,
            "times",
            lambda q, *a: dataclasses.replace(affine(q, *a), e=q.e * 0),
        )
    with pytest.raises(AssertionError):
        some_expressions()
