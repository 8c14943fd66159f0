r"""Equations as LaTeX: :math:`\bar{W}^{(2)}_{jk} = \sum_{n} \bar{S}_{nk} H_{nj}`.

What is printed is read by KaTeX and by LaTeX with amsmath.  A cotangent carries an accent over
what it is the cotangent of: a bar for first order, a hat for second.
"""

from __future__ import annotations

import re
from typing import Any

import sympy as sp

from backproof.theory.equations import Contraction, Equation, MatrixValue, Reduction
from backproof.theory.gathers import Within
from backproof.theory.linear_algebra import BY_NAME
from backproof.theory.notation import POSITION, Delta, Entry, Index, Ones, Subscript, Tensor
from backproof.theory.printing.latex_names import Name, Names, words
from backproof.theory.printing.layout import ATOM, PRODUCT, SUM, Script
from backproof.theory.printing.products import (
    Argument,
    FunctionOf,
    Piece,
    Product,
    product_of,
    separate_sums,
)
from backproof.theory.printing.ranges import on_axis
from backproof.theory.printing.recognition import Softmax, spelled
from backproof.theory.printing.scalar_latex import (
    Printed,
    ScalarLatex,
    bracket,
    indicator,
    juxtaposed,
    raised,
)
from backproof.theory.printing.scalar_order import decimal, fraction
from backproof.theory.steps import Pullback, Step

_REDUCTIONS = {
    "max": r"\max_{{{0}}} {1}",
    "min": r"\min_{{{0}}} {1}",
    "argmax": r"\operatorname{{arg\,max}}_{{{0}}} {1}",
    "argmin": r"\operatorname{{arg\,min}}_{{{0}}} {1}",
    "prod": r"\prod_{{{0}}} {1}",
    "logsumexp": r"\log \sum_{{{0}}} \exp {1}",
}


class PrintedProduct(Printed):
    """A symbol that stands for a product with its Σ."""

    precedence = PRODUCT


class PrintedSum(Printed):
    """A symbol that stands for a sum."""

    precedence = SUM


SYMBOLS = {ATOM: Printed, PRODUCT: PrintedProduct, SUM: PrintedSum}


def _reduction(kind: str) -> str:
    """The format of a reduction, of its indices and what is reduced."""
    return _REDUCTIONS.get(kind, rf"\operatorname{{{{{kind}}}}}_{{{{{{0}}}}}} {{1}}")


class Latex(Script):
    """The script of documents."""

    def __init__(self, context: Any = None) -> None:
        super().__init__(context)
        self.names = Names()
        self._scalar = ScalarLatex(self.names.size)

    def lines(self, sides: list[tuple[str, str]]) -> str:
        rows = " \\\\\n".join(f"{left} &= {right}" for left, right in sides)
        return f"\\begin{{aligned}}\n{rows}\n\\end{{aligned}}"

    def arranged(self, coefficient: sp.Expr, product: Product) -> str:
        number, above, below = fraction(sp.together(spelled(coefficient)))
        front = [self._scalar.inside(a) for a in above]
        unit = number.is_Rational and number.p == 1 and decimal(number) is None
        outside, under = self._halves(product.outside, alone=unit and not front)
        if under or not below:
            start = self._scalar.ratio(number, [*front, *outside], [*below, *under])
        else:
            start = juxtaposed([self._scalar.ratio(number, front, below), *outside])
        if not product.over:
            return start
        if len(parts := separate_sums(product)) > 1:
            sums = [self.bracket(self.product(part)) for part in parts]
            return juxtaposed(["" if start == "1" else start, *sums])
        summed = self.sigma(product.over) + self._scalar.ratio(
            sp.S.One, *self._halves(product.inside)
        )
        return summed if start == "1" else juxtaposed([start, summed])

    def _halves(
        self, pieces: tuple[Piece, ...], alone: bool = True
    ) -> tuple[list[str], list[sp.Expr]]:
        """What stands above and below a fraction line; a sum alone above it needs no brackets."""
        above = [p for p in pieces if not p.below]
        under = [self.expression(p) for p in pieces if p.below]
        bare = alone and bool(under) and len(above) == 1 and above[0].exponent == 1
        return [self.piece(p, bare) for p in above], under

    def index(self, index: Index) -> str:
        return self.names.size(self.letter(index))

    def entry(self, entry: Entry) -> str:
        if entry.tensor.name == POSITION:
            return self.subscript(entry.subscripts[0])
        return self.name(entry.tensor).indexed(self._together(entry.subscripts))

    def name(self, tensor: Tensor) -> Name:
        """The name of a tensor; what the context says is an inverse is written as one."""
        self.names.tensors = self.context.tensors
        matrix = self.context.inverse_of(tensor)
        return self.names.tensor(matrix).inverted() if matrix else self.names.tensor(tensor)

    def _together(self, subscripts: tuple[Subscript, ...]) -> str:
        """Subscripts side by side, with commas unless each is one letter."""
        printed = [self.subscript(s) for s in subscripts]
        plain = all(
            isinstance(s, Index) and len(p) == 1 for s, p in zip(subscripts, printed, strict=True)
        )
        return "".join(printed) if plain else r",\,".join(printed)

    def _listed(self, over: tuple[Index, ...]) -> str:
        return ",".join(map(self.index, over))

    def delta(self, delta: Delta) -> str:
        if isinstance(delta.left, Index) and isinstance(delta.right, Index):
            return rf"\delta_{{{self._together((delta.left, delta.right))}}}"
        return indicator(f"{self.subscript(delta.left)} = {self.subscript(delta.right)}")

    def within(self, within: Within) -> str:
        return indicator(on_axis(self, within, r"\le", r"\ge"))

    def ones(self, ones: Ones) -> str:
        return rf"\mathbf{{1}}_{{{self.index(ones.index)}}}"

    def sigma(self, over: tuple[Index, ...]) -> str:
        return rf"\sum_{{{','.join(sorted(map(self.index, over)))}}} "

    def softmax(self, softmax: Softmax, bare: bool) -> str:
        logit = softmax.logit
        if not isinstance(logit, Entry):
            body = self.bracket(self.total(logit.products))
            return rf"\operatorname{{softmax}}_{{{self._listed(softmax.over)}}}{body}"
        kept = logit.subscripts[: len(logit.subscripts) - len(softmax.over)]
        if logit.subscripts[len(kept) :] == softmax.over:
            printed = self.name(logit.tensor).indexed(self._together(kept))
        else:
            printed = self.entry(logit)
        return rf"\operatorname{{softmax}}_{{{self._listed(softmax.over)}}}({printed})"

    def reduction(self, reduction: Reduction) -> str:
        form = _reduction(reduction.kind)
        return form.format(self._listed(reduction.over), self.entry(reduction.operand))

    def matrix_value(self, value: MatrixValue) -> str:
        printed = self.function_of(value)
        return rf"\left[{printed}\right]_{{{self._together(value.out)}}}" if value.out else printed

    def function_of(self, value: MatrixValue) -> str:
        """The function of a matrix, whose own indices are left out."""
        name = self.name(value.operand.tensor)
        if tuple(s for s in value.operand.subscripts if s in value.over) != value.over:
            name = name.transposed()
        stack = tuple(s for s in value.operand.subscripts if s not in value.over)
        form = BY_NAME[value.function].latex
        shown = name.indexed(self._together(stack))
        return form.format(f"({shown})" if name.above and "({0}" not in form else shown)

    def reduced(self, kind: str, operand: Argument, over: tuple[Index, ...]) -> sp.Symbol:
        return self.symbol(
            _reduction(kind).format(self._listed(over), self.in_brackets(operand)), tightness=SUM
        )

    def function_value(self, value: FunctionOf) -> sp.Symbol:
        if isinstance(value.operand, Entry):
            stated = MatrixValue(value.function, value.operand, value.over, value.out)
            return self.symbol(self.matrix_value(stated), ATOM if value.out else SUM)
        matrix = rf"{self.in_brackets(value.operand)}_{{{self._together(value.over)}}}"
        printed = BY_NAME[value.function].latex.format(matrix)
        if value.out:
            return self.symbol(rf"\left[{printed}\right]_{{{self._together(value.out)}}}")
        return self.symbol(printed, tightness=SUM)

    def pullback(self, pullback: Pullback) -> str:
        equation = pullback.equation
        target, wrt = self.entry(equation.entry), self.entry(pullback.wrt)
        sigma = self.sigma(equation.indices) if equation.indices else ""
        slope = rf"\frac{{\partial {target}}}{{\partial {wrt}}}"
        return sigma + juxtaposed([self.cotangent(pullback.cotangent), slope])

    def cotangent(self, cotangent: Contraction) -> str:
        """The cotangent as a factor in front of the local derivative."""
        product = product_of(cotangent, True, self.context)
        if not product.pieces and product.coefficient == 1:
            return ""
        printed = self.total((product,))
        return self.bracket(printed) if product.negative or product.over else printed

    def step(self, step: Step) -> str:
        """before = after; of two equations for one quantity, the quantity once."""
        before, after = step.before, step.after
        if isinstance(before, Equation) and isinstance(after, Equation):
            left, first = self._side_by_side(before)
            other, second = self._side_by_side(after)
            joined = self.lines([(left, first), ("" if other == left else other, second)])
            return joined.replace("\n &=", "\n&=")
        shown = [Latex(self.context.equations).show(s) for s in (before, after)]
        return self.equals.join(shown)

    def power(self, base: str, exponent: sp.Expr) -> str:
        return base if exponent == 1 else raised(base, self._scalar.doprint(exponent))

    def bracket(self, body: str) -> str:
        return bracket(body)

    def factor(self, expression: sp.Expr, bare: bool) -> str:
        return self.scalar(expression) if bare else self._scalar.inside(expression)

    def scalar(self, expression: sp.Basic) -> str:
        return self._scalar.doprint(
            spelled(expression) if isinstance(expression, sp.Expr) else expression
        )

    def place(self, term: sp.Expr) -> str:
        return re.sub(r"(?<=\d) ", "", self.scalar(term))

    def times(self, step: str, index: str) -> str:
        return f"{step} {index}"

    def symbol(self, printed: str, tightness: int = ATOM) -> sp.Symbol:
        return SYMBOLS[tightness](printed, real=True)

    @property
    def depth(self) -> dict[sp.Basic, int]:
        return self._scalar.depth

    def words(self, plain: str) -> str:
        return words(plain)


def latex(thing: Any, context: Any = None) -> str:
    r"""LaTeX of an equation, model, derivation, step, right-hand side, factor or expression.

    A model or derivation is one ``aligned`` environment, to be put between ``$$``.  A string
    becomes ``\text``.  ``context`` is the model or derivation that an equation is part of: with
    it, a softmax is recognised as one.

    >>> from backproof.theory.trace.tracing import trace
    >>> print(latex(trace("np.tanh(W1 @ x + b)", W1="h d", x="d", b="h")))
    \begin{aligned}
    t^{(1)}_{i} &= \sum_{j} W^{(1)}_{ij} x_{j} + b_{i} \\
    f_{i} &= \tanh(t^{(1)}_{i})
    \end{aligned}
    """
    return Latex(context).show(thing)
