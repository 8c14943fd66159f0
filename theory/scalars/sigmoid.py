"""The logistic function σ(x) = 1 / (1 + e⁻ˣ)."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise


class sigmoid(Elementwise):
    """σ(x) = 1/(1 + e⁻ˣ), σ′ = σ (1 − σ), 1 − σ(x) = σ(−x)."""

    numpy = "special.expit({0})"
    spelled = ("scipy.special.expit",)
    latex_form = r"\sigma\!\left({0}\right)"

    @classmethod
    def definition(cls, x: sp.Expr) -> sp.Expr:
        return 1 / (1 + sp.exp(-x))

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return self * (1 - self)
