"""Scalar expressions in the functions of a framework, and whether a code has the kernel's type."""

from __future__ import annotations

from collections.abc import Collection
from math import isfinite

import sympy as sp
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.pycode import PythonCodePrinter

from backproof.numerics.frameworks.dialect import Dialect
from backproof.theory.errors import UnsupportedError
from backproof.theory.scalars import Elementwise


class ScalarCode(PythonCodePrinter):
    """SymPy's Python printer with a framework's functions.

    Every symbol is an array of the kernel's type but the ``sizes``, which are whole numbers of
    Python. A number of Python takes the type of the array beside it.
    """

    def __init__(self, dialect: Dialect, dtype: str, sizes: Collection[sp.Symbol]) -> None:
        super().__init__({"fully_qualified_modules": True, "allow_unknown_functions": False})
        self.dialect, self.dtype, self.sizes = dialect, dtype, frozenset(sizes)

    def typed(self, e: sp.Basic) -> bool:
        """Whether the code is an array of the kernel's type, whatever a framework's default is."""
        if isinstance(e, sp.Symbol):
            return e not in self.sizes
        if isinstance(e, sp.Piecewise):
            return any(self.typed(value) for value, _ in e.args)
        if isinstance(e, sp.Function):
            return bool(e.free_symbols)
        return any(self.typed(a) for a in e.args)

    def _print(self, expr: sp.Basic, **kwargs: object) -> str:
        if isinstance(expr, sp.Expr) and expr.is_number and not expr.is_Integer:
            number = float(expr)
            return repr(number) if isfinite(number) else f"float('{number}')"
        if isinstance(expr, sp.Function) and not isinstance(expr, sp.Piecewise):
            return self._print_Function(expr)
        return str(super()._print(expr, **kwargs))

    def _print_Function(self, e: sp.Function) -> str:
        if type(e) in self.dialect.truths:
            return self.dialect.cast.format(self._truth(e), self.dtype)
        form = self.dialect.functions.get(type(e))
        if form is None:
            raise UnsupportedError(
                f"backend {self.dialect.name!r}",
                f"the function {type(e).__name__}",
                "one that the framework has",
                "use backend='numpy' or 'c'",
            )
        return form.format(*(self._argument(e, a) for a in e.args))

    def _truth(self, e: sp.Function) -> str:
        return self.dialect.truths[type(e)].format(*(self._argument(e, a) for a in e.args))

    def _argument(self, e: sp.Function, argument: sp.Expr) -> str:
        printed = self._print(argument)
        whole = argument.is_Integer and not isinstance(e, Elementwise)  # the order of a polygamma
        if whole or argument.free_symbols - self.sizes:
            return printed
        return self.dialect.constant.format(printed, "()", self.dtype)  # no function of numbers

    def _print_Mul(self, e: sp.Mul) -> str:
        """A mask multiplies as it is where numbers of the kernel's type stand beside it."""
        truths = [a for a in e.args if type(a) in self.dialect.truths]
        rest = [a for a in e.args if a not in truths]
        if not truths or not any(self.typed(a) for a in rest):
            return str(super()._print_Mul(e))
        code = self.parenthesize(sp.Mul(*rest), PRECEDENCE["Mul"])
        for mask in truths:
            form = self.dialect.masked.get(type(mask))
            if form is None:
                code = f"{code}*{self._truth(mask)}"
            else:
                code = form.format(code, *(self._argument(mask, a) for a in mask.args))
        return code

    def _as_ordered_terms(self, expr: sp.Add, order: object = None) -> list[sp.Expr]:
        """What is added first: ``z - m`` is one operation, ``-m + z`` are two."""
        terms = super()._as_ordered_terms(expr, order)
        return sorted(terms, key=lambda term: bool(term.could_extract_minus_sign()))

    def _print_Pow(self, e: sp.Pow, rational: bool = False) -> str:
        base, exponent = e.args
        if exponent == -1:
            return f"(1/{self.parenthesize(base, PRECEDENCE['Mul'])})"
        level = PRECEDENCE["Pow"]
        return f"{self.parenthesize(base, level)}**{self.parenthesize(exponent, level)}"

    def _print_Piecewise(self, e: sp.Piecewise) -> str:
        code = "float('nan')"
        for value, condition in reversed(e.args):
            printed = self._print(value)
            if condition == sp.true:
                code = printed
            else:
                code = self.dialect.where.format(self._print(condition), printed, code)
        return code

    def _print_And(self, e: sp.And) -> str:
        return " & ".join(f"({self._print(a)})" for a in e.args)

    def _print_Or(self, e: sp.Or) -> str:
        return " | ".join(f"({self._print(a)})" for a in e.args)

    def _print_Not(self, e: sp.Not) -> str:
        return f"~({self._print(e.args[0])})"
