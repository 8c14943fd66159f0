"""A value with its running error: how far correct code in a floating format may lie from it.

    |x̂ − x| ≤ error,      error(a·b) = |a|·e_b + |b|·e_a + e_a·e_b + u·|a·b|

The value is computed in extended precision; the error is what the same equations, evaluated in
the format under test in whatever order, may have lost.  ``u`` is the unit roundoff of that format.

Reference: N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed. (2002), section
3.3 (running error analysis) and lemma 3.1 (n operations lose at most n·u/(1 − n·u)).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

Array = np.ndarray[Any, Any]

EXTENDED = np.longdouble
ZERO = np.zeros((), EXTENDED)
GRID_BITS = 10  # numbers count as exact when they are whole multiples of 2⁻¹⁰


@dataclass(frozen=True)
class Format:
    """A floating format: unit roundoff, least normal number, greatest number, binary digits.

    >>> Format.of("float32").digits
    24
    """

    dtype: np.dtype[Any]
    unit: Any
    tiny: Any
    largest: Any
    digits: int
    sharp: bool = False  # an elementary function itself is judged: by its condition number
    flushes: bool = False  # numbers below the least normal one are taken for zero

    @property
    def written(self) -> Any:
        """The relative error of a constant such as 0.1, which code writes in double precision."""
        return max(self.unit, np.ldexp(EXTENDED(1), -53))

    @classmethod
    def of(cls, dtype: Any) -> Format:
        """The format of a NumPy floating dtype."""
        kind = np.dtype(dtype)
        facts = np.finfo(kind)
        return cls(
            kind,
            EXTENDED(facts.eps) / 2,
            EXTENDED(facts.tiny),
            EXTENDED(facts.max),
            int(facts.nmant) + 1,
        )


@dataclass(frozen=True, eq=False)  # holds arrays: compared by identity
class Running:
    """A value, the error that correct code may make, and whether it makes none.

    ``exact`` says that every operation so far was exact in whatever order (whole numbers that
    fit into the digits of the format), so that a comparison with zero has one answer.
    """

    value: Array
    error: Array
    exact: bool = False

    @classmethod
    def given(cls, array: Any, kind: type = EXTENDED) -> Running:
        """An argument: it is what it is."""
        value: Array = np.asarray(array, kind)
        return cls(value, np.zeros(value.shape, EXTENDED), True)

    @property
    def certain_zero(self) -> Array:
        """Where correct code finds exactly zero."""
        return (self.value == 0) & ((self.error == 0) | self.exact)

    @property
    def doubtful_sign(self) -> Array:
        """Where rounding decides on which side of zero correct code lands."""
        return (np.abs(self.value) <= self.error) & ~self.certain_zero & (self.error > 0)

    def at(self, view: Any) -> Running:
        """The same entries seen through an indexing or reshaping function."""
        return Running(view(self.value), view(self.error), self.exact)


def cleaned(error: Array) -> Array:
    """An error bound; where it could not be computed (∞ − ∞, 0·∞) nothing is known: ∞."""
    return np.where(np.isnan(error), EXTENDED(np.inf), error)


def grid(running: Running) -> int | None:
    """The least g ≤ 10 for which all entries are whole multiples of 2⁻ᵍ, else `None`.

    >>> grid(Running.given([1.5, -2.0])), grid(Running.given([0.1]))
    (1, None)
    """
    for bits in range(GRID_BITS + 1):
        scaled = np.ldexp(running.value, bits)
        if np.all((scaled == np.rint(scaled)) & np.isfinite(scaled)):
            return bits
    return None


def fits(magnitude: Array, bits: int, form: Format) -> bool:
    """Whether multiples of 2⁻ᵇ with these accumulated magnitudes need no rounding."""
    top = np.max(magnitude, initial=0)
    return bool(np.isfinite(top) and np.ldexp(top, bits) <= np.ldexp(EXTENDED(1), form.digits))


@lru_cache(maxsize=8192)
def constant(number: sp.Expr) -> tuple[Any, bool]:
    """A SymPy number in extended precision, and whether it is a short binary fraction.

    >>> constant(sp.Rational(3, 4)), constant(sp.Rational(1, 3))[1]
    ((np.longdouble('0.75'), True), False)
    """
    if isinstance(number, sp.Rational):
        short = number.q <= 2**GRID_BITS and number.q & (number.q - 1) == 0
        return EXTENDED(str(number.p)) / EXTENDED(str(number.q)), short
    if number in (sp.oo, -sp.oo):  # what a mask adds to a score
        return EXTENDED(np.inf if number > 0 else -np.inf), True
    digits = sp.N(number, 30)
    if not (digits.is_Float or digits.is_Rational):  # 1/(N − 1) at N = 1: undefined there
        return EXTENDED(np.nan), False
    return EXTENDED(str(digits)), False
