"""The floor ⌊x⌋, the largest whole number that is not above x."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise


class floor(Elementwise):
    """⌊x⌋; it jumps at whole numbers, and its derivative is zero everywhere."""

    numpy = "np.floor({0})"
    spelled = ("numpy.floor",)
    latex_form = r"\left\lfloor {0} \right\rfloor"
    convention = "⌊x⌋ has derivative 0, at whole numbers too"

    @classmethod
    def definition(cls, x: sp.Expr) -> sp.Expr:
        return sp.floor(x)

    @classmethod
    def exact(cls, x: sp.Expr) -> sp.Expr | None:
        return sp.floor(x) if x.is_number else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.S.Zero
