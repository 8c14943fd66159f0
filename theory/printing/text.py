"""Equations as readable text: ``z1[n,j] = Σ_i W1[j,i] x[n,i] + b1[j]``.

A space between two factors multiplies; Σ, max, logsumexp and a division sign reach as far as the
product goes, up to the next `` + `` or `` - ``.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from backproof.theory.equations import Contraction, MatrixValue, Reduction
from backproof.theory.notation import POSITION, Delta, Entry, Index, Ones
from backproof.theory.printing.layout import ATOM, PRODUCT, SUM, Script
from backproof.theory.printing.products import (
    Argument,
    FunctionOf,
    Product,
    product_of,
    separate_sums,
)
from backproof.theory.printing.recognition import Softmax, spelled
from backproof.theory.printing.scalar_order import (
    decimal,
    fraction,
    in_order,
    is_indicator,
    positive,
    relation_in_order,
)
from backproof.theory.steps import Pullback, Step


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


class Product_(sp.Symbol):
    """A symbol that stands for a product with its Σ."""

    precedence = PRODUCT


class Sum_(sp.Symbol):
    """A symbol that stands for a sum."""

    precedence = SUM


SYMBOLS = {ATOM: sp.Symbol, PRODUCT: Product_, SUM: Sum_}


class Text(Script):
    """The script of terminals and docstrings."""

    def __init__(self, context: Any = None) -> None:
        super().__init__(context)
        self._scalar = ScalarText()

    def lines(self, sides: list[tuple[str, str]]) -> str:
        return "\n".join(map(self.equals.join, sides))

    def arranged(self, coefficient: sp.Expr, product: Product) -> str:
        number, above, below = fraction(sp.together(spelled(coefficient)))
        front = [self._scalar.in_product(a) for a in above]
        outside = [self.piece(p) for p in product.outside if not p.below]
        inside = [self.piece(p) for p in product.inside if not p.below]
        divisors = [p for p in product.pieces if p.below]
        if len(parts := separate_sums(product)) > 1:
            inside = [self.bracket(self.product(part)) for part in parts]
            divisors = [p for p in product.outside if p.below]
        elif product.over:
            inside = [self.sigma(product.over) + (juxtaposed(inside) or "1")]
        under = list(map(self.expression, divisors))
        return self._scalar.ratio(
            number, [*front, *outside, *inside], [*below, *under], tight=False
        )

    def index(self, index: Index) -> str:
        return self.letter(index)

    def entry(self, entry: Entry) -> str:
        if not entry.subscripts:
            return entry.tensor.name
        if entry.tensor.name == POSITION:
            return self.subscript(entry.subscripts[0])
        return f"{entry.tensor.name}[{','.join(map(self.subscript, entry.subscripts))}]"

    def delta(self, delta: Delta) -> str:
        return f"δ[{self.subscript(delta.left)},{self.subscript(delta.right)}]"

    def ones(self, ones: Ones) -> str:
        return f"1[{self.index(ones.index)}]"

    def sigma(self, over: tuple[Index, ...]) -> str:
        return f"Σ_{','.join(sorted(map(self.index, over)))} "

    def softmax(self, softmax: Softmax, bare: bool) -> str:
        if isinstance(softmax.logit, Entry):
            logit = self.entry(softmax.logit)
        else:
            logit, bare = self.total(softmax.logit.products), False
        over = ",".join(map(self.index, softmax.over))
        return f"softmax_{over} {logit}" if bare else f"softmax_{over}({logit})"

    def reduction(self, reduction: Reduction) -> str:
        over = ",".join(map(self.index, reduction.over))
        return f"{reduction.kind}_{over} {self.entry(reduction.operand)}"

    def matrix_value(self, value: MatrixValue) -> str:
        out = f"[{','.join(map(self.index, value.out))}]" if value.out else ""
        matrix = tuple(s for s in value.operand.subscripts if s in value.over)
        rows = "" if matrix == value.over else f"_{','.join(map(self.index, value.over))}"
        return f"{value.function}{rows}({self.entry(value.operand)}){out}"

    def reduced(self, kind: str, operand: Argument, over: tuple[Index, ...]) -> sp.Symbol:
        letters = ",".join(map(self.index, over))
        return self.symbol(f"{kind}_{letters}{self.in_brackets(operand)}")

    def function_value(self, value: FunctionOf) -> sp.Symbol:
        if isinstance(value.operand, Entry):
            stated = MatrixValue(value.function, value.operand, value.over, value.out)
            return self.symbol(self.matrix_value(stated))
        rows, columns = map(self.index, value.over)
        out = f"[{','.join(map(self.index, value.out))}]" if value.out else ""
        return self.symbol(
            f"{value.function}_{rows},{columns}{self.in_brackets(value.operand)}{out}"
        )

    def pullback(self, pullback: Pullback) -> str:
        equation = pullback.equation
        slope = f"∂{self.entry(equation.entry)}/∂{self.entry(pullback.wrt)}"
        cotangent = self.cotangent(pullback.cotangent)
        sigma = self.sigma(equation.indices) if equation.indices else ""
        return f"{sigma}{cotangent}{slope}"

    def cotangent(self, cotangent: Contraction) -> str:
        """The cotangent as a factor in front of the local derivative."""
        product = product_of(cotangent, True, self.context)
        if not product.pieces and product.coefficient == 1:
            return ""
        printed = self.total((product,))
        loose = product.negative or product.over or " / " in printed
        return f"{self.bracket(printed) if loose else printed} "

    def step(self, step: Step) -> str:
        before, after = (Text(self.context.equations).show(s) for s in (step.before, step.after))
        return f"{step.rule}: {before}  →  {after}   ({step.because})"

    def power(self, base: str, exponent: sp.Expr) -> str:
        return base if exponent == 1 else f"{base}**{exponent}"

    def bracket(self, body: str) -> str:
        return f"({body})"

    def factor(self, expression: sp.Expr, bare: bool) -> str:
        return self.scalar(expression) if bare else self._scalar.in_product(expression)

    def scalar(self, expression: sp.Basic) -> str:
        return self._scalar.doprint(
            spelled(expression) if isinstance(expression, sp.Expr) else expression
        )

    def place(self, term: sp.Expr) -> str:
        return self.scalar(term).replace(" ", "*")

    def symbol(self, printed: str, tightness: int = ATOM) -> sp.Symbol:
        return SYMBOLS[tightness](printed, real=True)

    @property
    def depth(self) -> dict[sp.Basic, int]:
        return self._scalar.depth

    def words(self, plain: str) -> str:
        return plain


def text(thing: Any, context: Any = None) -> str:
    """Readable text of an equation, model, derivation or expression.

    ``context`` is the model or derivation that an equation is part of: with it, a softmax is
    recognised as one.

    >>> from backproof.theory.declarations import size
    >>> text(size("n") + 1)
    'n + 1'
    >>> from backproof.theory.trace.tracing import trace
    >>> print(text(trace("special.softmax(z)", z="k")))
    L = logsumexp_i z[i]
    p[i] = softmax_i z[i]
    """
    return Text(context).show(thing)
