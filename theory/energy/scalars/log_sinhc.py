"""The logarithm of the hyperbolic cardinal sine."""

import sympy as sp

from backproof.theory.energy.scalars.langevin import langevin
from backproof.theory.scalars.elementwise import Elementwise


class log_sinhc(Elementwise):
    """log(sinh x / x) = log ½ ∫₋₁¹ e^(xt) dt, zero at zero, with derivative langevin(x)."""

    numpy = "tails.log_sinhc({0})"
    latex_form = r"\log\operatorname{{sinhc}}\!\left({0}\right)"

    @classmethod
    def definition(cls, x: sp.Expr) -> sp.Expr:
        return sp.log(sp.sinh(x) / x)

    @classmethod
    def exact(cls, x: sp.Expr) -> sp.Expr | None:
        return sp.S.Zero if x.is_zero else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return langevin(self.args[0])
