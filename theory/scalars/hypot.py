"""The length of a right triangle's third side, √(x² + y²)."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise


class hypot(Elementwise):
    """√(x² + y²) without overflow in between, with derivatives x/√(x² + y²) and y/√(x² + y²)."""

    nargs = 2
    numpy = "np.hypot({0}, {1})"
    spelled = ("numpy.hypot",)
    latex_form = r"\operatorname{{hypot}}\left({0}, {1}\right)"

    @classmethod
    def definition(cls, x: sp.Expr, y: sp.Expr) -> sp.Expr:
        return sp.sqrt(x**2 + y**2)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        x, y = self.args
        return (x if argindex == 1 else y) / self
