"""The smaller of two numbers."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise, sign_of
from backproof.theory.scalars.step import step


class smaller(Elementwise):
    """min(x, y); at a tie the derivative goes to the first argument."""

    nargs = 2
    numpy = "np.minimum({0}, {1})"
    spelled = ("numpy.minimum", "numpy.fmin")
    latex_form = r"\min\left({0}, {1}\right)"
    convention = "min(x, y) at x = y: the derivative goes to the first argument"

    @classmethod
    def definition(cls, x: sp.Expr, y: sp.Expr) -> sp.Expr:
        return sp.Min(x, y)

    @classmethod
    def exact(cls, x: sp.Expr, y: sp.Expr) -> sp.Expr | None:
        sign = sign_of(x - y)
        return None if sign is None else (x if sign <= 0 else y)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        x, y = self.args
        return 1 - step(x - y) if argindex == 1 else step(x - y)
