"""`theorem` and `check`: a theorem by its name, and what its check finds."""

from __future__ import annotations

from typing import Any

from backproof.numerics.evidence import Evidence, Progress
from backproof.theory.errors import BackproofError
from backproof.theory.theorems import BY_NAME, Theorem


def theorem(name: str) -> Theorem:
    """The theorem of a name: hypotheses, conclusion, proof and reference as fields.

    Raises `BackproofError` for a name that is not one of `backproof.theorems.BY_NAME`.

    >>> print(theorem("cybenko").says)
    sums Σ α_j σ(w_j·x + b_j) are dense in C([0,1]ⁿ), in the sup norm
    """
    if name not in BY_NAME:
        raise BackproofError("theorem", repr(name), f"one of {', '.join(BY_NAME)}", "pick one")
    return BY_NAME[name]


def check(name: str | Theorem, progress: Progress | None = None) -> Evidence:
    """Run the check of a theorem: rows of predicted against measured, and curves.

    ``progress(stage, done, total)`` is called as it goes. Raises `BackproofError` for a theorem
    whose proof is cited and that has no numbers to compare.
    """
    found = name if isinstance(name, Theorem) else theorem(name)
    evidence = checked(found, progress)
    if evidence is None:
        from backproof.numerics.checks import CHECKS

        have = ", ".join(CHECKS) or "none yet"
        raise BackproofError(f"theorem {found.name}", "no check", have, "read its proof")
    return evidence


def checked(found: Theorem, progress: Any = None) -> Evidence | None:
    """The evidence of a theorem, or nothing where it has no check."""
    from backproof.numerics.checks import CHECKS  # the checks of every part: only when asked

    return CHECKS[found.name](progress) if found.name in CHECKS else None
