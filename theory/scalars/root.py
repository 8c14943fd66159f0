"""The square root with its convention at zero: what a norm is made of."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise
from backproof.theory.scalars.rsqrt import rsqrt


class root(Elementwise):
    """√x of x ≥ 0, with derivative 1/(2√x) and (√x)′ = 0 at 0.

    A norm √Σw² has a kink at w = 0, with every vector of length up to one a subgradient: the
    convention takes the shortest of them.
    """

    numpy = "np.sqrt({0})"
    latex_form = r"\sqrt{{{0}}}"
    convention = "(√x)′ = 0 at x = 0"

    @classmethod
    def definition(cls, x: sp.Expr) -> sp.Expr:
        return sp.sqrt(x)

    @classmethod
    def exact(cls, x: sp.Expr) -> sp.Expr | None:
        return sp.sqrt(x) if x.is_number and x.is_nonnegative else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return rsqrt(self.args[0]) / 2
