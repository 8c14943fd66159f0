"""The sign function, without SymPy's delta distributions."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise, sign_of


class sgn(Elementwise):
    """−1, 0 or 1; derivative zero everywhere."""

    numpy = "np.sign({0})"
    spelled = ("numpy.sign",)
    latex_form = r"\operatorname{{sgn}}\!\left({0}\right)"
    convention = "sgn(0) = 0, and its derivative is taken as 0"

    @classmethod
    def definition(cls, x: sp.Expr) -> sp.Expr:
        return sp.Piecewise((1, x > 0), (-1, x < 0), (0, True))

    @classmethod
    def exact(cls, x: sp.Expr) -> sp.Expr | None:
        sign = sign_of(x)
        return None if sign is None else sp.Integer(sign)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.S.Zero
