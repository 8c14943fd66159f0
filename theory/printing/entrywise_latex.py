r"""Scalar expressions over arrays in LaTeX: ⊙, ⊘ and :math:`^{\odot 2}` act entry by entry."""

from __future__ import annotations

import sympy as sp
from sympy.printing.precedence import PRECEDENCE

from backproof.theory.printing.scalar_latex import Printed, ScalarLatex, bracket, juxtaposed, raised
from backproof.theory.printing.scalar_order import fraction

ONES = r"\mathbf{1}"


class Array(Printed):
    """A vector or matrix inside of a scalar expression."""

    precedence = PRECEDENCE["Atom"]


class ArrayProduct(Array):
    """One whose outermost operation is a product."""

    precedence = (PRECEDENCE["Add"] + PRECEDENCE["Mul"]) // 2


class EntrywiseLatex(ScalarLatex):
    """Scalar expressions over arrays: products and powers act entry by entry."""

    def _print_Mul(self, expr: sp.Mul) -> str:
        if not expr.has(Array) or expr.as_coeff_Mul()[0].is_negative:
            return super()._print_Mul(expr)
        number, above, below = fraction(expr)
        arrays = [self.inside(a) for a in above if a.has(Array)]
        under = [self.inside(b) for b in below if b.has(Array)]
        front = [self.inside(a) for a in above if not a.has(Array)]
        share = self.ratio(number, front, [b for b in below if not b.has(Array)])
        product = divided(r" \odot ".join(arrays) or ONES, under)
        return product if share == "1" else juxtaposed([share, product])

    def _print_Pow(self, expr: sp.Pow) -> str:
        if not expr.base.has(Array) or expr.exp == sp.S.Half:
            return super()._print_Pow(expr)
        if expr.exp.is_Rational and expr.exp.is_negative:
            return divided(ONES, [self.inside(expr.base**-expr.exp)])
        power = self._print(expr.exp) if expr.exp.is_Integer else f"{expr.exp.p}/{expr.exp.q}"
        return raised(self.inside(expr.base, "Pow", strict=False), rf"\odot {power}")


def divided(above: str, below: list[str]) -> str:
    """An entrywise product over another one."""
    if not below:
        return above
    under = r" \odot ".join(below)
    return rf"{above} \oslash {bracket(under) if len(below) > 1 else under}"
