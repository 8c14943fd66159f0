"""Results against reference values: every entry within its own tolerance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from backproof.numerics.judge.reference.running import Array


@dataclass(frozen=True, eq=False)  # holds arrays: compared by identity
class Comparison:
    """One output at one point.

    ``wrong`` marks entries beyond the tolerance, ``broken`` those that are NaN or infinite where
    the reference is finite, ``open_`` those of which nothing can be said.
    """

    got: Array
    value: Array
    tolerance: Array

    @property
    def open_(self) -> Array:
        """Entries whose tolerance is infinite: undefined or not representable there."""
        return ~np.isfinite(self.tolerance)

    @property
    def wrong(self) -> Array:
        """Entries that no order of evaluation explains."""
        with np.errstate(invalid="ignore"):
            apart = np.abs(self.got - self.value)
            return ~(apart <= self.tolerance) & ~self.open_

    @property
    def broken(self) -> Array:
        """NaN or infinite where the equations give a number."""
        return ~np.isfinite(self.got) & ~self.open_

    @property
    def agrees(self) -> bool:
        """Whether no entry is wrong."""
        return not np.any(self.wrong)

    @property
    def informative(self) -> bool:
        """Whether some entry could have been wrong and was not zero anyway."""
        with np.errstate(invalid="ignore"):
            return bool(np.any(~self.open_ & (np.abs(self.value) > self.tolerance)))

    @property
    def worst(self) -> tuple[int, ...]:
        """Where the difference is the greatest, in tolerances."""
        with np.errstate(all="ignore"):
            excess = np.abs(self.got - self.value) / self.tolerance
        excess = np.where(self.wrong, np.where(np.isfinite(excess), excess, np.inf), -1.0)
        place = np.unravel_index(int(np.argmax(excess)), excess.shape) if excess.ndim else ()
        return tuple(int(n) for n in place)

    @property
    def relative(self) -> float:
        """The greatest difference relative to the greatest entry."""
        with np.errstate(all="ignore"):
            apart = np.max(np.abs(np.where(self.open_, 0, self.got - self.value)), initial=0)
            size = np.max(np.abs(np.where(self.open_, 0, self.value)), initial=0)
            return float(apart / size) if size > 0 else float("inf")


Comparisons = Mapping[str, Comparison]


def shown(number: object) -> str:
    """A number for a reader: six digits at most, no trailing zeros.

    >>> shown(0.1 + 0.2), shown(np.longdouble(3)), shown(1e-17)
    ('0.3', '3', '1e-17')
    """
    return f"{float(number):.6g}"  # type: ignore[arg-type]


def apart(a: object, b: object) -> tuple[str, str]:
    """Two unequal numbers with as many digits as it takes to tell them apart.

    >>> apart(1.0, 1.0000001)
    ('1.0', '1.0000001')
    """
    x, y = float(a), float(b)  # type: ignore[arg-type]
    for digits in (6, 9, 12, 17):
        one, two = f"{x:.{digits}g}", f"{y:.{digits}g}"
        if one != two:
            if digits > 6:
                return repr(x), repr(y)
            return one, two
    return repr(x), repr(y)
