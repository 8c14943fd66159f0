"""The indicator of the positive numbers, 1[x > 0]."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise, sign_of


class step(Elementwise):
    """1[x > 0]; zero at zero, with derivative zero everywhere."""

    numpy = "np.heaviside({0}, 0)"
    latex_form = r"\mathbb{{1}}\left[{0} > 0\right]"
    convention = "1[x > 0] is 0 at x = 0, and its derivative is taken as 0"

    @classmethod
    def definition(cls, x: sp.Expr) -> sp.Expr:
        return sp.Piecewise((1, x > 0), (0, True))

    @classmethod
    def exact(cls, x: sp.Expr) -> sp.Expr | None:
        sign = sign_of(x)
        return None if sign is None else sp.Integer(sign > 0)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.S.Zero
