"""Equations as readable text: ``z1[n,j] = Σ_i W1[j,i] x[n,i] + b1[j]``."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from backproof.theory.equations import Reduction
from backproof.theory.notation import Delta, Entry, Index, Ones
from backproof.theory.printing import Script
from backproof.theory.steps import Pullback


class ScalarText(StrPrinter):
    """SymPy's text printer with the library's functions as a book names them."""

    def __init__(self) -> None:
        super().__init__({"order": "none"})

    def _print_step(self, e: sp.Expr) -> str:
        return f"1[{self._print(e.args[0])} > 0]"

    def _print_absolute(self, e: sp.Expr) -> str:
        return f"|{self._print(e.args[0])}|"

    def _print_larger(self, e: sp.Expr) -> str:
        return f"max({', '.join(map(self._print, e.args))})"

    def _print_smaller(self, e: sp.Expr) -> str:
        return f"min({', '.join(map(self._print, e.args))})"

    def _print_ndtr(self, e: sp.Expr) -> str:
        return f"Φ({self._print(e.args[0])})"

    def _print_sigmoid(self, e: sp.Expr) -> str:
        return f"σ({self._print(e.args[0])})"

    def _print_Piecewise(self, e: sp.Piecewise) -> str:
        parts = [
            f"{self._print(v)} if {self._print(c)}"
            if c != sp.true
            else f"{self._print(v)} otherwise"
            for v, c in e.args
        ]
        return "{" + "; ".join(parts) + "}"

    def _print_Rational(self, e: sp.Rational) -> str:
        decimal = repr(float(e))
        short = e.q > 16 and sp.Rational(decimal) == e and len(decimal) <= 8
        return decimal if short else f"{e.p}/{e.q}"


class Text(Script):
    """The script of terminals and docstrings."""

    def __init__(self) -> None:
        self._scalar = ScalarText()

    def index(self, index: Index) -> str:
        return index.name

    def entry(self, entry: Entry) -> str:
        if not entry.subscripts:
            return entry.tensor.name
        return f"{entry.tensor.name}[{','.join(map(self.subscript, entry.subscripts))}]"

    def delta(self, delta: Delta) -> str:
        return f"δ[{self.subscript(delta.left)},{self.subscript(delta.right)}]"

    def ones(self, ones: Ones) -> str:
        return f"1[{ones.index.name}]"

    def sigma(self, over: tuple[Index, ...]) -> str:
        return f"Σ_{','.join(i.name for i in over)} "

    def reduction(self, reduction: Reduction) -> str:
        over = ",".join(i.name for i in reduction.over)
        return f"{reduction.kind}_{over} {self.entry(reduction.operand)}"

    def pullback(self, pullback: Pullback) -> str:
        indices = pullback.equation.indices
        sigma = self.sigma(indices) if indices else ""
        target = self.entry(pullback.equation.entry)
        cotangent = self.term(pullback.cotangent)
        carried = f"{cotangent} " if cotangent != "1" else ""
        return f"{sigma}{carried}∂{target}/∂{self.entry(pullback.wrt)}"

    def over_denominator(self, body: str, denominator: sp.Expr) -> str:
        printed = self._scalar.parenthesize(denominator, PRECEDENCE["Pow"])
        return f"{body} / {printed}"

    def power(self, base: str, exponent: int) -> str:
        return base if exponent == 1 else f"{base}**{exponent}"

    def bracket(self, body: str) -> str:
        return f"({body})"

    def scalar(self, expression: sp.Basic) -> str:
        return self._scalar.doprint(expression)

    def symbol(self, printed: str) -> sp.Symbol:
        return sp.Symbol(printed, real=True)

    def words(self, plain: str) -> str:
        return plain


def text(thing: Any) -> str:
    """Readable text of an equation, model, derivation or expression.

    >>> from backproof.theory.declarations import size
    >>> text(size("n") + 1)
    'n + 1'
    """
    return Text().show(thing)
