"""Scalar expressions as text, with the library's functions as a book names them."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from backproof.theory.printing.scalar_order import (
    decimal,
    fraction,
    in_order,
    is_indicator,
    positive,
    relation_in_order,
)


class ScalarText(StrPrinter):
    """SymPy's text printer with the library's functions as a book names them."""

    def __init__(self) -> None:
        super().__init__()
        self.depth: dict[sp.Basic, int] = {}

    def _print_Add(self, expr: sp.Add, order: Any = None) -> str:
        out = ""
        for term in in_order(expr, self.depth):
            negative = term.as_coeff_Mul()[0].is_negative
            body = self.parenthesize(
                -term if negative else term, PRECEDENCE["Add"], strict=not negative
            )
            if not out:
                out = f"-{body}" if negative else body
            else:
                out += f" - {body}" if negative else f" + {body}"
        return out

    def _print_Mul(self, expr: sp.Mul) -> str:
        if expr.as_coeff_Mul()[0].is_negative:
            return f"-{self.parenthesize(-expr, PRECEDENCE['Mul'], strict=True)}"
        number, above, below = fraction(expr)
        return self.ratio(number, [self.in_product(a) for a in above], below, tight=True)

    def in_product(self, factor: sp.Expr) -> str:
        """A factor with the brackets that a product needs."""
        return self.parenthesize(factor, PRECEDENCE["Mul"], strict=True)

    def ratio(self, number: sp.Expr, above: list[str], below: list[sp.Expr], tight: bool) -> str:
        """``number above / below``, the division sign tight inside of functions."""
        p, q = number.as_numer_denom()
        short = decimal(number) if number.is_Rational else None
        if short is not None or q != 1:
            p, q = (sp.S.One, sp.S.One) if short else (p, q)
        denominators = [*([] if q == 1 else [q]), *below]
        front = short or (self.in_product(p) if p != 1 else "")
        top = juxtaposed([front, *above]) or "1"
        if not denominators:
            return top
        slash = "/" if tight or not (below or above) else " / "
        if len(denominators) == 1:
            return f"{top}{slash}{self.parenthesize(denominators[0], PRECEDENCE['Mul'])}"
        return f"{top}{slash}({juxtaposed([self.in_product(d) for d in denominators])})"

    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:
        if expr.exp.is_Rational and expr.exp.is_negative:
            return self.ratio(sp.S.One, [], [expr.base**-expr.exp], tight=True)
        if expr.exp == sp.S.Half:
            return f"sqrt({self._print(expr.base)})"
        base = self.parenthesize(expr.base, PRECEDENCE["Pow"], strict=False)
        return f"{base}**{self.parenthesize(expr.exp, PRECEDENCE['Pow'], strict=False)}"

    def _print_Rational(self, e: sp.Rational) -> str:
        return decimal(e) or f"{e.p}/{e.q}"

    def _print_Float(self, e: sp.Float) -> str:
        return repr(float(e))

    def _print_Exp1(self, e: sp.Expr) -> str:
        return "exp(1)"

    def _print_Relational(self, e: sp.Rel) -> str:
        e = relation_in_order(e)
        return f"{self._print(e.lhs)} {e.rel_op} {self._print(e.rhs)}"

    def _print_Piecewise(self, e: sp.Piecewise) -> str:
        if is_indicator(e):
            return f"1[{self._print(e.args[0][1])}]"
        parts = [
            f"{self._print(v)} if {self._print(c)}"
            if c != sp.true
            else f"{self._print(v)} otherwise"
            for v, c in e.args
        ]
        return "{" + "; ".join(parts) + "}"

    def _print_step(self, e: sp.Expr) -> str:
        return f"1[{self._print(positive(e.args[0]))}]"

    def _print_nonzero(self, e: sp.Expr) -> str:
        return f"1[{self._print(e.args[0])} != 0]"

    def _print_root(self, e: sp.Expr) -> str:
        return f"sqrt({self._print(e.args[0])})"

    def _print_whole(self, e: sp.Expr) -> str:
        return f"floor({self._print(e.args[0])})"

    def _print_absolute(self, e: sp.Expr) -> str:
        return f"|{self._print(e.args[0])}|"

    _print_Abs = _print_absolute

    def _print_larger(self, e: sp.Expr) -> str:
        return f"max({', '.join(map(self._print, e.args))})"

    def _print_smaller(self, e: sp.Expr) -> str:
        return f"min({', '.join(map(self._print, e.args))})"

    def _print_ndtr(self, e: sp.Expr) -> str:
        return f"Φ({self._print(e.args[0])})"

    def _print_sigmoid(self, e: sp.Expr) -> str:
        return f"σ({self._print(e.args[0])})"

    def _print_polygamma(self, e: sp.Expr) -> str:
        order, x = e.args
        return (
            f"digamma({self._print(x)})" if order == 0 else f"polygamma({order}, {self._print(x)})"
        )


def juxtaposed(parts: list[str]) -> str:
    """Factors side by side; a dot between two that would read as one number."""
    out = ""
    for part in parts:
        if part:
            clash = out[-1:].isdigit() and part[0].isdigit()
            out += part if not out else f" * {part}" if clash else f" {part}"
    return out
