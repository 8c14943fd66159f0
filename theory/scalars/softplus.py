"""The softplus function log(1 + eˣ)."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise
from backproof.theory.scalars.sigmoid import sigmoid


class softplus(Elementwise):
    """log(1 + eˣ), with derivative σ(x): the log-partition of a binary unit."""

    numpy = "np.logaddexp(0, {0})"
    latex_form = r"\operatorname{{softplus}}\!\left({0}\right)"

    @classmethod
    def definition(cls, x: sp.Expr) -> sp.Expr:
        return sp.log(1 + sp.exp(x))

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sigmoid(self.args[0])
