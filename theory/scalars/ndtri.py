"""The quantile function of the normal distribution, Φ⁻¹."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise


class ndtri(Elementwise):
    """Φ⁻¹(p), with derivative √(2π) e^(q²/2) at q = Φ⁻¹(p)."""

    numpy = "special.ndtri({0})"
    spelled = ("scipy.special.ndtri",)
    domain = sp.Interval.open(0, 1)
    latex_form = r"\Phi^{{-1}}\!\left({0}\right)"

    @classmethod
    def definition(cls, p: sp.Expr) -> sp.Expr:
        return sp.sqrt(2) * sp.erfinv(2 * p - 1)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.sqrt(2 * sp.pi) * sp.exp(self**2 / 2)
