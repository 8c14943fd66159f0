"""A finding: what was seen of the function under test, and how much it weighs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

WEIGHTS = ("wrong", "convention", "note")  # refutes; another legitimate choice; worth knowing


@dataclass(frozen=True)
class Finding:
    """One clause that the function breaks (or something worth knowing), with an example.

    ``clause`` is one of `backproof.numerics.judge.calls.contract.CLAUSES` or of the values' own:
    "value", "finite", "convention", "undecided".  ``where`` names the object, ``at`` the point,
    ``times`` at how many points of ``tried`` it was seen.

    >>> print(Finding("shape", "wrong", "dW1", "shape (2, 3)", "(3, 2)", "transpose it"))
    dW1: found shape (2, 3); expected (3, 2). Next: transpose it.
    """

    clause: str
    weight: str
    where: str
    found: str
    expected: str
    move: str
    at: str = ""
    times: int = 1
    tried: int = 1

    def __str__(self) -> str:
        text = f"{self.where}: found {self.found}; expected {self.expected}. Next: {self.move}."
        if self.at and self.tried > 1:
            text += f" (at {self.times} of {self.tried} points; this one: {self.at})"
        elif self.at:
            text += f" (at: {self.at})"
        return text

    def to_dict(self) -> dict[str, Any]:
        """The finding as data."""
        return {
            "clause": self.clause,
            "weight": self.weight,
            "where": self.where,
            "found": self.found,
            "expected": self.expected,
            "next": self.move,
            "at": self.at,
            "points": [self.times, self.tried],
        }
