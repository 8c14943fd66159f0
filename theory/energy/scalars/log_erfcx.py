"""The logarithm of the scaled complementary error function."""

import sympy as sp

from backproof.theory.energy.scalars.tail_mean import tail_mean
from backproof.theory.scalars.elementwise import Elementwise


class log_erfcx(Elementwise):
    """log(e^(x²) erfc x) = log (2/√π) ∫₀^∞ e^(−t² − 2xt) dt, with derivative −2 tail_mean(x)."""

    numpy = "tails.log_erfcx({0})"
    latex_form = r"\log\operatorname{{erfcx}}\!\left({0}\right)"

    @classmethod
    def definition(cls, x: sp.Expr) -> sp.Expr:
        return x**2 + sp.log(sp.erfc(x))

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return -2 * tail_mean(self.args[0])
