"""The distribution function Φ of the standard Gaussian."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise


class ndtr(Elementwise):
    """Φ(x) = P(Z ≤ x), with derivative the density e^(−x²/2)/√(2π)."""

    numpy = "special.ndtr({0})"
    spelled = ("scipy.special.ndtr",)
    latex_form = r"\Phi\!\left({0}\right)"

    @classmethod
    def definition(cls, x: sp.Expr) -> sp.Expr:
        return (1 + sp.erf(x / sp.sqrt(2))) / 2

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.exp(-(self.args[0] ** 2) / 2) / sp.sqrt(2 * sp.pi)
