"""The largest whole number that is not above x (SymPy's printers have the name floor)."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise


class whole(Elementwise):
    """⌊x⌋; derivative zero everywhere."""

    numpy = "np.floor({0})"
    spelled = ("numpy.floor",)
    latex_form = r"\lfloor {0} \rfloor"
    convention = "⌊x⌋ steps up at whole numbers, and its derivative is taken as 0"

    @classmethod
    def definition(cls, x: sp.Expr) -> sp.Expr:
        return sp.floor(x)

    @classmethod
    def exact(cls, x: sp.Expr) -> sp.Expr | None:
        return sp.floor(x) if x.is_number else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.S.Zero
