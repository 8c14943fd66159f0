"""The variance of a Gaussian's tail."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise


class tail_variance(Elementwise):
    """The variance 1/2 − m (x + m), m the mean, of the density ∝ e^(−t² − 2xt) on t ≥ 0."""

    numpy = "tails.tail_variance({0})"
    latex_form = r"\operatorname{{tailvar}}\!\left({0}\right)"

    @classmethod
    def definition(cls, x: sp.Expr) -> sp.Expr:
        beyond = sp.exp(-(x**2)) / (sp.sqrt(sp.pi) * sp.erfc(x))  # x + m
        return sp.S.Half - (beyond - x) * beyond

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        x = self.args[0]
        beyond = sp.exp(-(x**2)) / (sp.sqrt(sp.pi) * sp.erfc(x))
        # m′ = −2 v and (x + m)′ = 1 − 2 v
        return 2 * self * beyond - (beyond - x) * (1 - 2 * self)
