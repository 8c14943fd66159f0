"""The Langevin function."""

import sympy as sp

from backproof.theory.energy.scalars.langevin_slope import langevin_slope
from backproof.theory.scalars.elementwise import Elementwise


class langevin(Elementwise):
    """coth x − 1/x, zero at zero: the mean of the density ∝ e^(xt) on −1 ≤ t ≤ 1."""

    numpy = "tails.langevin({0})"
    latex_form = r"\operatorname{{L}}\!\left({0}\right)"

    @classmethod
    def definition(cls, x: sp.Expr) -> sp.Expr:
        return sp.coth(x) - 1 / x

    @classmethod
    def exact(cls, x: sp.Expr) -> sp.Expr | None:
        return sp.S.Zero if x.is_zero else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return langevin_slope(self.args[0])
