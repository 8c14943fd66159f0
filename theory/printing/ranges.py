"""The condition that a place is on its axis, in any script: both bounds, or the one that counts."""

from __future__ import annotations

import sympy as sp

from backproof.theory.gathers import Within
from backproof.theory.printing.layout import Script


def on_axis(script: Script, within: Within, most: str, least: str) -> str:
    """``0 <= i - u < n``, or ``i >= 1`` where the other bound always holds.

    ``most`` and ``least`` are the signs ≤ and ≥ of the script.
    """
    low, place, high = within.said
    middle = script.scalar(script.linear(place))
    if high is None:
        return f"{middle} {least} {script.scalar(sp.sympify(low))}"
    start = "" if low is None else f"{script.scalar(low)} {most} "
    return f"{start}{middle} < {script.scalar(high)}"
