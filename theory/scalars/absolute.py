"""The absolute value with its convention at zero."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise, sign_of
from backproof.theory.scalars.sgn import sgn


class absolute(Elementwise):
    """|x|, with derivative sgn(x) and |x|′(0) = 0."""

    numpy = "np.abs({0})"
    spelled = ("numpy.abs", "numpy.absolute", "numpy.fabs")
    latex_form = r"\left|{0}\right|"
    convention = "|x|′(0) = 0"

    @classmethod
    def definition(cls, x: sp.Expr) -> sp.Expr:
        return sp.Abs(x)

    @classmethod
    def exact(cls, x: sp.Expr) -> sp.Expr | None:
        return None if sign_of(x) is None else sp.Abs(x)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sgn(self.args[0])
