"""SymPy expressions as Coq terms over the reals."""

from __future__ import annotations

import re
from collections.abc import Callable

import sympy as sp

from backproof.theory.errors import UnsupportedError
from backproof.theory.scalars import absolute, relu, sigmoid, softplus

OPAQUE: dict[type[sp.Basic], str] = {
    sigmoid: "sigmoid {0}",
    softplus: "softplus {0}",
    sp.tanh: "tanh {0}",
    sp.exp: "exp {0}",
    sp.log: "ln {0}",
    sp.sin: "sin {0}",
    sp.cos: "cos {0}",
    sp.tan: "tan {0}",
    sp.atan: "atan {0}",
    sp.Abs: "Rabs {0}",
    absolute: "Rabs {0}",
}
# In the forms that the tactic `interval` evaluates.
UNFOLDED: dict[type[sp.Basic], str] = {
    **OPAQUE,
    sigmoid: "/ (1 + exp (- {0}))",
    softplus: "ln (1 + exp {0})",
    sp.tanh: "1 - 2 / (exp (2 * {0}) + 1)",
    relu: "({0} + Rabs {0}) / 2",
}


RESERVED = (
    *("as", "at", "cofix", "else", "end", "exists", "fix", "for", "forall", "fun", "if", "in"),
    *("let", "match", "mod", "Prop", "return", "Set", "then", "Type", "using", "where", "with"),
    *("R", "PI", "S", "O", "exp", "ln", "sin", "cos", "tan", "atan", "tanh", "sqrt", "Rabs"),
    *("relu", "sigmoid", "softplus"),
)


def name_of(symbol: sp.Symbol) -> str:
    """A Coq identifier.

    >>> name_of(sp.Symbol("W1_0_1")), name_of(sp.Symbol("λ"))
    ('W1_0_1', 'v_955')
    """
    text = str(symbol.name)
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", text):
        return f"{text}_" if text in RESERVED else text
    return "v_" + "_".join(str(ord(c)) if not c.isalnum() or ord(c) > 127 else c for c in text)


def term(e: sp.Expr, functions: dict[type[sp.Basic], str] = OPAQUE) -> str:
    """An expression in parentheses where it needs them; constants are exact.

    >>> x = sp.Symbol("x")
    >>> term(sigmoid(2*x)**2/3 - 1)
    '((1 / 3) * sigmoid (2 * x) ^ 2 - 1)'
    """
    return _Printer(functions).print(e)


class _Printer:
    """One printer for each spelling of the functions."""

    def __init__(self, functions: dict[type[sp.Basic], str]) -> None:
        self.functions = functions

    def print(self, e: sp.Expr) -> str:
        """A term that may stand as an argument."""
        if e.is_Rational or e.is_Float:
            return self._number(sp.Rational(e))
        if e.is_Symbol:
            return name_of(e)
        if e is sp.pi:
            return "PI"
        if e is sp.E:
            return "(exp 1)"
        rules: dict[bool, Callable[[sp.Expr], str]] = {
            e.is_Add: self._sum,
            e.is_Mul: self._product,
            isinstance(e, sp.Pow): self._power,
        }
        return f"({rules.get(True, self._function)(e)})"

    def _number(self, value: sp.Rational) -> str:
        text = str(abs(value.p)) if value.q == 1 else f"({abs(value.p)} / {value.q})"
        return text if value >= 0 else f"(- {text})"

    def _sum(self, e: sp.Expr) -> str:
        text = ""
        for part in e.as_ordered_terms():
            negative = part.could_extract_minus_sign()
            printed = self._bare(-part if negative else part)
            sign = "- " if negative else "+ "
            text += f" {sign}{printed}" if text else (f"- {printed}" if negative else printed)
        return text

    def _bare(self, e: sp.Expr) -> str:
        printed = self.print(e)
        whole = printed.startswith("(") and printed.endswith(")") and not e.is_Add
        return printed[1:-1] if whole and (e.is_Mul or isinstance(e, sp.Pow)) else printed

    def _product(self, e: sp.Expr) -> str:
        coefficient, rest = e.as_coeff_Mul()
        factors = [self._factor(f) for f in sp.Mul.make_args(rest)]
        if coefficient == -1:
            return f"- {' * '.join(factors)}"
        return " * ".join([*([] if coefficient == 1 else [self._number(coefficient)]), *factors])

    def _factor(self, e: sp.Expr) -> str:
        printed = self.print(e)
        if isinstance(e, sp.Pow) and e.exp.is_Integer and e.exp > 0:
            return printed[1:-1]
        if isinstance(e, sp.Function) and self.functions is OPAQUE:
            return printed[1:-1]
        return printed

    def _power(self, e: sp.Expr) -> str:
        if e.exp.is_Integer:
            base = self.print(e.base)
            inner = (
                base[1:-1] if isinstance(e.base, sp.Function) and self.functions is OPAQUE else base
            )
            if e.exp > 0:
                return f"{inner} ^ {e.exp}"
            return f"/ {base}" if e.exp == -1 else f"/ ({inner} ^ {-e.exp})"
        if e.exp == sp.S.Half:
            return f"sqrt {self.print(e.base)}"
        if e.exp == -sp.S.Half:
            return f"/ (sqrt {self.print(e.base)})"
        return f"exp ({self.print(e.exp)} * ln {self.print(e.base)})"

    def _function(self, e: sp.Expr) -> str:
        form = self.functions.get(type(e))
        if form is None or len(e.args) != 1:
            raise UnsupportedError(
                "bp.prove",
                f"the function {type(e).__name__}",
                f"one of {', '.join(sorted(f.__name__ for f in self.functions))}",
                "rewrite the expression in these",
            )
        return form.format(self.print(e.args[0]))
