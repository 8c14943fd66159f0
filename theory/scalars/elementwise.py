"""What a scalar function of the library is: a definition, a derivative, and its spelling."""

from __future__ import annotations

from typing import Any, ClassVar

import sympy as sp


class Elementwise(sp.Function):
    """A named scalar function of real arguments.

    A member states ``definition`` (what it means, in SymPy's own functions) and ``fdiff`` (its
    derivative, through itself where that is how a book writes it; kinks with their convention),
    ``spelled`` (the NumPy or SciPy names that mean it in source code) and ``numpy`` (how a
    stable kernel calls it).  ``latex`` is a format of the arguments; ``domain`` is where each
    argument may lie.
    """

    nargs: ClassVar[Any] = 1
    numpy: ClassVar[str] = ""
    spelled: ClassVar[tuple[str, ...]] = ()
    latex_form: ClassVar[str] = ""
    convention: ClassVar[str] = ""
    domain: ClassVar[sp.Set] = sp.Reals

    @classmethod
    def definition(cls, *arguments: sp.Expr) -> sp.Expr:
        """The function in SymPy's own terms."""
        raise NotImplementedError

    @classmethod
    def exact(cls, *arguments: sp.Expr) -> sp.Expr | None:
        """A simpler value where the function has one, such as relu(3) = 3; `None` elsewhere."""
        return None

    @classmethod
    def eval(cls, *arguments: sp.Expr) -> sp.Expr | None:  # SymPy calls this on construction
        return cls.exact(*arguments)

    def _eval_is_extended_real(self) -> bool | None:
        return True if all(a.is_extended_real for a in self.args) else None

    def _eval_evalf(self, prec: int) -> sp.Expr:
        return self.definition(*self.args)._eval_evalf(prec)


def sign_of(x: sp.Expr) -> int | None:
    """The sign of a number, `None` for a symbol."""
    if not x.is_number:
        return None
    if x.is_zero:
        return 0
    return 1 if x.is_positive else -1 if x.is_negative else None


def defined(expression: sp.Expr) -> sp.Expr:
    """The expression with every function of the library replaced by its definition."""
    return expression.replace(lambda e: isinstance(e, Elementwise), lambda e: e.definition(*e.args))
