"""Scalar expressions in LaTeX: SymPy's printer with a book's spacing, brackets and functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE, precedence

from backproof.theory.printing.scalar_order import (
    decimal,
    fraction,
    in_order,
    is_indicator,
    positive,
    relation_in_order,
)
from backproof.theory.scalars import Elementwise, step

NAMED = {
    "exp": r"\exp",
    "log": r"\log",
    "sin": r"\sin",
    "cos": r"\cos",
    "tan": r"\tan",
    "sinh": r"\sinh",
    "cosh": r"\cosh",
    "tanh": r"\tanh",
    "asin": r"\arcsin",
    "acos": r"\arccos",
    "atan": r"\arctan",
    "asinh": r"\operatorname{arsinh}",
    "loggamma": r"\log\Gamma",
    "gamma": r"\Gamma",
    "Max": r"\max",
    "Min": r"\min",
    "sign": r"\operatorname{sgn}",
}
_TALL = (r"\frac", r"\sum", r"\sqrt", r"\begin", r"\left", r"\max_", r"\min_", r"\log \sum")


class Printed(sp.Symbol):
    """A symbol whose name is LaTeX already."""


def bracket(body: str) -> str:
    """Brackets that grow where the body is tall."""
    tall = any(mark in body for mark in _TALL)
    return rf"\left({body}\right)" if tall else f"({body})"


def raised(base: str, exponent: str) -> str:
    """A power of something that may carry a superscript already."""
    depth, above = 0, False
    for character in base:
        depth += (character in "{(") - (character in "})")
        above = above or (character == "^" and depth == 0)
    return f"{bracket(base) if above else base}^{{{exponent}}}"


def juxtaposed(parts: list[str]) -> str:
    """Factors side by side: a thin space around words, a dot between numbers."""
    out = ""
    for part in parts:
        if not part:
            continue
        words = part.startswith(r"\mathit") or _ends_in_word(out)
        if out and out[-1].isdigit() and (part[0].isdigit() or part.startswith(r"\frac")):
            out += r" \cdot "
        elif out:
            out += r" \, " if words else " "
        out += part
    return out


def _ends_in_word(out: str) -> bool:
    return out.endswith("}") and r"\mathit{" in out.rpartition(" ")[2]


class ScalarLatex(LatexPrinter):
    """SymPy's LaTeX printer; ``size`` prints the name of a plain symbol."""

    def __init__(self, size: Callable[[str], str]) -> None:
        super().__init__({"fold_short_frac": False})
        self._size = size
        self.depth: dict[sp.Basic, int] = {}

    def _print_Symbol(self, expr: sp.Symbol, style: str = "plain") -> str:
        return expr.name if isinstance(expr, Printed) else self._size(expr.name)

    _print_Dummy = _print_Symbol

    def inside(self, expr: sp.Expr, level: str = "Mul", strict: bool = True) -> str:
        """The expression in the brackets that a surrounding operation needs."""
        found = precedence(expr)
        printed = self._print(expr)
        low = found < PRECEDENCE[level] or (not strict and found == PRECEDENCE[level])
        return bracket(printed) if low else printed

    def _print_Add(self, expr: sp.Add, order: Any = None) -> str:
        out = ""
        for term in in_order(expr, self.depth):
            negative = term.as_coeff_Mul()[0].is_negative
            body = self.inside(-term, "Add", strict=False) if negative else self._print(term)
            out += (
                (" - " if negative else " + ") + body if out else f"-{body}" if negative else body
            )
        return out

    def _print_Mul(self, expr: sp.Mul) -> str:
        if expr.as_coeff_Mul()[0].is_negative:
            return f"-{self.inside(-expr)}"
        number, above, below = fraction(expr)
        return self.ratio(number, [self.inside(a) for a in above], below)

    def ratio(
        self, number: sp.Expr, above: list[str], below: list[sp.Expr], gather: bool = True
    ) -> str:
        """``number above / below``; without ``gather`` the fraction holds the number alone."""
        p, q = number.as_numer_denom()
        short = decimal(number) if number.is_Rational else None
        front = short or ("" if p == 1 else self.inside(p))
        bottom = juxtaposed([*([] if short or q == 1 else [str(q)]), *map(self.inside, below)])
        if len(below) == 1 and (short or q == 1):
            bottom = self._print(below[0])
        if not bottom:
            return juxtaposed([front, *above]) or "1"
        if below and gather:
            return rf"\frac{{{juxtaposed([front, *above]) or '1'}}}{{{bottom}}}"
        return juxtaposed([rf"\frac{{{front or '1'}}}{{{bottom}}}", *above])

    def _print_Pow(self, expr: sp.Pow) -> str:
        base, exponent = expr.base, expr.exp
        if exponent.is_Rational and exponent.is_negative:
            return self.ratio(sp.S.One, [], [base**-exponent])
        if exponent == sp.S.Half:
            return rf"\sqrt{{{self._print(base)}}}"
        if exponent.is_Rational and not exponent.is_Integer:
            power = f"{exponent.p}/{exponent.q}"
        else:
            power = self._print(exponent)
        named = NAMED.get(type(base).__name__, "")
        if named.count("\\") == 1 and exponent.is_Integer and not isinstance(base, sp.exp):
            return f"{named}^{{{power}}}{self._arguments(base)}"
        return raised(self.inside(base, "Pow", strict=False), power)

    def _arguments(self, expr: sp.Expr) -> str:
        return bracket(", ".join(map(self._print, expr.args)))

    def _print_Function(self, expr: sp.Expr, exp: Any = None) -> str:
        name = type(expr).__name__
        if isinstance(expr, step):
            return indicator(self._print(positive(expr.args[0])))
        if isinstance(expr, Elementwise) and expr.latex_form:
            return self._filled(expr.latex_form, [self._print(a) for a in expr.args])
        return NAMED.get(name, rf"\operatorname{{{name}}}") + self._arguments(expr)

    _print_log = _print_exp = _print_Max = _print_Min = _print_loggamma = _print_gamma = (
        _print_Function
    )

    def _filled(self, form: str, arguments: list[str]) -> str:
        """A function's form with its arguments; small ones in small brackets."""
        printed = form.format(*arguments)
        if any(mark in argument for mark in _TALL for argument in arguments):
            return printed
        return printed.replace(r"\!\left(", "(").replace(r"\left(", "(").replace(r"\right)", ")")

    _print_ExpBase = _print_Function

    def _print_Abs(self, expr: sp.Expr, exp: Any = None) -> str:
        return rf"\left|{self._print(expr.args[0])}\right|"

    def _print_polygamma(self, expr: sp.Expr, exp: Any = None) -> str:
        order, x = expr.args
        above = "" if order == 0 else f"^{{({self._print(order)})}}"
        return rf"\psi{above}{bracket(self._print(x))}"

    def _print(self, expr: Any, **kwargs: Any) -> str:
        if expr is sp.E:  # upright, since a tensor may be called e; SymPy's E prints itself
            return r"\mathrm{e}"
        return str(super()._print(expr, **kwargs))

    def _print_Rational(self, expr: sp.Rational) -> str:
        return decimal(expr) or super()._print_Rational(expr)

    def _print_Float(self, expr: sp.Float) -> str:
        return repr(float(expr))

    def _print_Relational(self, expr: sp.Rel) -> str:
        expr = relation_in_order(expr)
        signs = {"==": "=", "!=": r"\ne", "<=": r"\le", ">=": r"\ge"}
        return (
            f"{self._print(expr.lhs)} {signs.get(expr.rel_op, expr.rel_op)} {self._print(expr.rhs)}"
        )

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        if is_indicator(expr):
            return indicator(self._print(expr.args[0][1]))
        rows = [
            f"{self._print(v)} & "
            + (r"\text{otherwise}" if c == sp.true else rf"\text{{if }} {self._print(c)}")
            for v, c in expr.args
        ]
        return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"


def indicator(relation: str) -> str:
    r"""1 where the relation holds, else 0; bold, since \mathbb has no digits in LaTeX's fonts."""
    tall = any(mark in relation for mark in _TALL)
    return rf"\mathbf{{1}}\left[{relation}\right]" if tall else rf"\mathbf{{1}}[{relation}]"
