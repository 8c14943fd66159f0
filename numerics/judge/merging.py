"""The verdicts of several runs of one function as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from backproof.numerics.judge.finding import Finding
from backproof.numerics.judge.verification import VERDICTS, Effort, Verification

SEVERITY = ("verified", "not checked", "convention differs", "refuted")
STATES = ("right", "open", "convention differs", "wrong")
assert set(SEVERITY) == set(VERDICTS)


class Configured(Protocol):
    """A run: in which configuration, and whether what is judged has to hold there."""

    @property
    def asked(self) -> bool:
        """Whether it has to hold there."""

    @property
    def words(self) -> str:
        """The configuration for a reader."""


def merged_runs(
    runs: Sequence[tuple[Any, Verification]], extra: Sequence[Finding] = ()
) -> Verification:
    """One verification: the worst verdict of the runs that are asked, notes about the others."""
    asked = [(run, result) for run, result in runs if run.asked]
    worst = max((result for _, result in asked), key=lambda r: SEVERITY.index(r.verdict))
    verdict = worst.verdict
    if verdict == "verified" and any(f.weight == "convention" for f in extra):
        verdict = "convention differs"
    outputs: dict[str, str] = {}
    for _, result in asked:
        for name, state in result.outputs.items():
            outputs[name] = max(outputs.get(name, state), state, key=STATES.index)
    findings = [*_findings(asked, worst), *_aside(runs), *extra]
    efforts = [result.effort for _, result in runs]
    first = efforts[0]
    effort = Effort(
        sum(e.points for e in efforts),
        dict(sum((Counter(e.regimes) for e in efforts), Counter())),
        tuple(dict.fromkeys(s for e in efforts for s in e.sizes)),
        first.dtype,
        first.seed,
        first.safety,
        first.unit,
        dict(sum((Counter(e.left_out) for e in efforts), Counter())),
        {k: v for e in efforts for k, v in e.domain.items()},
        tuple(run.words for run, _ in runs if run.words),
        first.exact,
        first.including,
    )
    return replace(worst, verdict=verdict, findings=tuple(findings), outputs=outputs, effort=effort)


def _findings(asked: Sequence[tuple[Any, Verification]], worst: Verification) -> list[Finding]:
    """The findings of the worst run, with its configuration where there were several."""
    (run,) = (r for r, result in asked if result is worst)
    if len(asked) == 1 or not run.words:
        return list(worst.findings)
    return [
        replace(f, at=f"{f.at}, {run.words}" if f.at else run.words) if f.weight != "note" else f
        for f in worst.findings
    ]


def _aside(runs: Sequence[tuple[Any, Verification]]) -> list[Finding]:
    """Notes about configurations beyond what is asked in which it is not right."""
    found = []
    for run, result in runs:
        if not run.asked and result.verdict != "verified":
            wrong = [f for f in result.findings if f.weight == "wrong"]
            what = f"{wrong[0].where}: {wrong[0].found}" if wrong else result.verdict
            move = f"fix {run.words} in the specification if that is part of the promise"
            found.append(
                Finding("beyond", "note", result.title, f"with {run.words}, {what}", "right", move)
            )
    return found
