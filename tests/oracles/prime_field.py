"""Derivatives over a large prime field: polynomial identities, and no rule of calculus.

A number is a jet c + a·ε + b·η + d·εη with ε² = η² = 0 and coefficients modulo p = 2⁶¹ − 1.  Where
x[i] is moved by ε and y[j] by η, the coefficients of a function's value are its derivatives: a is
∂f/∂x[i], and d is ∂²f/∂x[i]∂y[j].

Two rational functions of degree at most D that differ agree at a random point of the field with
probability at most D/p (Schwartz 1980, Zippel 1979): below 10⁻¹⁵ for the statements here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy as sp

from backproof.theory.evaluation.arithmetic import Arithmetic
from backproof.theory.evaluation.meaning import Environment, array_of, evaluate_rhs
from backproof.theory.notation import slot

P = 2**61 - 1


class Jet:
    """c + a·ε + b·η + d·εη modulo P."""

    __slots__ = ("parts",)

    def __init__(self, *parts: int) -> None:
        self.parts = tuple(n % P for n in (*parts, 0, 0, 0, 0)[:4])

    def __add__(self, other: Any) -> Jet:
        return Jet(*(m + n for m, n in zip(self.parts, jet(other).parts, strict=True)))

    def __neg__(self) -> Jet:
        return Jet(*(-n for n in self.parts))

    def __sub__(self, other: Any) -> Jet:
        return self + -jet(other)

    def __rsub__(self, other: Any) -> Jet:
        return jet(other) - self

    def __mul__(self, other: Any) -> Jet:
        (c, a, b, d), (z, x, y, w) = self.parts, jet(other).parts
        return Jet(c * z, c * x + a * z, c * y + b * z, c * w + a * y + b * x + d * z)

    def inverse(self) -> Jet:
        """1/(c + t) = 1/c − t/c² + t²/c³ for the nilpotent part t, as t³ = 0."""
        if self.parts[0] == 0:
            raise ZeroDivisionError("no inverse modulo p")
        one = Jet(pow(self.parts[0], P - 2, P))
        t = Jet(0, *self.parts[1:]) * one
        return one * (Jet(1) - t + t * t)

    def __truediv__(self, other: Any) -> Jet:
        return self * jet(other).inverse()

    def __rtruediv__(self, other: Any) -> Jet:
        return jet(other) * self.inverse()

    def __pow__(self, exponent: int) -> Jet:
        base = self if exponent >= 0 else self.inverse()
        result = Jet(1)
        for _ in range(abs(exponent)):
            result = result * base
        return result

    def __eq__(self, other: object) -> bool:
        return self.parts == jet(other).parts

    def __hash__(self) -> int:
        return hash(self.parts)

    __radd__, __rmul__ = __add__, __mul__


def jet(number: Any) -> Jet:
    """A whole or rational number as a jet."""
    if isinstance(number, Jet):
        return number
    if isinstance(number, int):
        return Jet(number)
    if isinstance(number, Fraction):
        return Jet(number.numerator) / Jet(number.denominator)
    value = sp.sympify(number)
    assert value.is_Rational, f"{value} is not rational"
    return Jet(int(value.p)) / Jet(int(value.q))


class PrimeField(Arithmetic):
    """Jets modulo P as a kind of numbers: rational statements without comparisons."""

    zero, one = Jet(0), Jet(1)

    def number(self, leaf: Any) -> Jet:
        return jet(leaf)

    def function(self, expression: sp.Expr, arity: int) -> Callable[..., Jet]:
        slots = [slot(n) for n in range(arity)]
        return lambda *numbers: rational(expression, dict(zip(slots, numbers, strict=True)))

    def matrix_function(self, name: str, rows: Sequence[Sequence[Jet]]) -> Any:
        return MATRICES[name]([list(row) for row in rows])

    def exceeds(self, a: Any, b: Any) -> bool:
        raise TypeError("a finite field has no order")

    def logsumexp(self, values: Sequence[Any]) -> Any:
        raise TypeError("a finite field has no exponential")

    def slope(self, function: Callable[[Any], Any], at: Any) -> Any:
        return function(jet(at) + Jet(0, 1)).parts[1]


def rational(expression: sp.Expr, at: Mapping[sp.Symbol, Jet]) -> Jet:
    """A rational expression at jets."""
    if expression in at:
        return at[expression]
    if expression.is_Add or expression.is_Mul:
        parts = [rational(a, at) for a in expression.args]
        total = parts[0]
        for part in parts[1:]:
            total = total + part if expression.is_Add else total * part
        return total
    if expression.is_Pow and expression.exp.is_Integer:
        return rational(expression.base, at) ** int(expression.exp)
    return jet(expression)


Matrix = list[list[Jet]]


def eliminated(rows: Matrix) -> tuple[Jet, Matrix]:
    """Determinant and inverse by elimination."""
    n = len(rows)
    work = [[*row, *(Jet(int(i == j)) for j in range(n))] for i, row in enumerate(rows)]
    determinant = Jet(1)
    for k in range(n):
        pivot = next(i for i in range(k, n) if work[i][k].parts[0] != 0)
        if pivot != k:
            work[k], work[pivot] = work[pivot], work[k]
            determinant = -determinant
        determinant = determinant * work[k][k]
        scale = work[k][k].inverse()
        work[k] = [x * scale for x in work[k]]
        for i in range(n):
            if i != k:
                work[i] = [x - work[i][k] * y for x, y in zip(work[i], work[k], strict=True)]
    return determinant, [row[n:] for row in work]


def product(left: Matrix, right: Matrix) -> Matrix:
    """The matrix product."""
    columns = list(zip(*right, strict=True))
    return [
        [sum((x * y for x, y in zip(row, column, strict=True)), Jet(0)) for column in columns]
        for row in left
    ]


def pseudoinverse(rows: Matrix) -> Matrix:
    """Aᵀ (A Aᵀ)⁻¹ or (Aᵀ A)⁻¹ Aᵀ, of full rank."""
    turned = [list(column) for column in zip(*rows, strict=True)]
    if len(rows) <= len(turned):
        return product(turned, eliminated(product(rows, turned))[1])
    return product(eliminated(product(turned, rows))[1], turned)


def nested(rows: Matrix) -> tuple[tuple[Jet, ...], ...]:
    """Rows as tuples."""
    return tuple(map(tuple, rows))


MATRICES: dict[str, Callable[[Matrix], Any]] = {
    "det": lambda rows: eliminated(rows)[0],
    "inverse": lambda rows: nested(eliminated(rows)[1]),
    "pseudoinverse": lambda rows: nested(pseudoinverse(rows)),
}


def values(statement: Any, inputs: Mapping[str, Any], sizes: Mapping[str, int]) -> dict[str, Any]:
    """Every quantity of a model or derivation over the field."""
    known = {sp.Symbol(n, integer=True, positive=True): extent for n, extent in sizes.items()}
    here = Environment(dict(inputs), known, PrimeField())
    for equation in statement.equations:

        def one(at: Any, equation: Any = equation, here: Any = here) -> Any:
            return evaluate_rhs(equation.rhs, here, at)

        here = here.with_value(equation.tensor.name, array_of(equation.indices, here, one))
    return dict(here.values)
