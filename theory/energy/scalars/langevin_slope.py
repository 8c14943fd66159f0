"""The derivative of the Langevin function."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise


class langevin_slope(Elementwise):
    """1/x² − 1/sinh² x, a third at zero: the variance of the density ∝ e^(xt) on −1 ≤ t ≤ 1."""

    numpy = "tails.langevin_slope({0})"
    latex_form = r"\operatorname{{L}}'\!\left({0}\right)"

    @classmethod
    def definition(cls, x: sp.Expr) -> sp.Expr:
        return 1 / x**2 - 1 / sp.sinh(x) ** 2

    @classmethod
    def exact(cls, x: sp.Expr) -> sp.Expr | None:
        return sp.Rational(1, 3) if x.is_zero else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        x = self.args[0]
        return 2 * sp.coth(x) / sp.sinh(x) ** 2 - 2 / x**3
