"""log(1 + x), accurate near zero."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise


class log1p(Elementwise):
    """log(1 + x), with derivative 1/(1 + x)."""

    numpy = "np.log1p({0})"
    spelled = ("numpy.log1p", "scipy.special.log1p")
    latex_form = r"\log\left(1 + {0}\right)"

    @classmethod
    def definition(cls, x: sp.Expr) -> sp.Expr:
        return sp.log(1 + x)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return 1 / (1 + self.args[0])
