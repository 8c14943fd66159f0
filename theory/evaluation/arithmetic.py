"""Two kinds of numbers to evaluate equations with: exact SymPy numbers, and mpmath at a precision.

An `Arithmetic` says the little that evaluation needs of a kind of numbers: how one is read, how
a scalar expression becomes a function of them, which of two is larger, and the slope of a
function of one number.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

import mpmath
import sympy as sp

from backproof.theory.errors import BackproofError
from backproof.theory.linear_algebra import BY_NAME
from backproof.theory.notation import slot
from backproof.theory.scalars import defined

Number = Any  # a SymPy expression or an mpmath.mpf


class Arithmetic(ABC):
    """A kind of numbers."""

    zero: Number
    one: Number

    @abstractmethod
    def number(self, leaf: Any) -> Number:
        """A Python, SymPy or mpmath number as a number of this kind."""

    @abstractmethod
    def function(self, expression: sp.Expr, arity: int) -> Callable[..., Number]:
        """The scalar expression in ``slot(0), …, slot(arity - 1)`` as a function of numbers."""

    @abstractmethod
    def exceeds(self, a: Number, b: Number) -> bool:
        """Whether a > b."""

    @abstractmethod
    def logsumexp(self, values: Sequence[Number]) -> Number:
        """log Σ exp."""

    @abstractmethod
    def matrix_function(self, name: str, rows: Sequence[Sequence[Number]]) -> Any:
        """A function of a square matrix by its name, as nested tuples."""

    @abstractmethod
    def slope(self, function: Callable[[Number], Number], at: Number) -> Number:
        """The derivative of a function of one number, found without any rule of this library."""

    def extreme(self, kind: str, values: Sequence[Number]) -> Number:
        """The ``max`` or ``min`` of some numbers."""
        return values[self.position(kind, values)]

    def position(self, kind: str, values: Sequence[Number]) -> int:
        """The first position at which the ``max`` or ``min`` is attained."""
        best = 0
        for place, value in enumerate(values):
            pair = (value, values[best]) if kind == "max" else (values[best], value)
            if self.exceeds(*pair):
                best = place
        return best


class Exact(Arithmetic):
    """SymPy numbers: rationals stay rationals, exp(1) stays exp(1), and symbols are welcome."""

    zero, one = sp.S.Zero, sp.S.One

    def number(self, leaf: Any) -> sp.Expr:
        return sp.Rational(leaf) if isinstance(leaf, Fraction) else sp.sympify(leaf)

    def function(self, expression: sp.Expr, arity: int) -> Callable[..., sp.Expr]:
        plain = _plain(expression)
        slots = [slot(n) for n in range(arity)]
        return lambda *numbers: plain.xreplace(dict(zip(slots, numbers, strict=True)))

    def exceeds(self, a: sp.Expr, b: sp.Expr) -> bool:
        difference = a - b
        if difference.is_positive is not None:
            return bool(difference.is_positive)
        if difference.free_symbols:
            raise BackproofError(
                "max or min", f"the undecided comparison {a} > {b}", "numbers", "give numbers"
            )
        return not difference.equals(0) and bool(difference.evalf() > 0)

    def extreme(self, kind: str, values: Sequence[sp.Expr]) -> sp.Expr:
        return sp.Max(*values) if kind == "max" else sp.Min(*values)

    def logsumexp(self, values: Sequence[sp.Expr]) -> sp.Expr:
        return sp.log(sp.Add(*map(sp.exp, values)))

    def matrix_function(self, name: str, rows: Sequence[Sequence[sp.Expr]]) -> Any:
        return _nested(BY_NAME[name].exact(sp.Matrix(rows)))

    def slope(self, function: Callable[[sp.Expr], sp.Expr], at: sp.Expr) -> sp.Expr:
        moved = sp.Dummy("moved", real=True)
        return sp.sympify(function(moved)).diff(moved).xreplace({moved: at})


class Precise(Arithmetic):
    """mpmath numbers at mpmath's working precision, as set by ``mpmath.workdps(…)``."""

    zero, one = mpmath.mpf(0), mpmath.mpf(1)

    def number(self, leaf: Any) -> mpmath.mpf:
        if isinstance(leaf, Fraction):
            return mpmath.mpf(leaf.numerator) / leaf.denominator
        if isinstance(leaf, sp.Rational):
            return mpmath.mpf(leaf.p) / leaf.q
        if isinstance(leaf, sp.Basic):
            return mpmath.mpf(sp.sympify(leaf)._to_mpmath(mpmath.mp.prec))
        return mpmath.mpf(leaf)

    def function(self, expression: sp.Expr, arity: int) -> Callable[..., mpmath.mpf]:
        return _compiled(expression, arity)

    def exceeds(self, a: mpmath.mpf, b: mpmath.mpf) -> bool:
        return bool(a > b)

    def logsumexp(self, values: Sequence[mpmath.mpf]) -> mpmath.mpf:
        return mpmath.log(mpmath.fsum(map(mpmath.exp, values)))

    def matrix_function(self, name: str, rows: Sequence[Sequence[mpmath.mpf]]) -> Any:
        return _nested(BY_NAME[name].precise(mpmath.matrix(rows)))

    def slope(self, function: Callable[[mpmath.mpf], mpmath.mpf], at: mpmath.mpf) -> mpmath.mpf:
        """(f(x + h) − f(x − h)) / 2h at three times the precision p, with h = 2⁻ᵖ.

        Truncation h² f‴/6 and cancellation 2⁻³ᵖ/h are then both of the order 2⁻²ᵖ.
        """
        precision = mpmath.mp.prec
        with mpmath.workprec(3 * precision):
            h = mpmath.ldexp(1, -precision)
            slope = (function(at + h) - function(at - h)) / (2 * h)
        return +slope


def _nested(value: Any) -> Any:
    """A SymPy or mpmath matrix, or a list, as nested tuples; a number as it is."""
    if isinstance(value, mpmath.matrix | sp.MatrixBase):
        return tuple(map(tuple, value.tolist()))
    return tuple(value) if isinstance(value, list) else value


def arithmetic_of(leaves: Sequence[Any]) -> Arithmetic:
    """Floating numbers among the leaves ask for mpmath; integers and fractions stay exact."""
    return Precise() if any(isinstance(x, float | mpmath.mpf) for x in leaves) else Exact()


def is_number(leaf: Any) -> bool:
    """Whether a leaf is a finite real number, or a symbol that may stand for one."""
    if isinstance(leaf, bool):
        return False
    if isinstance(leaf, float | mpmath.mpf):
        return bool(mpmath.isfinite(leaf)) if isinstance(leaf, mpmath.mpf) else math.isfinite(leaf)
    if isinstance(leaf, sp.Expr):
        return leaf.is_extended_real is not False and leaf.is_finite is not False
    return isinstance(leaf, int | Fraction)


@lru_cache(maxsize=4096)
def _plain(expression: sp.Expr) -> sp.Expr:
    """The expression in SymPy's own functions."""
    return defined(sp.sympify(expression))


@lru_cache(maxsize=4096)
def _compiled(expression: sp.Expr, arity: int) -> Callable[..., mpmath.mpf]:
    """The expression as mpmath code; its constants take the precision of each call."""
    slots = [slot(n) for n in range(arity)]
    return sp.lambdify(slots, _plain(expression), modules="mpmath")
