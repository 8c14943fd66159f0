"""SymPy expressions as programs of few operations, which each engine has a rule for.

An expression is read once; parts that are common are enclosed once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
import sympy as sp

from backproof.numerics.enclosures.expression_rules import RULES
from backproof.numerics.enclosures.functions import BY_SYMBOL
from backproof.numerics.enclosures.kinks import Boxes
from backproof.numerics.enclosures.rounding import Array
from backproof.numerics.enclosures.taylor import Taylor
from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.scalars import Elementwise, absolute, larger, relu, sgn, smaller, step

REWRITTEN: dict[type[sp.Function], Callable[[sp.Expr], sp.Expr]] = {
    sp.tan: lambda z: sp.sin(z) / sp.cos(z),
    sp.cot: lambda z: sp.cos(z) / sp.sin(z),
    sp.sec: lambda z: 1 / sp.cos(z),
    sp.csc: lambda z: 1 / sp.sin(z),
    sp.sinh: lambda z: (sp.exp(z) - sp.exp(-z)) / 2,
    sp.cosh: lambda z: (sp.exp(z) + sp.exp(-z)) / 2,
    sp.coth: lambda z: 1 / sp.tanh(z),
    sp.erfc: lambda z: 1 - sp.erf(z),
    sp.asinh: lambda z: sp.log(z + sp.sqrt(z**2 + 1)),
    sp.acosh: lambda z: sp.log(z + sp.sqrt(z**2 - 1)),
    sp.atanh: lambda z: (sp.log(1 + z) - sp.log(1 - z)) / 2,
}
SIGNS: dict[type[sp.Function], tuple[float, float, float]] = {
    step: (0.0, 0.0, 1.0),
    sgn: (-1.0, 0.0, 1.0),
    sp.sign: (-1.0, 0.0, 1.0),
}


@dataclass(frozen=True)
class Expression:
    """A SymPy expression in ``variables``, as a function to enclose.

    >>> x = sp.Symbol("x")
    >>> Expression(sp.sin(x), (x,)).dimension
    1
    """

    expression: sp.Expr
    variables: tuple[sp.Symbol, ...]

    def __post_init__(self) -> None:
        strange = self.expression.free_symbols - set(self.variables)
        if strange:
            raise BackproofError(
                "the target",
                f"the symbols {', '.join(sorted(map(str, strange)))}",
                f"only {', '.join(map(str, self.variables))}",
                "substitute numbers for the others",
            )

    @property
    def dimension(self) -> int:
        """The number of variables."""
        return len(self.variables)

    @property
    def kinks(self) -> Array:
        """None known in advance; boxes mark them."""
        return np.empty(0)

    @property
    def steepness(self) -> float:
        """Unknown: one."""
        return 1.0

    def enclose(self, boxes: Boxes) -> Taylor:
        """The Taylor model over boxes."""
        return program(self.expression, self.variables).run(RULES, boxes)


Model = TypeVar("Model")


@lru_cache(maxsize=256)
def program(expression: sp.Expr, variables: tuple[sp.Symbol, ...]) -> Program:
    """The program of an expression."""
    return Program(expression, variables)


class Program:
    """The nodes of an expression, operands first: operation, data, and places of its operands.

    The operations, with their data, are

        number (SymPy number)    variable (axis)    plus, times (SymPy number)    add    multiply
        natural (exponent)    composed (SymPy function; or Pow and its exponent)    relu
        absolute    sign (values below, at and above zero)    larger    smaller
        pieces (conditions, comparisons)

    """

    def __init__(self, expression: sp.Expr, variables: tuple[sp.Symbol, ...]) -> None:
        self.variables = variables
        self.nodes: list[tuple[str, tuple[Any, ...], tuple[int, ...]]] = []
        self.place: dict[sp.Basic, int] = {}
        self.result = self.read(expression)

    def run(self, rules: Mapping[str, Callable[..., Model]], place: Any) -> Model:
        """The model of the expression: each operation is a function of place, data and operands."""
        models: list[Model] = []
        for operation, data, operands in self.nodes:
            models.append(rules[operation](place, *data, *(models[n] for n in operands)))
        return models[self.result]

    def add(self, operation: str, *operands: int, data: tuple[Any, ...] = ()) -> int:
        """A new node."""
        self.nodes.append((operation, data, operands))
        return len(self.nodes) - 1

    def read(self, e: sp.Expr) -> int:
        """The place of the node of an expression."""
        if e not in self.place:
            self.place[e] = self._rule(e)
        return self.place[e]

    def _rule(self, e: sp.Expr) -> int:
        if e.is_number:
            return self.add("number", data=(real(e),))
        if e.is_Symbol:
            return self.add("variable", data=(self.variables.index(e),))
        if e.is_Add:
            return self._sum(e)
        if e.is_Mul:
            return self._product(e)
        if isinstance(e, sp.Pow):
            return self._power(e.base, e.exp)
        if isinstance(e, sp.Piecewise):
            return self._piecewise(e)
        return self._function(e)

    def _sum(self, e: sp.Expr) -> int:
        offset, rest = e.as_coeff_Add()
        first, *others = map(self.read, sp.Add.make_args(rest))
        for other in others:
            first = self.add("add", first, other)
        return self.add("plus", first, data=(real(offset),)) if offset else first

    def _product(self, e: sp.Expr) -> int:
        fixed, dependent = e.as_independent(*self.variables, as_Add=False)
        first, *others = map(self.read, sp.Mul.make_args(dependent))
        for other in others:
            first = self.add("multiply", first, other)
        return first if fixed == 1 else self.add("times", first, data=(real(fixed),))

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> int:
        if exponent.has(*self.variables):
            return self.read(sp.exp(exponent * sp.log(base), evaluate=False))
        if exponent.is_Integer and 0 < exponent <= 64:
            return self.add("natural", self.read(base), data=(int(exponent),))
        if exponent.is_Rational:
            return self.add("composed", self.read(base), data=(sp.Pow, exponent))
        raise UnsupportedError(
            "the target", f"{base}**({exponent})", "a rational exponent", "write exp(p*log(x))"
        )

    def _function(self, e: sp.Expr) -> int:
        kind = type(e)
        if kind in BY_SYMBOL:
            return self.add("composed", self.read(e.args[0]), data=(kind, None))
        if kind is relu:
            return self.add("relu", self.read(e.args[0]))
        if kind in (sp.Abs, absolute):
            return self.add("absolute", self.read(e.args[0]))
        if kind in SIGNS:
            return self.add("sign", self.read(e.args[0]), data=SIGNS[kind])
        if kind is sp.Heaviside:
            return self.add("sign", self.read(e.args[0]), data=(0.0, float(e.args[1]), 1.0))
        if kind in (sp.Max, sp.Min, larger, smaller):
            operation = "larger" if kind in (sp.Max, larger) else "smaller"
            first, *others = map(self.read, e.args)
            for other in others:
                first = self.add(operation, first, other)
            return first
        if kind in REWRITTEN:
            return self.read(self._unfolded(e))
        if isinstance(e, Elementwise):
            return self.read(e.definition(*e.args))
        raise UnsupportedError(
            "the target",
            f"the function {kind.__name__}",
            "sums, products, powers, exp, log, sin, cos, tan, atan, erf, tanh, abs, Max, Piecewise",
            "rewrite it in these",
        )

    def _unfolded(self, e: sp.Expr) -> sp.Expr:
        """The function in terms of those that have rules; sin/cos must not become tan again."""
        with sp.evaluate(False):
            return REWRITTEN[type(e)](e.args[0])

    # pieces --------------------------------------------------------------------------------

    def _piecewise(self, e: sp.Piecewise) -> int:
        values = [self.read(value) for value, _ in e.args]
        conditions: list[sp.Basic] = [condition for _, condition in e.args]
        comparisons: list[sp.Basic] = sorted(
            {c for condition in conditions for c in condition.atoms(sp.core.relational.Relational)},
            key=str,
        )
        for c in comparisons:
            if not isinstance(c, ORDERED):
                raise UnsupportedError(
                    "the target", f"the condition {c}", "comparisons by < and >", "rewrite it"
                )
        differences = [self.read(c.gts - c.lts) for c in comparisons]
        return self.add("pieces", *values, *differences, data=(conditions, comparisons))


ORDERED = (sp.StrictGreaterThan, sp.GreaterThan, sp.StrictLessThan, sp.LessThan)


def real(e: sp.Expr) -> sp.Expr:
    """The constant, if it is a real number."""
    if not (e.is_real and e.is_finite):
        raise BackproofError("the target", f"the constant {e}", "a real number", "mend it")
    return e
