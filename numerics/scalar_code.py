"""Scalar expressions as NumPy code: SymPy's own printer, and statements that fill a buffer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import sympy as sp
from sympy.printing.numpy import SciPyPrinter
from sympy.printing.precedence import PRECEDENCE

from backproof.theory.errors import BackproofError
from backproof.theory.scalars import Elementwise

UFUNCS: dict[type[sp.Function], str] = {
    sp.exp: "np.exp",
    sp.log: "np.log",
    sp.tanh: "np.tanh",
    sp.sinh: "np.sinh",
    sp.cosh: "np.cosh",
    sp.sin: "np.sin",
    sp.cos: "np.cos",
    sp.tan: "np.tan",
    sp.atan: "np.arctan",
    sp.asin: "np.arcsin",
    sp.acos: "np.arccos",
    sp.asinh: "np.arcsinh",
    sp.acosh: "np.arccosh",
    sp.atanh: "np.arctanh",
    sp.erfinv: "special.erfinv",
    sp.gamma: "special.gamma",
    sp.erf: "special.erf",
    sp.erfc: "special.erfc",
    sp.loggamma: "special.gammaln",
}


class ScalarCode(SciPyPrinter):
    """SymPy's SciPy printer with short module names and the library's own functions."""

    def __init__(self) -> None:
        super().__init__({"fully_qualified_modules": True, "allow_unknown_functions": False})

    def _module_format(self, fqn: str, register: bool = True) -> str:
        return fqn.replace("numpy.", "np.", 1).replace("scipy.special.", "special.", 1)

    def _print_Function(self, e: sp.Expr) -> str:
        if isinstance(e, Elementwise):
            return e.numpy.format(*map(self._print, e.args))
        if type(e) in UFUNCS:
            return f"{UFUNCS[type(e)]}({', '.join(map(self._print, e.args))})"
        return super()._print_Function(e)

    def _print_Rational(self, e: sp.Rational) -> str:
        return repr(float(e))

    def _print_Pi(self, e: sp.Expr) -> str:
        return "np.pi"

    def _print_Pow(self, e: sp.Pow, rational: bool = False) -> str:
        if e.exp == -1:
            return f"1/{self.parenthesize(e.base, PRECEDENCE['Pow'])}"
        return super()._print_Pow(e, rational=rational)

    def _print_Piecewise(self, e: sp.Piecewise) -> str:
        code = "np.nan"
        for value, condition in reversed(e.args):
            printed = self._print(value)
            code = (
                printed
                if condition == sp.true
                else f"np.where({self._print(condition)}, {printed}, {code})"
            )
        return code

    def _print_floor(self, e: sp.Expr) -> str:
        return self._quotient(e.args[0]) or super()._print_floor(e)

    def _print_ceiling(self, e: sp.Expr) -> str:
        below = self._quotient(-e.args[0])  # ⌈x⌉ = −⌊−x⌋
        return f"(-{below})" if below else super()._print_ceiling(e)

    def _quotient(self, argument: sp.Expr) -> str:
        """⌊a/n⌋ of whole numbers as their whole quotient; nothing of other numbers."""
        parts = sp.together(argument).as_numer_denom()
        if not all(part.is_integer for part in parts):
            return ""
        above, under = (self.parenthesize(part, PRECEDENCE["Mul"]) for part in parts)
        return f"({above}//{under})"

    def _print_Min(self, e: sp.Min) -> str:  # of sizes: two arrays have `smaller`
        return f"min({', '.join(map(self._print, e.args))})"

    def _print_polygamma(self, e: sp.Expr) -> str:
        order, x = e.args
        return (
            f"special.digamma({self._print(x)})"
            if order == 0
            else f"special.polygamma({order}, {self._print(x)})"
        )


_PRINTER = ScalarCode()


def code(expression: sp.Basic) -> str:
    """One NumPy expression.

    >>> x = sp.Symbol("x", real=True)
    >>> code(sp.tanh(x) / 2)
    '(0.5)*np.tanh(x)'
    """
    if isinstance(expression, sp.Expr) and expression.is_number and not expression.is_Integer:
        return _number(expression)
    return _PRINTER.doprint(expression)


def _number(expression: sp.Expr) -> str:
    number = float(expression)
    if math.isfinite(number):
        return repr(number)
    if expression.is_finite:
        raise BackproofError(
            "bp.compile", f"the number {expression}", "numbers below 1.8e308", "rescale it"
        )
    return "np.inf" if number > 0 else "-np.inf"


class ScalarWriter:
    """Writes ``target = expression`` as ufunc calls with ``out=``, one buffer reused on the way.

    ``leaf`` gives the code of a symbol, ``scratch()`` the name of a further buffer of the same
    shape.
    """

    def __init__(self, leaf: Mapping[sp.Symbol, str], scratch: Callable[[], str]) -> None:
        self.leaf, self.scratch = leaf, scratch
        self.lines: list[str] = []

    def write(self, expression: sp.Expr, target: str) -> list[str]:
        """Lines that compute the expression into the target, which no leaf may alias."""
        result = self._into(expression, target)
        if result != target:
            self.lines.append(f"{target}[...] = {result}")
        return self.lines

    def _simple(self, e: sp.Expr) -> str | None:
        """The code of a leaf or of an expression without arrays."""
        if isinstance(e, sp.Symbol) and e in self.leaf:
            return self.leaf[e]
        return None if e.free_symbols & set(self.leaf) else code(e)

    def _into(self, e: sp.Expr, target: str) -> str:
        simple = self._simple(e)
        if simple is not None:
            return simple
        if isinstance(e, sp.Add):
            return self._fold(*self._signed(e), "np.add", "np.subtract", target)
        if isinstance(e, sp.Mul):
            return self._product(e, target)
        if isinstance(e, sp.Pow):
            return self._power(e, target)
        return self._function(e, target)

    def _arguments(self, parts: list[sp.Expr], target: str) -> list[str]:
        """The code of each part of one operation; the first that needs a buffer gets the target."""
        free: str | None = target
        codes = []
        for part in parts:
            simple = self._simple(part)
            if simple is None:
                place = free if free is not None else self.scratch()
                free = None
                simple = self._into(part, place)
            codes.append(simple)
        return codes

    def _signed(self, e: sp.Add) -> tuple[list[sp.Expr], list[sp.Expr]]:
        minus = [a for a in e.args if a.could_extract_minus_sign()]
        return [a for a in e.args if a not in minus], [-a for a in minus]

    def _fold(
        self, direct: list[sp.Expr], inverse: list[sp.Expr], join: str, undo: str, target: str
    ) -> str:
        """join over the direct parts, undo over the inverse ones.

        The target may hold one part while the others are computed, but only the part that the
        first operation reads, since that operation overwrites it.
        """
        parts = sorted(direct, key=lambda p: self._simple(p) is not None)
        undone = sorted(inverse, key=lambda p: self._simple(p) is not None)
        if not parts:
            parts = [sp.S.Zero if join == "np.add" else sp.S.One]
        ordered = [*parts, *undone]
        first = 0 if self._simple(parts[0]) is None or len(parts) > 1 else 1
        codes = []
        for position, part in enumerate(ordered):
            simple = self._simple(part)
            if simple is None:
                simple = self._into(part, target if position == first else self.scratch())
            codes.append(simple)
        current = codes[0]
        for position, other in enumerate(codes[1:], start=1):
            name = join if position < len(parts) else undo
            self.lines.append(f"{name}({current}, {other}, out={target})")
            current = target
        return current

    def _product(self, e: sp.Mul, target: str) -> str:
        number, rest = e.as_independent(*self.leaf, as_Add=False)
        below = [
            f for f in rest.as_ordered_factors() if f.is_Pow and f.exp.could_extract_minus_sign()
        ]
        above = [f for f in rest.as_ordered_factors() if f not in below]
        if number != 1:
            above.append(number)
        return self._fold(above, [1 / f for f in below], "np.multiply", "np.divide", target)

    def _power(self, e: sp.Pow, target: str) -> str:
        base, exponent = e.args
        if exponent.could_extract_minus_sign():
            return self._fold([], [base ** (-exponent)], "np.multiply", "np.divide", target)
        if exponent == 2:
            (inner,) = self._arguments([base], target)
            self.lines.append(f"np.multiply({inner}, {inner}, out={target})")
        elif exponent == sp.Rational(1, 2):
            (inner,) = self._arguments([base], target)
            self.lines.append(f"np.sqrt({inner}, out={target})")
        else:
            inner, power = self._arguments([base, exponent], target)
            self.lines.append(f"np.power({inner}, {power}, out={target})")
        return target

    def _function(self, e: sp.Expr, target: str) -> str:
        if isinstance(e, Elementwise):
            call = e.numpy.format(*self._arguments(list(e.args), target))
            self.lines.append(f"{call[:-1]}, out={target})")
        elif type(e) in UFUNCS:
            (inner,) = self._arguments(list(e.args), target)
            self.lines.append(f"{UFUNCS[type(e)]}({inner}, out={target})")
        else:
            named = {s: sp.Symbol(c) for s, c in self.leaf.items()}
            self.lines.append(f"{target}[...] = {code(e.xreplace(named))}")
        return target
