"""Taylor models of SymPy expressions, by one rule for each kind of node.

An expression is read once, into a `Program` of rules over Taylor models; common parts are
enclosed once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import sympy as sp

from backproof.numerics.enclosures import expression_rules as rules
from backproof.numerics.enclosures import kinks
from backproof.numerics.enclosures.functions import BY_SYMBOL, Power
from backproof.numerics.enclosures.kinks import Boxes
from backproof.numerics.enclosures.rounding import TINY, Array, U
from backproof.numerics.enclosures.taylor import Taylor
from backproof.theory.errors import BackproofError, UnsupportedError
from backproof.theory.scalars import (
    Elementwise,
    absolute,
    larger,
    relu,
    sgn,
    smaller,
    step,
)

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
        return program(self.expression, self.variables)(boxes)


Rule = Callable[..., Taylor]  # of the boxes and the models of the operands


@lru_cache(maxsize=256)
def program(expression: sp.Expr, variables: tuple[sp.Symbol, ...]) -> Program:
    """The program of an expression."""
    return Program(expression, variables)


class Program:
    """The nodes of an expression, operands first: a rule each, and the places of its operands."""

    def __init__(self, expression: sp.Expr, variables: tuple[sp.Symbol, ...]) -> None:
        self.variables = variables
        self.nodes: list[tuple[Rule, tuple[int, ...]]] = []
        self.place: dict[sp.Basic, int] = {}
        self.result = self.read(expression)

    def __call__(self, boxes: Boxes) -> Taylor:
        """The Taylor model over boxes."""
        models: list[Taylor] = []
        for rule, operands in self.nodes:
            models.append(rule(boxes, *(models[n] for n in operands)))
        return models[self.result]

    def add(self, rule: Rule, *operands: int) -> int:
        """A new node."""
        self.nodes.append((rule, operands))
        return len(self.nodes) - 1

    def read(self, e: sp.Expr) -> int:
        """The place of the node of an expression."""
        if e not in self.place:
            self.place[e] = self._rule(e)
        return self.place[e]

    def _rule(self, e: sp.Expr) -> int:
        if e.is_number:
            return self.add(partial(rules.constant_number, *number(e)))
        if e.is_Symbol:
            return self.add(partial(rules.variable, self.variables.index(e)))
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
            first = self.add(lambda _, p, q: p + q, first, other)
        return self.add(partial(rules.plus, *number(offset)), first) if offset else first

    def _product(self, e: sp.Expr) -> int:
        fixed, dependent = e.as_independent(*self.variables, as_Add=False)
        first, *others = map(self.read, sp.Mul.make_args(dependent))
        for other in others:
            first = self.add(lambda _, p, q: p * q, first, other)
        return first if fixed == 1 else self.add(partial(rules.times, *number(fixed)), first)

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> int:
        if exponent.has(*self.variables):
            return self.read(sp.exp(exponent * sp.log(base), evaluate=False))
        if exponent.is_Integer and 0 < exponent <= 64:
            return self.add(partial(rules.natural, int(exponent)), self.read(base))
        if exponent.is_Rational:
            return self.add(partial(rules.composed, Power(exponent)), self.read(base))
        raise UnsupportedError(
            "the target", f"{base}**({exponent})", "a rational exponent", "write exp(p*log(x))"
        )

    def _function(self, e: sp.Expr) -> int:
        kind = type(e)
        if kind in BY_SYMBOL:
            return self.add(partial(rules.composed, BY_SYMBOL[kind]), self.read(e.args[0]))
        if kind is relu:
            return self.add(kinks.relu, self.read(e.args[0]))
        if kind in (sp.Abs, absolute):
            return self.add(kinks.absolute, self.read(e.args[0]))
        if kind in SIGNS:
            return self.add(partial(rules.of_sign, SIGNS[kind]), self.read(e.args[0]))
        if kind is sp.Heaviside:
            return self.add(
                partial(rules.of_sign, (0.0, float(e.args[1]), 1.0)), self.read(e.args[0])
            )
        if kind in (sp.Max, sp.Min, larger, smaller):
            rule = rules.larger_of if kind in (sp.Max, larger) else rules.smaller_of
            first, *others = map(self.read, e.args)
            for other in others:
                first = self.add(rule, first, other)
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
        return self.add(partial(rules.pieces, conditions, comparisons), *values, *differences)


ORDERED = (sp.StrictGreaterThan, sp.GreaterThan, sp.StrictLessThan, sp.LessThan)


def number(e: sp.Expr) -> tuple[float, float]:
    """A real constant as a float and a bound of its error."""
    if isinstance(e, sp.Float):
        value = float(e)
        return value, 0.0 if sp.Rational(e) == sp.Rational(value) else abs(value) * 2 * U
    exact = e if e.is_Rational else e.evalf(40)
    if not exact.is_real or not exact.is_finite:
        raise BackproofError("the target", f"the constant {e}", "a real number", "mend it")
    value = float(exact)
    if e.is_Rational and sp.Rational(value) == e:
        return value, 0.0
    return value, abs(value) * 2 * U + TINY
