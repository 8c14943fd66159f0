"""The reciprocal square root with its convention at zero: what divides a vector by its norm."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise


class rsqrt(Elementwise):
    """1/√x of x > 0, and 0 at 0, with derivative −½ x^(−3/2) and again 0 at 0."""

    numpy = "np.divide(np.heaviside({0}, 0), np.sqrt({0} + np.equal({0}, 0)))"
    latex_form = r"\left({0}\right)^{{-1/2}}"
    convention = "1/√x is taken as 0 at x = 0"

    @classmethod
    def definition(cls, x: sp.Expr) -> sp.Expr:
        return sp.Piecewise((1 / sp.sqrt(x), x > 0), (0, True))

    @classmethod
    def exact(cls, x: sp.Expr) -> sp.Expr | None:
        if not (x.is_number and x.is_nonnegative):
            return None
        return sp.S.Zero if x.is_zero else 1 / sp.sqrt(x)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return -(self**3) / 2
