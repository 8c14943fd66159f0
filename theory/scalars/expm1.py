"""eˣ − 1, accurate near zero."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise


class expm1(Elementwise):
    """eˣ − 1, with derivative eˣ."""

    numpy = "np.expm1({0})"
    spelled = ("numpy.expm1", "scipy.special.expm1")
    latex_form = r"\left(e^{{{0}}} - 1\right)"

    @classmethod
    def definition(cls, x: sp.Expr) -> sp.Expr:
        return sp.exp(x) - 1

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.exp(self.args[0])
