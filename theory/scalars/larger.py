"""The larger of two numbers."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise, sign_of
from backproof.theory.scalars.relu import relu
from backproof.theory.scalars.step import step


class larger(Elementwise):
    """max(x, y); at a tie the derivative goes to the first argument.  max(x, 0) is relu(x)."""

    nargs = 2
    numpy = "np.maximum({0}, {1})"
    spelled = ("numpy.maximum", "numpy.fmax")
    latex_form = r"\max\left({0}, {1}\right)"
    convention = "max(x, y) at x = y: the derivative goes to the first argument"

    @classmethod
    def definition(cls, x: sp.Expr, y: sp.Expr) -> sp.Expr:
        return sp.Max(x, y)

    @classmethod
    def exact(cls, x: sp.Expr, y: sp.Expr) -> sp.Expr | None:
        if y.is_zero:
            return relu(x)
        if x.is_zero:
            return relu(y)
        sign = sign_of(x - y)
        return None if sign is None else (x if sign >= 0 else y)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        x, y = self.args
        return 1 - step(y - x) if argindex == 1 else step(y - x)
