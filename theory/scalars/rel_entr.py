"""A term of the relative entropy, x log(x/y)."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise


class rel_entr(Elementwise):
    """x log(x/y), 0 where x is 0; derivatives log x − log y + 1 and −x/y."""

    nargs = 2
    numpy = "special.rel_entr({0}, {1})"
    spelled = ("scipy.special.rel_entr",)
    latex_form = r"\operatorname{{rel\_entr}}\left({0}, {1}\right)"
    domain = sp.Interval.Lopen(0, sp.oo)

    @classmethod
    def definition(cls, x: sp.Expr, y: sp.Expr) -> sp.Expr:
        return x * sp.log(x / y)

    @classmethod
    def exact(cls, x: sp.Expr, y: sp.Expr) -> sp.Expr | None:
        return sp.S.Zero if x.is_zero else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        x, y = self.args
        return sp.log(x) - sp.log(y) + 1 if argindex == 1 else -x / y
