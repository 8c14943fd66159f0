"""The mean of a Gaussian's tail."""

import sympy as sp

from backproof.theory.energy.scalars.tail_variance import tail_variance
from backproof.theory.scalars.elementwise import Elementwise


class tail_mean(Elementwise):
    """The mean of the density ∝ e^(−t² − 2xt) on t ≥ 0, with derivative −2 tail_variance(x).

    It is 1/(√π e^(x²) erfc x) − x, which cancels for large x.
    """

    numpy = "tails.tail_mean({0})"
    latex_form = r"\operatorname{{tailmean}}\!\left({0}\right)"

    @classmethod
    def definition(cls, x: sp.Expr) -> sp.Expr:
        return sp.exp(-(x**2)) / (sp.sqrt(sp.pi) * sp.erfc(x)) - x

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return -2 * tail_variance(self.args[0])
