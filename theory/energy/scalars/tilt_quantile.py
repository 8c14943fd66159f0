"""The quantile function of an exponentially tilted uniform variable."""

import sympy as sp

from backproof.theory.scalars.elementwise import Elementwise


class tilt_quantile(Elementwise):
    """The t with P(T > t) = w under the density ∝ e^(zt) on 0 ≤ t ≤ 1: log(w + (1 − w) e^z)/z."""

    nargs = 2
    numpy = "tails.tilt_quantile({0}, {1})"
    latex_form = r"\operatorname{{tiltquantile}}\!\left({0}, {1}\right)"

    @classmethod
    def definition(cls, z: sp.Expr, w: sp.Expr) -> sp.Expr:
        return sp.log(w + (1 - w) * sp.exp(z)) / z

    @classmethod
    def exact(cls, z: sp.Expr, w: sp.Expr) -> sp.Expr | None:
        return 1 - w if z.is_zero else None
