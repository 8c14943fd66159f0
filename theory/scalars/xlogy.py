"""x log y, which is 0 at x = 0."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise


class xlogy(Elementwise):
    """x log y, 0 where x is 0 whatever y is; derivatives log y and x/y."""

    nargs = 2
    numpy = "special.xlogy({0}, {1})"
    spelled = ("scipy.special.xlogy",)
    latex_form = r"\operatorname{{xlogy}}\left({0}, {1}\right)"
    domain = sp.Interval.Lopen(0, sp.oo)

    @classmethod
    def definition(cls, x: sp.Expr, y: sp.Expr) -> sp.Expr:
        return x * sp.log(y)

    @classmethod
    def exact(cls, x: sp.Expr, y: sp.Expr) -> sp.Expr | None:
        return sp.S.Zero if x.is_zero else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        x, y = self.args
        return sp.log(y) if argindex == 1 else x / y
