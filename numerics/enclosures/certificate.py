"""Certificates: lower ≤ ‖N − f‖ ≤ upper as a claim, with the boxes that show it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from backproof.numerics.enclosures.rounding import Array
from backproof.theory.claims import Claim


class EvidenceRow(NamedTuple):
    """One row for a document."""

    statement: str
    verdict: str
    rests_on: tuple[str, ...]
    detail: str


@dataclass(frozen=True)
class Certificate(Claim):
    """``lower ≤ ‖N − f‖ ≤ upper``.

    ``point`` is where |N − f| ≥ ``lower``, for a supremum (`None` for other norms).  ``low`` and
    ``high`` of shape (boxes, d) are the boxes of a cover of the ``domain`` and ``bounds`` the bound
    on each: what another engine needs to check the claim again.  ``met`` says whether
    (upper − lower)/lower is as small as was asked.  ``proof`` is what Coq said, if it was asked.
    """

    lower: float = 0.0
    upper: float = float("inf")
    point: tuple[float, ...] | None = None
    met: bool = True
    engine: str = "float"
    norm: str = "sup"
    low: Array = field(default_factory=lambda: np.empty((0, 1)), repr=False, compare=False)
    high: Array = field(default_factory=lambda: np.empty((0, 1)), repr=False, compare=False)
    bounds: Array = field(default_factory=lambda: np.empty(0), repr=False, compare=False)
    enclosed: int = 0
    functions: tuple[Any, Any] | None = field(default=None, repr=False, compare=False)
    domain: tuple[tuple[Array, Array], ...] = field(default=(), repr=False, compare=False)
    proof: Any = field(default=None, repr=False, compare=False)

    def proved_by(self, proof: Any) -> Certificate:
        """The same claim with what Coq said; it rests on that alone where everything was proved."""
        if proof.verdict != "proved":
            return replace(self, proof=proof)
        trusted = (f"{proof.coq} and {len(proof.axioms)} axioms that the proof lists",)
        return replace(
            self, proof=proof, engine="coq", rests_on=proof.rests_on, assumptions=trusted
        )

    def __str__(self) -> str:
        lines = [
            f"{self.lower:.9g} ≤ {self.statement} ≤ {self.upper:.9g} "
            f"(by: {', '.join(sorted(self.rests_on))})"
        ]
        if self.point is not None:
            place = ", ".join(f"{x!r}" for x in self.point)
            lines.append(
                f"the lower bound is met at x = {place if len(self.point) == 1 else f'({place})'}"
            )
        lines.append(f"{len(self.bounds)} boxes, engine: {self.engine}")
        if not self.met:
            lines.append("the two bounds are farther apart than was asked")
        lines += [] if self.proof is None else str(self.proof).splitlines()[1:]
        if self.proof is not None and self.proof.verdict != "proved":
            lines.append(f"{self.proof.verdict} by Coq; the bounds rest on the float engine")
        lines += [f"assumed: {words}" for words in self.assumptions]
        return "\n".join(lines)

    @property
    def rtol(self) -> float:
        """(upper − lower)/lower."""
        return (self.upper - self.lower) / self.lower if self.lower > 0 else float("inf")

    @property
    def evidence(self) -> tuple[EvidenceRow, ...]:
        """The row that a document shows."""
        detail = f"{self.lower:.9g} ≤ {self.upper:.9g}, {len(self.bounds)} boxes, {self.engine}"
        grounds = tuple(sorted(self.rests_on))
        return (EvidenceRow(f"the bounds of {self.statement}", "verified", grounds, detail),)

    def to_dict(self) -> dict[str, Any]:
        """The claim as data that JSON can hold, without the boxes."""
        return {
            "statement": self.statement,
            "norm": self.norm,
            "lower": self.lower,
            "upper": self.upper,
            "point": None if self.point is None else list(self.point),
            "met": self.met,
            "engine": self.engine,
            "boxes": len(self.bounds),
            "rests_on": sorted(self.rests_on),
            "assumptions": list(self.assumptions),
            **({} if self.proof is None else {"proof": self.proof.to_dict()}),
        }
