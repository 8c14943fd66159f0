"""What arithmetic and library functions lose: the rules that every scalar expression is made of.

    x + y + …    Σ e + k·u·Σ|·|                  x·y·…    Π(|·| + e) − Π|·| + k·u·Π(|·| + e)
    f monotone   the spread of f over [x − e, x + e], plus 4 ulp of |f| and of f's natural scale

The natural scale is 1 where a usual way to write the function passes through numbers of size 1
(σ, tanh, softplus, log, …): ``1 - h`` for ``σ(-z)`` is correct code, and loses u, not u·σ(-z).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import sympy as sp

from backproof.numerics.judge.reference.running import (
    EXTENDED,
    ZERO,
    Array,
    Format,
    Running,
    cleaned,
    fits,
    grid,
)

ULPS = 4  # what a library function may lose, of its value and of its natural scale

Function = Callable[[Array], Array]


class Place(Protocol):
    """What the rules need to know of the evaluation around them."""

    form: Format
    bounds: bool
    whole_slots: frozenset[sp.Basic]

    def convention(self, kind: str) -> Any:
        """The convention for a kind of kink: a number, or a word."""

    def kink(self, kind: str) -> None:
        """Note that an argument lies exactly on a kink."""


def total(parts: list[Running], here: Place) -> Running:
    """The sum of some numbers in any order."""
    value: Array = sum((p.value for p in parts[1:]), start=parts[0].value)
    if not here.bounds:
        return Running(value, ZERO, False)
    magnitude: Array = sum((np.abs(p.value) + p.error for p in parts), start=ZERO)
    exact = _whole(parts, magnitude, here, max)
    error: Array = sum((p.error for p in parts), start=ZERO)
    rounding = len(parts) * here.form.unit * magnitude
    masked = np.isinf(value) & np.isfinite(error)  # −∞ − x is −∞ in whatever order
    return Running(value, np.where(masked, ZERO, cleaned(error + rounding)), exact)


def product(parts: list[Running], here: Place) -> Running:
    """The product of some numbers in any order."""
    value: Array = np.asarray(EXTENDED(1))
    for p in parts:
        value = value * p.value
    if not here.bounds:
        return Running(value, ZERO, False)
    inner: Array = np.asarray(EXTENDED(1))
    outer: Array = np.asarray(EXTENDED(1))
    for p in parts:
        inner = inner * np.abs(p.value)
        outer = outer * (np.abs(p.value) + p.error)
    exact = _whole(parts, outer, here, sum)
    lost = np.where(outer > 0, here.form.tiny, EXTENDED(0))  # underflow, flushed to zero
    error = (outer - inner) + len(parts) * here.form.unit * outer + lost
    return Running(value, cleaned(error), exact)


def _whole(parts: list[Running], magnitude: Array, here: Place, join: Any) -> bool:
    """Whether the operation on whole numbers stays within the digits of the format."""
    if not all(p.exact for p in parts):
        return False
    grids = [grid(p) for p in parts]
    return None not in grids and fits(magnitude, join(grids), here.form)


def function(f: Function, scale: Any, x: Running, exact: bool, here: Place) -> Running:
    value = np.asarray(f(x.value))
    if not here.bounds:
        return Running(value, ZERO, False)
    spread = np.maximum(np.abs(f(x.value + x.error) - value), np.abs(f(x.value - x.error) - value))
    spread = np.where(x.error == 0, EXTENDED(0), spread)
    if exact:
        return Running(value, spread, True)
    lost = np.where(value == 0, EXTENDED(0), here.form.tiny)
    if here.form.sharp:  # not by the numbers of size 1 on the way, but by the condition |x f′(x)|
        near = [f(x.value * (1 + sign * ULPS * here.form.unit)) for sign in (1, -1)]
        conditioned = np.maximum(*(np.abs(n - value) for n in near))
        rounding = ULPS * here.form.unit * np.abs(value) + cleaned(conditioned)
    else:
        natural = np.abs(value) + np.where(x.certain_zero, 0, scale)
        rounding = ULPS * here.form.unit * natural
    return Running(value, cleaned(spread + rounding + lost), False)
