"""The logarithm of the normal distribution function, log Φ(x)."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise
from backproof.theory.scalars.ndtr import ndtr


class log_ndtr(Elementwise):
    """log Φ(x), with derivative e^(−x²/2 − log Φ(x))/√(2π): the inverse Mills ratio.

    Written through the function itself, the derivative keeps its digits where Φ underflows.
    """

    numpy = "special.log_ndtr({0})"
    spelled = ("scipy.special.log_ndtr",)
    latex_form = r"\log\left(\Phi\!\left({0}\right)\right)"

    @classmethod
    def definition(cls, x: sp.Expr) -> sp.Expr:
        return sp.log(ndtr.definition(x))

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        (x,) = self.args
        return sp.exp(-(x**2) / 2 - self) / sp.sqrt(2 * sp.pi)
