"""The result of a verification: the verdict, what it rests on, and the whole explanation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from backproof.numerics.judge.clauses import Clause, clauses_at_points
from backproof.numerics.judge.finding import Finding

VERDICTS = ("verified", "refuted", "convention differs", "not checked")


class Evidence(NamedTuple):
    """A row for a document: a statement, its verdict, what that rests on, and how it was found."""

    statement: str
    verdict: str
    rests_on: tuple[str, ...]
    detail: str


@dataclass(frozen=True)
class Effort:
    """What was tried: how many points of which kinds, in which format, with which tolerance."""

    points: int
    regimes: dict[str, int]
    sizes: tuple[str, ...]
    dtype: str
    seed: int
    safety: int
    unit: float
    left_out: dict[str, int] = field(default_factory=dict)
    domain: dict[str, str] = field(default_factory=dict)
    configurations: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()  # outputs that are compared without a tolerance
    including: tuple[str, ...] = ()  # kinds of points that the caller's contract speaks of

    def clauses(self, result: Verification) -> tuple[Clause, ...]:
        """The rows of a function that was called at these points."""
        return clauses_at_points(
            result.title, result.outputs, result.findings, self.points, self.exact, self.including
        )

    def lines(self) -> list[str]:
        """The effort in words."""
        kinds = ", ".join(f"{name} ({n})" for name, n in self.regimes.items())
        plural = "" if self.points == 1 else "s"
        sizes = f", {len(self.sizes)} assignments of sizes" if len(self.sizes) > 1 else ""
        lines = [
            f"{self.points} point{plural} in {self.dtype}{sizes}, seed {self.seed}",
            f"kinds of numbers: {kinds}",
            f"tolerance: {self.safety} × the running error bound of the derived equations, "
            f"entry by entry, with unit roundoff {self.unit:.2g}",
            "reference: the derived equations in extended precision",
        ]
        if self.configurations:
            lines.append(f"configurations: {'; '.join(self.configurations)}")
        if self.domain:
            asked = ", ".join(f"{name} {DOMAIN[kind]}" for name, kind in self.domain.items())
            lines.append(f"drawn where the equations are defined: {asked}")
        for reason, n in self.left_out.items():
            lines.append(f"{n} point{'s' if n > 1 else ''} left out: {reason}")
        return lines


DOMAIN = {"positive": "positive", "unit": "between 0 and 1"}


@dataclass(frozen=True)
class Verification:
    """What `verify` found.

    ``verdict`` is one of `VERDICTS`; ``findings`` are what speaks against the function, or is
    worth knowing; ``outputs`` says of each output whether it is "right", "wrong" or "open";
    ``diagnosis`` says where a wrong one goes wrong and why, with a small example that runs.
    """

    title: str
    verdict: str
    findings: tuple[Finding, ...]
    rests_on: frozenset[str]
    outputs: dict[str, str]
    effort: Effort
    diagnosis: Any = None

    def require(self, *also: str) -> Verification:
        """Raise `AssertionError` with the whole explanation unless it is verified.

        Further verdicts may be allowed: ``require("convention differs")``.
        """
        if self.verdict not in ("verified", *also):
            raise AssertionError(str(self))
        return self

    def __bool__(self) -> bool:
        raise TypeError("a verification is no yes or no: ask for .verdict, or call .require()")

    def __str__(self) -> str:
        from backproof.numerics.judge.report import report

        return report(self)

    def __repr__(self) -> str:
        return f"<verification of {self.title}: {self.verdict}>"

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """A row for each clause and object: its verdict, and the level at which it was checked."""
        return tuple(self.effort.clauses(self))

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Rows for a document: one for each output, one for each finding that is no value."""
        rests_on = tuple(sorted(self.rests_on))
        effort = f"{self.effort.points} points in {self.effort.dtype}, seed {self.effort.seed}"
        verdicts = {"right": "verified", "wrong": "refuted", "open": "not checked"}
        causes = "; ".join(c.words for c in getattr(self.diagnosis, "causes", ()))
        rows = []
        for name, state in self.outputs.items():
            verdict = verdicts.get(state, state)
            own = [f for f in self.findings if f.where == name and f.weight == "wrong"]
            detail = [effort, *(f"{f.found}, expected {f.expected}" for f in own)]
            if state == "wrong" and causes:
                detail.append(f"it looks like this: {causes}")
            grounds = rests_on if verdict != "not checked" else ()
            statement = f"`{name}` of `{self.title}` follows the equations"
            rows.append(Evidence(statement, verdict, grounds, "; ".join(detail)))
        for finding in self.findings:
            if finding.where not in self.outputs and finding.weight != "note":
                verdict = "refuted" if finding.weight == "wrong" else "convention differs"
                statement = f"`{self.title}` keeps to its promise: {finding.clause}"
                detail_ = f"{finding.where}: {finding.found}, expected {finding.expected}"
                rows.append(Evidence(statement, verdict, rests_on, detail_))
        return tuple(rows)

    def to_dict(self) -> dict[str, Any]:
        """The whole result as data that JSON can hold."""
        return {
            "function": self.title,
            "verdict": self.verdict,
            "rests_on": sorted(self.rests_on),
            "outputs": dict(self.outputs),
            "clauses": [c.to_dict() for c in self.clauses],
            "findings": [f.to_dict() for f in self.findings],
            "diagnosis": None if self.diagnosis is None else self.diagnosis.to_dict(),
            "effort": {
                "points": self.effort.points,
                "regimes": dict(self.effort.regimes),
                "sizes": list(self.effort.sizes),
                "dtype": self.effort.dtype,
                "seed": self.effort.seed,
                "safety": self.effort.safety,
                "unit_roundoff": self.effort.unit,
                "left_out": dict(self.effort.left_out),
                "domain": dict(self.effort.domain),
                "configurations": list(self.effort.configurations),
            },
        }
