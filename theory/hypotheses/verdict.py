"""What can be said of a hypothesis: that it holds, that it fails, or honestly neither."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """``status`` is "holds", "fails" or "unknown"; ``reason`` says why.

    >>> print(Verdict("holds", "the limits are 0 and 1"))
    holds: the limits are 0 and 1
    """

    status: str
    reason: str

    def __str__(self) -> str:
        return f"{self.status}: {self.reason}"

    def __bool__(self) -> bool:
        raise TypeError("a verdict may be unknown: compare .status")


def holds(reason: str) -> Verdict:
    """It is so."""
    return Verdict("holds", reason)


def fails(reason: str) -> Verdict:
    """It is not so."""
    return Verdict("fails", reason)


def unknown(reason: str) -> Verdict:
    """It was not decided."""
    return Verdict("unknown", reason)
