"""The indicator of the numbers that are not zero, 1[x ≠ 0]: what a count of entries sums."""

import sympy as sp

from backproof.theory.errors import UnsupportedError
from backproof.theory.scalars.elementwise import Elementwise


class nonzero(Elementwise):
    """1[x ≠ 0].  It refuses to be differentiated.

    Its derivative is 0 wherever there is one and there is none at 0, the one point that matters:
    a gradient of zeros would be true almost everywhere and lead nowhere.
    """

    numpy = "np.not_equal({0}, 0)"
    latex_form = r"\mathbf{{1}}[{0} \ne 0]"

    @classmethod
    def definition(cls, x: sp.Expr) -> sp.Expr:
        return sp.Piecewise((0, sp.Eq(x, 0)), (1, True))

    @classmethod
    def exact(cls, x: sp.Expr) -> sp.Expr | None:
        if x.is_zero is None:
            return None
        return sp.S.Zero if x.is_zero else sp.S.One if x.is_number else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        raise UnsupportedError(
            "derivative of 1[x ≠ 0]",
            "a count of entries that are not zero, the L0 penalty: its derivative is 0 wherever "
            "there is one, and there is none at 0",
            "a penalty with a gradient",
            "take a step by its proximal map, bp.regularisers.l0.proximal(…), or minimise its "
            "expectation under random gates, bp.regularisers.hard_concrete",
        )
