"""Equations as readable text: ``z1[n,j] = Σ_i W1[j,i] x[n,i] + b1[j]``.

A space between two factors multiplies; Σ, max, logsumexp and a division sign reach as far as the
product goes, up to the next `` + `` or `` - ``.
"""

from __future__ import annotations

import re
from typing import Any

import sympy as sp

from backproof.theory.equations import Contraction, MatrixValue, Reduction
from backproof.theory.gathers import Within
from backproof.theory.notation import POSITION, Delta, Entry, Index, Ones
from backproof.theory.printing.layout import ATOM, PRODUCT, SUM, Script
from backproof.theory.printing.products import (
    Argument,
    FunctionOf,
    Product,
    product_of,
    separate_sums,
)
from backproof.theory.printing.ranges import on_axis
from backproof.theory.printing.recognition import Softmax, spelled
from backproof.theory.printing.scalar_order import fraction
from backproof.theory.printing.scalar_text import ScalarText, juxtaposed
from backproof.theory.steps import Pullback, Step


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

    def within(self, within: Within) -> str:
        return f"1[{on_axis(self, within, '<=', '>=')}]"

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
        signs = re.sub(r" ([-+/]) ", r"\1", self.scalar(term))
        return signs.replace(" ", "*")

    def times(self, step: str, index: str) -> str:
        return f"{step}*{index}"

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
