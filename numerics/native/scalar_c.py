"""Scalar expressions as C: SymPy's C99 printer with the functions of ``functions.h``."""

from __future__ import annotations

import sympy as sp
from sympy.printing.c import C99CodePrinter

from backproof.theory import scalars
from backproof.theory.errors import BackproofError

VECTORISABLE: dict[type, str] = {
    sp.exp: "vexp",
    sp.log: "vlog",
    sp.tanh: "vtanh",
    sp.Mod: "modulo",
    scalars.expm1: "vexpm1",
    scalars.log1p: "vlog1p",
    scalars.logaddexp: "vlogaddexp",
    scalars.sigmoid: "vsigmoid",
    scalars.softplus: "vsoftplus",
    scalars.larger: "larger",
    scalars.smaller: "smaller",
    scalars.relu: "relu",
    scalars.step: "step",
    scalars.sgn: "sgn",
    scalars.nonzero: "nonzero",
    scalars.rsqrt: "rsqrt",
    scalars.xlogy: "xlogy",
    scalars.rel_entr: "rel_entr",
    scalars.ndtr: "ndtr",
}
LIBM: dict[type, str] = {
    sp.sinh: "sinh",
    sp.cosh: "cosh",
    sp.sin: "sin",
    sp.cos: "cos",
    sp.tan: "tan",
    sp.atan: "atan",
    sp.asin: "asin",
    sp.acos: "acos",
    sp.asinh: "asinh",
    sp.acosh: "acosh",
    sp.atanh: "atanh",
    sp.erf: "erf",
    sp.erfc: "erfc",
    sp.gamma: "tgamma",
    sp.loggamma: "lgamma",
    scalars.absolute: "fabs",
    sp.floor: "floor",
    scalars.floor: "floor",
    scalars.hypot: "hypot",
    scalars.root: "sqrt",
}
TAKEN = frozenset({*VECTORISABLE.values(), *LIBM.values(), "square", "cube", "pow"})
HIGHEST_POWER = 64  # beyond, libm's pow is no slower and nearer


def supported(node: sp.Basic) -> bool:
    """Whether the outermost function of an expression is one that C has."""
    known = type(node) in VECTORISABLE or type(node) in LIBM
    return known or not isinstance(node, sp.Function) or isinstance(node, sp.Piecewise)


class ScalarC(C99CodePrinter):
    """C99 in one precision: literals and calls carry its suffix."""

    def __init__(self, single: bool) -> None:
        super().__init__({"allow_unknown_functions": False, "precision": 17})
        self.suffix = "f" if single else ""

    def number(self, value: float) -> str:
        """A literal."""
        if value != value or value in (float("inf"), float("-inf")):
            return "NAN" if value != value else "INFINITY" if value > 0 else "-INFINITY"
        return f"{value!r}{self.suffix}"

    def _print_Function(self, e: sp.Function) -> str:
        arguments = ", ".join(map(self._print, e.args))
        if type(e) in VECTORISABLE:
            return f"{VECTORISABLE[type(e)]}({arguments})"
        assert type(e) in LIBM, e
        return f"{LIBM[type(e)]}{self.suffix}({arguments})"

    _print_exp = _print_log = _print_loggamma = _print_gamma = _print_Function
    _print_erf = _print_erfc = _print_tanh = _print_floor = _print_Function
    _print_sinh = _print_cosh = _print_sin = _print_cos = _print_tan = _print_Function
    _print_asin = _print_acos = _print_atan = _print_Function
    _print_log1p = _print_expm1 = _print_hypot = _print_Function  # which C99 has, but slower
    _print_Mod = _print_asinh = _print_acosh = _print_atanh = _print_Function

    def _print_Pow(self, e: sp.Pow) -> str:
        base, exponent = e.args
        if exponent == sp.Rational(1, 2):
            return f"sqrt{self.suffix}({self._print(base)})"
        if exponent.could_extract_minus_sign():
            return f"{self.number(1.0)}/{self._factor(base ** (-exponent))}"
        if exponent.is_Integer and exponent <= HIGHEST_POWER:
            return self._power(self._print(base), int(exponent))
        return f"pow{self.suffix}({self._print(base)}, {self._print(exponent)})"

    def _power(self, base: str, exponent: int) -> str:
        if exponent <= 1:
            return base
        if exponent == 3:
            return f"cube({base})"
        inner = f"square({self._power(base, exponent // 2)})"
        return inner if exponent % 2 == 0 else f"({inner}*({base}))"

    def _print_Integer(self, e: sp.Integer) -> str:
        return self.number(float(e)) if abs(int(e)) >= 2**24 else str(int(e))

    def _print_Rational(self, e: sp.Rational) -> str:
        return self.number(float(e))

    _print_Float = _print_Half = _print_Rational

    def _print_NumberSymbol(self, e: sp.NumberSymbol) -> str:
        return self.number(float(e))

    _print_Pi = _print_Exp1 = _print_EulerGamma = _print_Catalan = _print_NumberSymbol

    def _print_Infinity(self, e: sp.Basic) -> str:
        return "INFINITY"

    def _print_NegativeInfinity(self, e: sp.Basic) -> str:
        return "-INFINITY"

    def _print_NaN(self, e: sp.Basic) -> str:
        return "NAN"

    def _print_Mul(self, e: sp.Mul) -> str:
        """Numbers first and once, then products, then one division."""
        number, rest = e.as_coeff_Mul()
        factors = sp.Mul.make_args(rest)
        below = [f for f in factors if f.is_Pow and f.exp.could_extract_minus_sign()]
        below = [f for f in below if f.exp.is_number]
        above = [f for f in factors if f not in below and f != 1]
        sign = "-" if number.is_negative else ""
        number = abs(number)
        if number != 1 or not above:
            above = [number, *above]
        printed = "*".join(self._factor(f) for f in above)
        if not below:
            return sign + printed
        divisor = "*".join(self._factor(f.base ** (-f.exp)) for f in below)
        return f"{sign}{printed}/{divisor if len(below) == 1 else f'({divisor})'}"

    def _factor(self, f: sp.Expr) -> str:
        if f.is_Rational and not f.is_negative:
            return self.number(float(f))
        printed = self._print(f)
        tight = f.is_Symbol or isinstance(f, sp.Function) or f.is_Pow
        plain = tight and not printed.startswith(("-", "1.0/", "1.0f/"))
        return printed if plain else f"({printed})"

    def _print_Piecewise(self, e: sp.Piecewise) -> str:
        code = "NAN"
        for value, condition in reversed(e.args):
            printed = self._print(value)
            code = (
                printed
                if condition == sp.true
                else f"({self._print(condition)} ? {printed} : {code})"
            )
        return code


PRINTERS = {single: ScalarC(single) for single in (False, True)}


def scalar_c(expression: sp.Expr, single: bool = False) -> str:
    """One C expression in double or single precision.

    >>> x = sp.Symbol("x", real=True)
    >>> scalar_c(2 * sp.tanh(x) / 3 + x**2)
    'square(x) + 0.6666666666666666*vtanh(x)'
    >>> scalar_c(1 / (x + sp.exp(x)), single=True)
    '1.0f/(x + vexp(x))'
    """
    printer = PRINTERS[single]
    if expression.is_number and not expression.is_Integer:
        value = complex(expression)
        real = value.real if abs(value.imag) == 0 else float("nan")
        if expression.is_finite and abs(real) == float("inf"):
            raise BackproofError(
                "bp.compile", f"the number {expression}", "numbers below 1.8e308", "rescale it"
            )
        return printer.number(real)
    return printer._print(expression)
