"""The rectifier max(0, x)."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise, sign_of
from backproof.theory.scalars.step import step


class relu(Elementwise):
    """max(0, x), with derivative 1[x > 0] and relu′(0) = 0."""

    numpy = "np.maximum({0}, 0)"
    latex_form = r"\operatorname{{relu}}\!\left({0}\right)"
    convention = "relu′(0) = 0"

    @classmethod
    def definition(cls, x: sp.Expr) -> sp.Expr:
        return sp.Max(0, x)

    @classmethod
    def exact(cls, x: sp.Expr) -> sp.Expr | None:
        sign = sign_of(x)
        return None if sign is None else (x if sign > 0 else sp.S.Zero)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return step(self.args[0])
