"""Scalar expressions as NumPy: SymPy's printer with short module names and a book's order."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.numpy import SciPyPrinter
from sympy.printing.precedence import PRECEDENCE

from backproof.theory.printing.scalar_order import decimal, fraction, in_order, relation_in_order
from backproof.theory.scalars import Elementwise

ATOM, POWER, PRODUCT, SUM = 4, 3, 2, 1
Written = tuple[str, int]  # code and how tightly its outermost operation binds


def within(written: Written, level: int) -> str:
    """The code in brackets when it binds less tightly than ``level``."""
    code, tightness = written
    return code if tightness >= level else f"({code})"


class Code(sp.Symbol):
    """A symbol whose name is code already; in a product or a power it may need brackets."""

    precedence = PRECEDENCE["Atom"]


class CodeProduct(Code):
    """Code whose outermost operation is a product."""

    precedence = (PRECEDENCE["Add"] + PRECEDENCE["Mul"]) // 2


class CodeSum(Code):
    """Code whose outermost operation is a sum."""

    precedence = PRECEDENCE["Add"]


def code_of(written: Written) -> Code:
    """Code as a symbol that knows when it needs brackets."""
    kind = {SUM: CodeSum, PRODUCT: CodeProduct}.get(written[1], Code)
    return kind(within(written, ATOM) if written[1] == POWER else written[0], real=True)


class ScalarNumPy(SciPyPrinter):
    """Scalar expressions over ``np`` and ``special`` (scipy.special)."""

    def __init__(self) -> None:
        super().__init__()
        self.depth: dict[sp.Basic, int] = {}

    def _module_format(self, fqn: str, register: bool = True) -> str:
        return fqn.replace("scipy.special.", "special.").replace("numpy.", "np.")

    def _print_Symbol(self, expr: sp.Symbol) -> str:
        return str(expr.name)

    def _print_Pi(self, expr: sp.Expr) -> str:
        return self._module_format("numpy.pi")

    def _print_Exp1(self, expr: sp.Expr) -> str:
        return self._module_format("numpy.e")

    def _print_Add(self, expr: sp.Add, order: Any = None) -> str:
        out = ""
        for term in in_order(expr, self.depth):
            negative = term.as_coeff_Mul()[0].is_negative
            body = self.parenthesize(
                -term if negative else term, PRECEDENCE["Add"], strict=not negative
            )
            out += (
                (" - " if negative else " + ") + body if out else f"-{body}" if negative else body
            )
        return out

    def _print_Mul(self, expr: sp.Mul) -> str:
        if expr.as_coeff_Mul()[0].is_negative:
            return f"-{self.parenthesize(-expr, PRECEDENCE['Mul'], strict=True)}"
        number, above, below = fraction(expr)
        return self.ratio(
            number, [self.in_product(a) for a in above], list(map(self.in_product, below))
        )

    def in_product(self, factor: sp.Expr) -> str:
        """A factor with the brackets that a product needs."""
        return str(self.parenthesize(factor, PRECEDENCE["Mul"], strict=True))

    def ratio(self, number: sp.Expr, above: list[str], below: list[str]) -> str:
        """``number * above / below``."""
        p, q = number.as_numer_denom()
        short = decimal(number) if number.is_Rational else None
        front = [short] if short else [] if p == 1 else [self.in_product(p)]
        under = [*([] if short or q == 1 else [str(q)]), *below]
        top = " * ".join([*front, *above]) or "1"
        if len(under) > 1:
            return f"{top} / ({' * '.join(under)})"
        return f"{top} / {under[0]}" if under else top

    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:
        base, exponent = expr.base, expr.exp
        if exponent.is_Rational and exponent.is_negative:
            return self.ratio(sp.S.One, [], [self.in_product(base**-exponent)])
        if exponent == sp.S.Half:
            return f"{self._module_format('numpy.sqrt')}({self._print(base)})"
        printed = self.parenthesize(base, PRECEDENCE["Pow"], strict=False)
        return f"{printed}**{self.parenthesize(exponent, PRECEDENCE['Pow'], strict=False)}"

    def _print_Rational(self, expr: sp.Rational) -> str:
        return decimal(expr) or f"{expr.p} / {expr.q}"

    def _print_Function(self, expr: sp.Expr) -> str:
        if isinstance(expr, Elementwise) and expr.numpy:
            return self._named(expr, [self._print(a) for a in expr.args])
        return str(super()._print_Function(expr))

    def _print_Min(self, expr: sp.Min) -> str:  # of sizes: two arrays have `smaller`
        return f"min({', '.join(map(self._print, expr.args))})"

    def _print_polygamma(self, expr: sp.Expr) -> str:
        order, x = expr.args
        if order == 0:
            return f"{self._module_format('scipy.special.digamma')}({self._print(x)})"
        name = self._module_format("scipy.special.polygamma")
        return f"{name}({self._print(order)}, {self._print(x)})"

    def _named(self, expr: Elementwise, arguments: list[str]) -> str:
        """A function of the library."""
        return expr.numpy.format(*arguments)

    def _print_Relational(self, expr: sp.Rel) -> str:
        expr = relation_in_order(expr)
        return f"{self._print(expr.lhs)} {expr.rel_op} {self._print(expr.rhs)}"

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        *cases, (last, sure) = expr.args
        where = self._module_format("numpy.where")
        printed = self._print(last) if sure == sp.true else self._module_format("numpy.nan")
        cases = cases if sure == sp.true else list(expr.args)
        for value, condition in reversed(cases):
            printed = f"{where}({self._print(condition)}, {self._print(value)}, {printed})"
        return printed
