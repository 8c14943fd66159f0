"""Evidence for a theorem: predicted beside measured, and the curves of a figure.

A check is a function `check(progress=None) -> Evidence`. Each row says how its two numbers were
obtained (`LEVELS`) and holds or does not; nothing is rounded before it is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from backproof.theory.errors import BackproofError

RELATIONS = ("=", "≤", "≥", "~")
LEVELS = {
    "exact": "integers, rationals or symbols",
    "certified": "an enclosure, rounding counted",
    "enumerated": "every one of finitely many cases",
    "computed": "floating point, its error estimated and not proved",
    "statistical": "random draws; the level α of the test is named",
}
KINDS = ("line", "points", "band")
Values = Sequence[Any] | np.ndarray
Progress = Callable[[str, int, int], None]  # stage, done, total
Check = Callable[..., "Evidence"]


def silent(stage: str, done: int, total: int) -> None:
    """The progress of nobody who looks."""


@dataclass(frozen=True)
class Row:
    """One prediction, read from left to right: ``predicted`` ``relation`` ``measured``.

    ``=`` asks for equality, of numbers or of anything that has it; ``~`` for a distance of at most
    ``error``; ``≤`` and ``≥`` allow ``error`` beyond. ``level`` is a word of `LEVELS`, as in
    "exact" or "statistical at 1e-6".

    >>> Row("pieces of T³", 8, "=", 8).holds, Row("a bound", Fraction(1, 6), "≤", 0.1).holds
    (True, False)
    """

    what: str
    predicted: Any
    relation: str
    measured: Any
    error: Any = 0
    level: str = "exact"

    def __post_init__(self) -> None:
        where = f"row {self.what!r}"
        if self.relation not in RELATIONS:
            raise BackproofError(where, repr(self.relation), " ".join(RELATIONS), "choose one")
        word, _, rest = self.level.partition(" ")
        if word not in LEVELS or (word == "statistical" and not rest.startswith("at ")):
            known = "exact, certified, enumerated, computed or statistical at α"
            raise BackproofError(where, repr(self.level), known, "say how it was obtained")
        if self.relation == "=" and self.error != 0:
            raise BackproofError(where, f"= within {self.error}", "no error", "write ~")

    @property
    def holds(self) -> bool:
        """Whether the relation is true; never where a number is not one (NaN)."""
        left, right, error = self.predicted, self.measured, self.error
        if self.relation == "=":
            return bool(np.all(left == right))
        slack = _minus(right, left)  # how far the measured lies above the predicted
        above, below = bool(slack >= -error), bool(slack <= error)
        return {"~": above and below, "≤": above, "≥": below}[self.relation]

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as text: what, predicted, relation, measured, how obtained, whether it holds."""
        within = f", within {shown(self.error)}" if self.error != 0 else ""
        verdict = "✓" if self.holds else "✗"
        numbers = (shown(self.predicted), self.relation, shown(self.measured))
        return (self.what, *numbers, self.level + within, verdict)

    def to_dict(self) -> dict[str, Any]:
        """The row as data, numbers as text so that rationals stay exact."""
        return {
            "what": self.what,
            "predicted": exactly(self.predicted),
            "relation": self.relation,
            "measured": exactly(self.measured),
            "error": exactly(self.error),
            "level": self.level,
            "holds": self.holds,
        }


HEADER = ("what", "predicted", "", "measured", "how", "holds")


@dataclass(frozen=True)
class Axes:
    """The labels of a panel of the figure, and which of its axes are logarithmic."""

    x: str = "x"
    y: str = "y"
    log_x: bool = False
    log_y: bool = False
    title: str = ""


@dataclass(frozen=True)
class Curve:
    """A line, points, or a band from ``y`` up to ``upper``, in one ``panel`` of the figure."""

    name: str
    x: Values
    y: Values
    kind: str = "line"
    upper: Values = ()
    panel: int = 0

    def __post_init__(self) -> None:
        lengths = {len(self.x), len(self.y), *([len(self.upper)] if self.kind == "band" else ())}
        if self.kind not in KINDS or len(lengths) > 1 or 0 in lengths:
            raise BackproofError(
                f"curve {self.name!r}",
                f"{self.kind} of lengths {sorted(lengths)}",
                f"{', '.join(KINDS)}, of one length",
                "mend the curve",
            )


@dataclass(frozen=True)
class Evidence:
    """Rows of predicted against measured, and the curves of a figure with a panel for each axes."""

    rows: Sequence[Row]
    curves: Sequence[Curve] = ()
    axes: Sequence[Axes] | Axes = field(default_factory=Axes)
    caption: str = "Predicted and measured."

    def __post_init__(self) -> None:
        panels = (self.axes,) if isinstance(self.axes, Axes) else tuple(self.axes)
        for name, value in (("rows", self.rows), ("curves", self.curves), ("axes", panels)):
            object.__setattr__(self, name, tuple(value))
        if not self.rows or any(curve.panel not in range(len(panels)) for curve in self.curves):
            raise BackproofError(
                "Evidence",
                f"{len(self.rows)} rows, panels {sorted({c.panel for c in self.curves})}",
                f"a row at least, and panels below {len(panels)}",
                "give each panel its Axes",
            )

    @property
    def panels(self) -> tuple[Axes, ...]:
        """The axes of each panel."""
        return (self.axes,) if isinstance(self.axes, Axes) else tuple(self.axes)

    @property
    def holds(self) -> bool:
        """Whether every row holds."""
        return all(row.holds for row in self.rows)

    def to_dict(self) -> dict[str, Any]:
        """The table as data."""
        return {"holds": self.holds, "rows": [row.to_dict() for row in self.rows]}

    def __str__(self) -> str:
        table = [HEADER, *(row.cells for row in self.rows)]
        widths = [max(len(cells[n]) for cells in table) for n in range(len(HEADER))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
            for cells in table
        ]
        return "\n".join(lines)


def shown(value: Any) -> str:
    """A number as a reader wants it: short rationals as they are, others to six digits.

    >>> shown(Fraction(1, 6)), shown(2**0.5), shown((1, 2)), shown(Fraction(10**20, 3**40))
    ('1/6', '1.41421', '1, 2', '≈ 8.22526')
    """
    if isinstance(value, Fraction | sp.Rational) and len(str(value)) > 12:
        return f"≈ {float(value):.6g}"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        return f"{float(value):.6g}"
    if isinstance(value, mpmath.mpf):
        return str(mpmath.nstr(value, 12))
    if isinstance(value, sp.Float):
        return str(value.round(12) if value >= 1 else sp.Float(value, 12))
    if isinstance(value, list | tuple):
        return ", ".join(map(shown, value))
    return str(value)


def exactly(value: Any) -> str:
    """The whole of a number as text."""
    if isinstance(value, list | tuple):
        return ", ".join(map(exactly, value))
    return repr(float(value)) if isinstance(value, float | np.floating) else str(value)


def _minus(right: Any, left: Any) -> Any:
    """right − left, exactly where one side is symbolic."""
    if isinstance(left, sp.Basic) or isinstance(right, sp.Basic):
        return sp.sympify(right) - sp.sympify(left)
    if isinstance(left, Fraction) and isinstance(right, float):
        return right - float(left) if not np.isfinite(right) else Fraction(right) - left
    if isinstance(right, Fraction) and isinstance(left, float):
        return float(right) - left if not np.isfinite(left) else right - Fraction(left)
    return right - left
