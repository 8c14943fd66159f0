"""The quantile function of a Gaussian's tail."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise


class tail_quantile(Elementwise):
    """The t ≥ 0 with P(T > t) = w under the density ∝ e^(−t² − 2xt): erfc⁻¹(w erfc x) − x."""

    nargs = 2
    numpy = "tails.tail_quantile({0}, {1})"
    latex_form = r"\operatorname{{tailquantile}}\!\left({0}, {1}\right)"

    @classmethod
    def definition(cls, x: sp.Expr, w: sp.Expr) -> sp.Expr:
        return sp.erfinv(1 - w * sp.erfc(x)) - x
