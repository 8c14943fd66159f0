"""log(eˣ + eʸ), the log-sum-exp of two numbers."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise
from backproof.theory.scalars.sigmoid import sigmoid
from backproof.theory.scalars.softplus import softplus


class logaddexp(Elementwise):
    """log(eˣ + eʸ), with derivatives σ(x − y) and σ(y − x); log(1 + eʸ) is softplus(y).

    Neither y + softplus(x − y) nor x + softplus(y − x) keeps its digits where the other argument
    is the far smaller one, as in a mask.
    """

    nargs = 2
    numpy = "np.logaddexp({0}, {1})"
    spelled = ("numpy.logaddexp",)
    latex_form = r"\operatorname{{logaddexp}}\left({0}, {1}\right)"

    @classmethod
    def definition(cls, x: sp.Expr, y: sp.Expr) -> sp.Expr:
        return sp.log(sp.exp(x) + sp.exp(y))

    @classmethod
    def exact(cls, x: sp.Expr, y: sp.Expr) -> sp.Expr | None:
        if x.is_zero:
            return softplus(y)
        return softplus(x) if y.is_zero else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        x, y = self.args
        return sigmoid(x - y) if argindex == 1 else sigmoid(y - x)
